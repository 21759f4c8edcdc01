using System.Diagnostics;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>How long a race goes on: so many rounds, or on a machine that is busy with other things what fits into a while.</summary>
internal sealed class Pace(int rounds, TimeSpan? limit = null)
{
    private static readonly TimeSpan s_while = TimeSpan.FromSeconds(20);

    private readonly TimeSpan _limit = limit ?? s_while;
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _round;

    internal bool GoesOn() => _round++ < rounds && Stopwatch.GetElapsedTime(_start) < _limit;
}
