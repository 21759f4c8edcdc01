namespace AwsIO;

/// <summary>Where to listen, and how (<c>aws_server_socket_channel_bootstrap_options</c>).</summary>
public sealed class ServerListenOptions
{
    /// <summary>The address; port 0 has a free one chosen, which <see cref="ServerListener.LocalEndpoint"/> tells.</summary>
    public required SocketEndpoint Endpoint { get; init; }

    /// <summary>How sockets behave; their domain follows the address.</summary>
    public SocketOptions SocketOptions { get; init; } = new();

    /// <summary>TLS for incoming connections; null for none.</summary>
    public TlsConnectionOptions? Tls { get; init; }

    /// <summary>
    /// Told once for each connection: a channel that is ready, TLS included, or why it could not be set up. Connections come on any
    /// loop of the group. Required.
    /// </summary>
    public required ChannelSetupCallback OnIncomingChannel { get; init; }

    /// <summary>Told once when a channel that was set up has shut down, with the first reason.</summary>
    public ChannelCallback? OnChannelShutdown { get; init; }

    /// <summary>Told once when the listening socket is closed, and its port free; channels may go on.</summary>
    public Action<ServerListener>? OnClosed { get; init; }

    /// <summary>Told once when the listener is closed and all its channels have ended.</summary>
    public Action<ServerListener>? OnDestroyed { get; init; }

    /// <summary>Handed to the channel callbacks.</summary>
    public object? State { get; init; }

    /// <summary>Whether handlers are given only what their read windows have room for; on by default.</summary>
    public bool EnableReadBackPressure { get; init; } = true;

    /// <summary>
    /// How long a graceful shutdown may take to deliver what was received and what was written
    /// (<see cref="IoChannelOptions.ShutdownTimeout"/>); 10 seconds by default, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; init; } = IoChannelOptions.DefaultShutdownTimeout;

    /// <summary>
    /// How many bytes each connection moves at a time (<see cref="IoChannelOptions.FragmentSize"/>): what one turn reads, before it grows,
    /// and the most that one written message has with all overheads. 16 KiB by default, from 256 bytes to 256 KiB.
    /// </summary>
    public int FragmentSize { get; init; } = IoChannelOptions.DefaultFragmentSize;

    /// <summary>
    /// How many bytes may wait to be sent before <see cref="IoChannel.IsWritable"/> is false and the handlers are told
    /// (<see cref="IoChannelOptions.WriteHighWatermark"/>); 64 KiB by default, not negative.
    /// </summary>
    public long WriteHighWatermark { get; init; } = IoChannelOptions.DefaultWriteHighWatermark;

    /// <summary>To how many bytes that must have fallen before it is true again; 32 KiB by default, from 0 to the high one.</summary>
    public long WriteLowWatermark { get; init; } = IoChannelOptions.DefaultWriteLowWatermark;

    /// <summary>How many connections may wait to be accepted; 1,024 by default, and the system may allow fewer.</summary>
    public int Backlog { get; init; } = 1024;

    /// <summary>
    /// How many connections may have come without <see cref="ServerListener.OnTaken"/> having been called for them; at that many accepting
    /// pauses. No bound by default.
    /// </summary>
    internal int MaxUntaken { get; init; } = int.MaxValue;

    internal ChannelLimits Limits => new()
    {
        EnableReadBackPressure = EnableReadBackPressure,
        ShutdownTimeout = ShutdownTimeout,
        FragmentSize = FragmentSize,
        WriteHighWatermark = WriteHighWatermark,
        WriteLowWatermark = WriteLowWatermark,
    };
}
