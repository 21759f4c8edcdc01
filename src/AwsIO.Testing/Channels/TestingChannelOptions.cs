namespace AwsIO.Testing;

/// <summary>How a <see cref="TestingChannel"/> is made; the names and defaults are those of <see cref="IoChannelOptions"/>.</summary>
public sealed class TestingChannelOptions
{
    /// <summary>The loops that it lives on, the first of them; null, the default, for a group of its own.</summary>
    public ManualLoopGroup? Loops { get; init; }

    /// <summary>Whether read windows count; on by default.</summary>
    public bool EnableReadBackPressure { get; init; } = true;

    /// <summary>How many bytes are moved at a time.</summary>
    public int FragmentSize { get; init; } = IoChannelOptions.DefaultFragmentSize;

    /// <summary>How many bytes may wait to be sent before the channel is not writable.</summary>
    public long WriteHighWatermark { get; init; } = IoChannelOptions.DefaultWriteHighWatermark;

    /// <summary>To how many that must have fallen before it is again.</summary>
    public long WriteLowWatermark { get; init; } = IoChannelOptions.DefaultWriteLowWatermark;

    /// <summary>How long a graceful shutdown may take, of the virtual clock.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = IoChannelOptions.DefaultShutdownTimeout;
}
