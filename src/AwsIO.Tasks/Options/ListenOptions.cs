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
    /// How long a connection's end may take that <see cref="IoConnection.DisposeAsync"/> starts, to deliver what was written and to say
    /// goodbye: 10 seconds by default, <see cref="Timeout.InfiniteTimeSpan"/> for no limit. What is not delivered then is dropped.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = ConnectOptions.DefaultCloseTimeout;

    /// <summary>
    /// Told of each connection that came and could not be set up, such as one whose TLS handshake failed. Called on an event loop: it
    /// must not block. Not called any more once <see cref="IoListener.DisposeAsync"/> has completed.
    /// </summary>
    public Action<IoException>? OnConnectionFailed { get; set; }
}
