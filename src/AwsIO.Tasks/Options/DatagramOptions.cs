namespace AwsIO.Tasks;

/// <summary>How a socket for datagrams behaves. Empty options are sensible.</summary>
public sealed class DatagramOptions
{
    /// <summary>How the socket behaves; its type is that of datagrams, and its domain follows the address.</summary>
    public SocketOptions Socket { get; set; } = new();

    /// <summary>
    /// How many bytes of a datagram are kept, 1 to <see cref="DatagramBatch.LargestDatagram"/>; 2,048 by default. What a larger one has
    /// beyond that is lost, and it is told as truncated.
    /// </summary>
    public int MaxDatagramSize { get; set; } = 2048;

    /// <summary>
    /// How many datagrams wait for <see cref="IoDatagramSocket.ReceiveAsync"/>, 1 or more; 256 by default, and up to a batch of 32 more.
    /// While so many wait, nothing is taken from the system: its buffer fills, and what comes then it drops, or, of the Unix domain, has
    /// the sender wait.
    /// </summary>
    public int MaxWaiting { get; set; } = 256;

    /// <summary>Where code goes on after an <c>await</c>; null for the runtime's choice.</summary>
    public ContinuationMode? ContinuationMode { get; set; }

    /// <summary>The loop that the socket lives on; null for the runtime's choice.</summary>
    public EventLoop? EventLoop { get; set; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Socket, "options.Socket");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxDatagramSize, "options.MaxDatagramSize");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDatagramSize, DatagramBatch.LargestDatagram, "options.MaxDatagramSize");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaiting, "options.MaxWaiting");
    }
}
