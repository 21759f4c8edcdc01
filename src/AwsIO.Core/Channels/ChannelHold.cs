namespace AwsIO;

/// <summary>
/// Keeps a channel's handlers, and its loop group, until it is disposed of: they are destroyed once the channel has shut down and nobody holds
/// it any more (<c>aws_channel_acquire_hold</c>, <c>aws_channel_release_hold</c>). It does not keep the channel from shutting down.
/// </summary>
public sealed class ChannelHold : IDisposable
{
    private IoChannel? _held;

    internal ChannelHold(IoChannel channel)
    {
        Channel = channel;
        _held = channel;
    }

    /// <summary>The channel. Any thread.</summary>
    public IoChannel Channel { get; }

    /// <summary>Lets the channel go. Any thread, any number of times; what is destroyed is destroyed by a task of the loop.</summary>
    public void Dispose() => Interlocked.Exchange(ref _held, null)?.ReleaseHold();
}
