namespace AwsIO.Tasks;

/// <summary>How a connection is made. Empty options are sensible.</summary>
public sealed class ConnectOptions
{
    /// <summary>TLS; null, the default, for none.</summary>
    public TlsClientOptions? Tls { get; set; }

    /// <summary>How the socket behaves; its domain follows the address.</summary>
    public SocketOptions Socket { get; set; } = new();

    /// <summary>How long everything together may take: look-up, dialling, TLS; no limit by default, beyond those of each step.</summary>
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>How long one address is tried before the next is tried beside it; 250 ms by default.</summary>
    public TimeSpan AttemptDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The loop that the connection is to live on; null to have the runtime choose.</summary>
    public EventLoop? EventLoop { get; set; }

    /// <summary>Where code goes on after an <c>await</c>; null for the runtime's choice.</summary>
    public ContinuationMode? ContinuationMode { get; set; }

    /// <summary>The most bytes that are received before the application reads them; 256 KiB by default.</summary>
    public int ReadWindow { get; set; } = IoConnection.DefaultReadWindow;

    /// <summary>Refuses figures that no connection can have, before anything is started.</summary>
    internal void Validate()
    {
        if (Timeout != System.Threading.Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero, "options.Timeout");
            ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, TimeSpan.FromMilliseconds(int.MaxValue), "options.Timeout");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReadWindow, "options.ReadWindow");
    }
}
