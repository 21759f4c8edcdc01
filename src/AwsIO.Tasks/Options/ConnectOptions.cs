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

    internal static TimeSpan DefaultCloseTimeout => TimeSpan.FromSeconds(10);

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
    }
}
