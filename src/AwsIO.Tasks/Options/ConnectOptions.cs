namespace AwsIO.Tasks;

/// <summary>How a connection is made. Empty options are sensible.</summary>
public sealed class ConnectOptions
{
    /// <summary>TLS; null, the default, for none.</summary>
    public TlsClientOptions? Tls { get; set; }

    /// <summary>How the socket behaves; its domain follows the address.</summary>
    public SocketOptions Socket { get; set; } = new();

    /// <summary>
    /// How long everything together may take, look-up, dialling of all addresses and TLS handshake: 30 seconds by default,
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit beyond those of each step. Then connecting fails with
    /// <see cref="IoErrorCode.SocketTimeout"/>.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the connection's end may take that <see cref="IoConnection.DisposeAsync"/> starts, to deliver what was written and to say
    /// goodbye: 10 seconds by default, <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit. What is not delivered then is
    /// dropped.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = DefaultCloseTimeout;

    /// <summary>How long one address is tried before the next is tried beside it; 250 ms by default.</summary>
    public TimeSpan AttemptDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The loop that the connection is to live on; null to have the runtime choose.</summary>
    public EventLoop? EventLoop { get; set; }

    /// <summary>Where code goes on after an <c>await</c>; null for the runtime's choice.</summary>
    public ContinuationMode? ContinuationMode { get; set; }

    /// <summary>The most bytes that are received before the application reads them; 256 KiB by default.</summary>
    public int ReadWindow { get; set; } = IoConnection.DefaultReadWindow;

    /// <summary>
    /// How many bytes the connection moves at a time (<see cref="IoChannelOptions.FragmentSize"/>): what one turn reads, before it grows,
    /// and the most that a handler of one's own writes in a message. 16 KiB by default, from 256 bytes to 256 KiB.
    /// </summary>
    public int FragmentSize { get; set; } = IoChannelOptions.DefaultFragmentSize;

    /// <summary>
    /// How many bytes may wait for the peer to take them before <see cref="IoConnection.WriteAsync"/> waits, too, and handlers of one's own
    /// are told (<see cref="IoChannelOptions.WriteHighWatermark"/>); 64 KiB by default, not negative.
    /// </summary>
    public long WriteHighWatermark { get; set; } = IoChannelOptions.DefaultWriteHighWatermark;

    /// <summary>
    /// To how many bytes that must have fallen before handlers of one's own are told that they may write again
    /// (<see cref="IoChannelOptions.WriteLowWatermark"/>); 32 KiB by default, from 0 to the high one.
    /// </summary>
    public long WriteLowWatermark { get; set; } = IoChannelOptions.DefaultWriteLowWatermark;

    /// <summary>
    /// How long the connection may be quiet before it is ended with <see cref="IoErrorCode.SocketTimeout"/>, or you are told: nothing comes,
    /// nothing of what was written is taken, or neither. TLS's own data does not count. Null, the default, for no limit.
    /// </summary>
    public ChannelTimeoutOptions? ChannelTimeouts { get; set; }

    internal static TimeSpan DefaultCloseTimeout => TimeSpan.FromSeconds(10);

    internal ChannelLimits Limits => new()
    {
        FragmentSize = FragmentSize,
        WriteHighWatermark = WriteHighWatermark,
        WriteLowWatermark = WriteLowWatermark,
    };

    /// <summary>Refuses what is no span of time to wait for.</summary>
    internal static void ValidateTimeout(TimeSpan value, string name)
    {
        if (value != System.Threading.Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        }
    }

    /// <summary>Refuses figures that no connection can have, before anything is started.</summary>
    internal void Validate()
    {
        ValidateTimeout(Timeout, "options.Timeout");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, TimeSpan.FromMilliseconds(int.MaxValue), "options.Timeout");
        ValidateTimeout(CloseTimeout, "options.CloseTimeout");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReadWindow, "options.ReadWindow");
        Limits.Check("options.");
        ChannelTimeouts?.Check("options.ChannelTimeouts.");
    }
}
