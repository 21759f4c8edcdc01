using System.Diagnostics;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>
/// How long a race goes on: so many rounds, or on a machine that is busy with other things what fits into a while, but never so few that
/// they prove nothing.
/// </summary>
internal sealed class Pace
{
    private static readonly TimeSpan s_while = TimeSpan.FromSeconds(20);

    private readonly TimeSpan _limit;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly int _rounds;
    private readonly int _least;
    private int _round;

    internal Pace(int rounds)
        : this(rounds, rounds / 50, s_while)
    {
    }

    private Pace(int rounds, int least, TimeSpan limit)
    {
        _rounds = rounds;
        _least = least;
        _limit = limit;
    }

    /// <summary>All the rounds, however long they take.</summary>
    internal static Pace All(int rounds) => new(rounds, rounds, TimeSpan.MaxValue);

    internal bool GoesOn()
    {
        if (_round == _rounds || Stopwatch.GetElapsedTime(_start) >= _limit)
        {
            return false;
        }

        _round++;
        return true;
    }

    /// <summary>To be called at the end by what has done each of its rounds.</summary>
    /// <param name="done">How many the race itself has counted.</param>
    internal void AssertEnough(int done)
    {
        Assert.Equal(_round, done);
        Assert.InRange(done, _least, _rounds);
    }
}
