namespace AwsIO;

/// <summary>What to connect to, and how (<c>aws_socket_channel_bootstrap_options</c>).</summary>
public sealed class ClientConnectOptions : IConnectionEnd
{
    /// <summary>The host's name or address; required unless <see cref="Endpoint"/> is set.</summary>
    public string? Host { get; init; }

    /// <summary>The port, 1 to 65535, with <see cref="Host"/>.</summary>
    public int Port { get; init; }

    /// <summary>Where to connect without a look-up, such as a Unix domain path; in place of <see cref="Host"/> and <see cref="Port"/>.</summary>
    public SocketEndpoint? Endpoint { get; init; }

    /// <summary>How sockets behave; their domain follows the address.</summary>
    public SocketOptions SocketOptions { get; init; } = new();

    /// <summary>TLS for the connection; null for none. Its server name, where there is none, becomes <see cref="Host"/>.</summary>
    public TlsConnectionOptions? Tls { get; init; }

    /// <summary>Told once: a channel that is ready, TLS included, or why there is none. Required.</summary>
    public required ChannelSetupCallback OnSetup { get; init; }

    /// <summary>Told once when a channel that was set up has shut down, with the first reason.</summary>
    public ChannelCallback? OnShutdown { get; init; }

    /// <summary>Handed to the callbacks.</summary>
    public object? State { get; init; }

    /// <summary>Whether handlers are given only what their read windows have room for; on by default.</summary>
    public bool EnableReadBackPressure { get; init; } = true;

    /// <summary>
    /// How long a graceful shutdown may take to deliver what was received and what was written
    /// (<see cref="IoChannelOptions.ShutdownTimeout"/>); 10 seconds by default, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; init; } = IoChannelOptions.DefaultShutdownTimeout;

    /// <summary>
    /// How many bytes the connection moves at a time (<see cref="IoChannelOptions.FragmentSize"/>): what one turn reads, before it grows,
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

    /// <summary>The loop that the connection is to live on; null to have the group choose.</summary>
    public EventLoop? EventLoop { get; init; }

    /// <summary>
    /// How long one address is tried before the next is tried beside it (RFC 8305): 250 ms by default; zero tries all at once.
    /// </summary>
    public TimeSpan AttemptDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    internal ChannelLimits Limits => new()
    {
        EnableReadBackPressure = EnableReadBackPressure,
        ShutdownTimeout = ShutdownTimeout,
        FragmentSize = FragmentSize,
        WriteHighWatermark = WriteHighWatermark,
        WriteLowWatermark = WriteLowWatermark,
    };

    void IConnectionEnd.OnEnded(IoChannel channel, IoError reason, bool wasSetUp)
    {
        if (wasSetUp)
        {
            OnShutdown?.Invoke(channel, reason, State);
        }
    }

    /// <summary>Says what is missing or wrong, or gives no error.</summary>
    internal IoError Validate()
    {
        IoError invalid = Limits.Validate();
        invalid = invalid.IsNone ? SocketOptions.Validate() : invalid;
        if (invalid.IsError)
        {
            return invalid;
        }

        if (Endpoint is { } endpoint)
        {
            return endpoint.ValidateForConnect();
        }

        if (string.IsNullOrEmpty(Host))
        {
            return new IoError(IoErrorCode.InvalidArgument, "Neither Host nor Endpoint says where to connect to.");
        }

        return Port is < 1 or > 65535
            ? new IoError(IoErrorCode.SocketInvalidAddress, $"Port {Port} cannot be connected to; it must be between 1 and 65535.")
            : IoError.None;
    }
}
