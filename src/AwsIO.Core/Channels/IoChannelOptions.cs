namespace AwsIO;

/// <summary>How a channel is made (<c>aws_channel_options</c>).</summary>
public sealed class IoChannelOptions
{
    internal const int DefaultFragmentSize = MessagePool.FragmentSize;
    internal const long DefaultWriteHighWatermark = 64 * 1024;
    internal const long DefaultWriteLowWatermark = 32 * 1024;
    internal static readonly TimeSpan DefaultShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The loop that the channel lives on; required.</summary>
    public required EventLoop EventLoop { get; init; }

    /// <summary>Told once, on the loop's thread and never inside the call that makes the channel, that slots may be added; required.</summary>
    public required ChannelCallback OnSetup { get; init; }

    /// <summary>Told once, on the loop's thread, when all handlers have shut down, with the first reason for it.</summary>
    public ChannelCallback? OnShutdown { get; init; }

    /// <summary>Handed to both callbacks.</summary>
    public object? State { get; init; }

    /// <summary>
    /// Whether handlers are given only as many bytes as their read windows have room for; on by default. Off, data comes as fast as
    /// the peer sends it.
    /// </summary>
    public bool EnableReadBackPressure { get; init; } = true;

    /// <summary>
    /// How long a graceful shutdown may take to deliver what was received and what was written; 10 seconds by default. When it has
    /// passed, the rest is dropped.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; init; } = DefaultShutdownTimeout;

    /// <summary>
    /// How many bytes are moved at a time (<c>g_aws_channel_max_fragment_size</c>, here for each channel); 16 KiB by default, from 256 bytes
    /// to 256 KiB. A written message with all overheads is to have no more (<see cref="ChannelSlot.RentMaxWriteMessage"/>), a socket's turn
    /// reads as much, and increments of read windows are gathered while every handler takes more than four times as much.
    /// </summary>
    public int FragmentSize { get; init; } = DefaultFragmentSize;

    /// <summary>
    /// How many bytes may wait to be sent before <see cref="IoChannel.IsWritable"/> is false and the handlers are told; 64 KiB by default.
    /// </summary>
    public long WriteHighWatermark { get; init; } = DefaultWriteHighWatermark;

    /// <summary>To how many bytes that must have fallen before the channel is writable again; 32 KiB by default, at most the high one.</summary>
    public long WriteLowWatermark { get; init; } = DefaultWriteLowWatermark;

    internal ChannelLimits Limits => new()
    {
        EnableReadBackPressure = EnableReadBackPressure,
        ShutdownTimeout = ShutdownTimeout,
        FragmentSize = FragmentSize,
        WriteHighWatermark = WriteHighWatermark,
        WriteLowWatermark = WriteLowWatermark,
    };
}
