namespace AwsIO.Tasks;

/// <summary>How a listener behaves. Empty options are sensible.</summary>
public sealed class ListenOptions
{
    /// <summary>TLS for incoming connections; null, the default, for none.</summary>
    public TlsServerOptions? Tls { get; set; }

    /// <summary>How the sockets behave; their domain follows the address.</summary>
    public SocketOptions Socket { get; set; } = new();

    /// <summary>
    /// How many connections may wait for <see cref="IoListener.AcceptAsync"/>, their TLS handshakes done; 1,024 by default. While so many
    /// wait, the listener takes no more from the system, where as many again may wait if it allows that; whoever comes then is kept waiting
    /// by it. Handshakes that were under way before that still add to them.
    /// </summary>
    public int Backlog { get; set; } = 1024;

    /// <summary>Where code goes on after an <c>await</c>; null for the runtime's choice.</summary>
    public ContinuationMode? ContinuationMode { get; set; }

    /// <summary>The most bytes that a connection receives before the application reads them; 256 KiB by default.</summary>
    public int ReadWindow { get; set; } = IoConnection.DefaultReadWindow;

    /// <summary>
    /// How many bytes each connection moves at a time (<see cref="IoChannelOptions.FragmentSize"/>): what one turn reads, before it grows,
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
    /// How long a connection may be quiet before it is ended with <see cref="IoErrorCode.SocketTimeout"/>, or you are told: nothing comes,
    /// nothing of what was written is taken, or neither. TLS's own data does not count. Null, the default, for no limit.
    /// </summary>
    public ChannelTimeoutOptions? ChannelTimeouts { get; set; }

    /// <summary>
    /// How long a connection's end may take that <see cref="IoConnection.DisposeAsync"/> starts, to deliver what was written and to say
    /// goodbye: 10 seconds by default, <see cref="Timeout.InfiniteTimeSpan"/> for no limit. What is not delivered then is dropped.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = ConnectOptions.DefaultCloseTimeout;

    /// <summary>
    /// Told of each connection that came and could not be set up, such as one whose TLS handshake failed. Called on an event loop: it
    /// must not block. Not called any more once <see cref="IoListener.DisposeAsync"/> has completed.
    /// </summary>
    public Action<IoException>? OnConnectionFailed { get; set; }

    internal ChannelLimits Limits => new()
    {
        FragmentSize = FragmentSize,
        WriteHighWatermark = WriteHighWatermark,
        WriteLowWatermark = WriteLowWatermark,
    };

    /// <summary>Refuses figures that no connection can have, before anything is started.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReadWindow, "options.ReadWindow");
        ConnectOptions.ValidateTimeout(CloseTimeout, "options.CloseTimeout");
        Limits.Check("options.");
        ChannelTimeouts?.Check("options.ChannelTimeouts.");
    }
}
