namespace AwsIO;

/// <summary>Bytes that a channel's socket has moved (<c>aws_crt_statistics_socket</c>); with TLS, those of the ciphertext.</summary>
public sealed class SocketStatistics : ChannelStatistics
{
    /// <summary>Makes statistics of a transport: for first handlers of one's own.</summary>
    public SocketStatistics()
        : base(FirstCategory)
    {
    }

    /// <summary>Bytes received since the last report.</summary>
    public long BytesRead { get; set; }

    /// <summary>Bytes that the kernel has taken since the last report.</summary>
    public long BytesWritten { get; set; }

    /// <summary>Bytes received since the beginning.</summary>
    public long TotalBytesRead { get; set; }

    /// <summary>Bytes that the kernel has taken since the beginning.</summary>
    public long TotalBytesWritten { get; set; }

    /// <summary>Bytes that were written and wait for the kernel to take them, at this moment.</summary>
    public long BytesQueued { get; set; }
}
