namespace AwsIO;

/// <summary>How long a channel may be quiet: for a <see cref="ChannelTimeoutHandler"/>.</summary>
public sealed class ChannelTimeoutOptions
{
    /// <summary>
    /// How long nothing may come while something could: time in which the right neighbour took nothing does not count, nor does time after
    /// the peer's end. No limit by default.
    /// </summary>
    public TimeSpan ReadTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long what waits to be sent may make no progress at all; however slow, progress is progress. Looked at four times in that span, so
    /// that it is found at most a quarter late. No limit by default.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long nothing may come nor be written. No limit by default.</summary>
    public TimeSpan IdleTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Told on the loop's thread when a span has passed, and again when it has passed once more. Null, the default, ends the channel with
    /// <see cref="IoErrorCode.SocketTimeout"/>: at once where writing is stuck, as nothing could be delivered, otherwise gracefully.
    /// </summary>
    public Action<IoChannel, ChannelTimeoutKind>? OnTimeout { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A span is neither positive nor infinite.</exception>
    internal void Check(string prefix = "")
    {
        Check(ReadTimeout, prefix + nameof(ReadTimeout));
        Check(WriteTimeout, prefix + nameof(WriteTimeout));
        Check(IdleTimeout, prefix + nameof(IdleTimeout));
    }

    private static void Check(TimeSpan span, string name)
    {
        if (span <= TimeSpan.Zero && span != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, span, "A timeout is positive, or infinite.");
        }
    }
}
