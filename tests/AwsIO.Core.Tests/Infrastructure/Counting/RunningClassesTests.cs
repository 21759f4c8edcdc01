using AwsIO.Tests.Shared.Counting;

namespace AwsIO.Tests.Infrastructure.Counting;

/// <summary>Who is to blame where classes run side by side. Here nothing does, so that the process holds what the tests say.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class RunningClassesTests
{
    private readonly RunningClasses _classes = new();

    [Fact]
    public void While_others_run_a_class_may_hold_things_and_give_them_back_later()
    {
        Holdings beforeFirst = _classes.Enter();
        Holdings beforeSecond = _classes.Enter();
        using (new TestPipe())
        {
            _classes.Leave("First", beforeFirst);
        }

        _classes.Leave("Second", beforeSecond);
    }

    [Fact]
    public void Who_had_it_when_it_ended_is_told_of_when_the_last_has_ended()
    {
        Holdings beforeFirst = _classes.Enter();
        Holdings beforeSecond = _classes.Enter();
        _classes.Leave("Second", beforeSecond);
        using TestPipe pipe = new();
        Holdings beforeThird = _classes.Enter();
        _classes.Leave("First", beforeFirst);

        _classes.Limit = TimeSpan.Zero;
        Exception failure = Assert.ThrowsAny<Exception>(() => _classes.Leave("Third", beforeThird));

        Assert.StartsWith("First left behind: descriptor ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_told_of_once_is_not_told_of_again()
    {
        Holdings before = _classes.Enter();
        using TestPipe pipe = new();
        _classes.Limit = TimeSpan.Zero;
        Assert.ThrowsAny<Exception>(() => _classes.Leave("First", before));

        _classes.Limit = Waiting.Limit;
        _classes.Leave("Second", _classes.Enter());
    }
}
