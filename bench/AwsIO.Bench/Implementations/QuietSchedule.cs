using System.Diagnostics;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// When each of a number of quiet connections is to send: one after the other, all of them once in each
/// <see cref="WorkloadOptions.QuietInterval"/>. Asked each millisecond, it has those of that millisecond sent; asked late,
/// those that were missed too, so that a slow implementation does not get less to do.
/// </summary>
internal sealed class QuietSchedule(int connections)
{
    /// <summary>How often to ask.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _sent;

    /// <summary>Tells which connections are due, no more often than once each.</summary>
    public void RunDue(Action<int> send)
    {
        double turns = Stopwatch.GetElapsedTime(_started) / WorkloadOptions.QuietInterval;
        long due = (long)(turns * connections);
        _sent = Math.Max(_sent, due - connections);
        for (; _sent < due; _sent++)
        {
            send((int)(_sent % connections));
        }
    }
}
