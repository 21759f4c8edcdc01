namespace AwsIO;

/// <summary>How a channel is made (<c>aws_channel_options</c>).</summary>
public sealed class IoChannelOptions
{
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
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
