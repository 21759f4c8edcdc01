namespace AwsIO;

/// <summary>
/// Is given what the handlers of a channel have counted, again and again (<c>aws_crt_statistics_handler</c>):
/// <see cref="IoChannel.SetStatisticsHandler"/>.
/// </summary>
/// <remarks>All members are called on the channel's loop's thread. An exception shuts the channel down.</remarks>
public abstract class ChannelStatisticsHandler
{
    /// <summary>
    /// How long an interval is (<c>get_report_interval_ms</c>), at least a millisecond; asked before each one.
    /// </summary>
    protected internal abstract TimeSpan ReportInterval { get; }

    /// <summary>Takes a report (<c>process_statistics</c>). It may shut the channel down, for one that is too slow.</summary>
    /// <param name="interval">Of which span of time.</param>
    /// <param name="statistics">From the leftmost handler to the rightmost one; good during this call only.</param>
    /// <param name="channel">The channel.</param>
    protected internal abstract void Process(in StatisticsInterval interval, IReadOnlyList<ChannelStatistics> statistics, IoChannel channel);

    /// <summary>Another one was set, or the channel is being destroyed. The last call; the default does nothing.</summary>
    protected internal virtual void OnDestroyed()
    {
    }
}
