namespace AwsIO.Tests.ModelChecking;

/// <summary>
/// Every interleaving of a few threads with a loop, store buffers included: no wake-up is lost, every task is called once and in the
/// order that was promised, a sleep costs one wake-up at most, nothing gets in behind the end and is lost, nothing that was closed is
/// touched, no two callbacks run at once, and from wherever the threads are, they come to an end.
/// </summary>
public sealed class LoopModelTests(ITestOutputHelper output)
{
    // What a task goes through on its way to another loop has nothing to do with how a loop waits, and is much to go through.
    public static TheoryData<string, bool> Names => new(LoopModels.All.SelectMany(static model =>
        model.Value.Moved.Count > 0 ? [(model.Key, false)] : new[] { (model.Key, false), (model.Key, true) }));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_interleaving_keeps_what_a_loop_promises(string model, bool spins)
    {
        Exploration found = new LoopModel(LoopModels.Get(model, spins)).Explore();
        output.WriteLine(found.ToString());
        Assert.True(found.Violation is null, found.ToString());
        Assert.True(found.States > 1_000, found.ToString());
    }
}
