using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>
/// Each scenario once for each native call that can fail, for each way in which it can: no crash, no hang, nothing left, each operation
/// answered once. Left out of ordinary runs: <c>./test.sh --torture</c>.
/// </summary>
[Collection(LoopTestCollection.Name)]
[Trait("Category", "Torture")]
public sealed class TortureTests
{
    private const int MostUses = 40;

    [Theory]
    [ClassData(typeof(TortureCases))]
    public async Task A_scenario_stands_each_fault(string scenario, FaultKind kind)
    {
        Assert.SkipUnless(FaultPlan.IsAvailable, "Faults are off: run ./test.sh --torture.");
        Assert.SkipWhen(Torturer.ReplayAsked(out _, out _), "One plan is to be replayed.");
        await Torturer.Torture(Scenarios.Find(scenario), kind, MostUses, isSmoke: false);
    }

    [Fact]
    public async Task A_plan_that_was_printed_is_replayed()
    {
        Assert.SkipUnless(Torturer.ReplayAsked(out string scenario, out string plan), Torturer.HowToReplay);
        Assert.SkipUnless(Scenarios.All.Any(known => known.Name == scenario), "The scenario is another program's.");
        await Torturer.Replay(Scenarios.Find(scenario), plan);
    }
}
