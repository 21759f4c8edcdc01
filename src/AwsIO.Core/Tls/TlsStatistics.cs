namespace AwsIO;

/// <summary>What a channel's TLS handler has to report (<c>aws_crt_statistics_tls</c>). Nothing of it starts anew with a report.</summary>
public sealed class TlsStatistics : ChannelStatistics
{
    internal TlsStatistics()
        : base(FirstCategory + 1)
    {
    }

    /// <summary>When the handshake began: nanoseconds of the loop's <see cref="EventLoop.CurrentTime"/>; 0 before.</summary>
    public long HandshakeStart { get; internal set; }

    /// <summary>When the handshake was done or had failed: nanoseconds of the loop's <see cref="EventLoop.CurrentTime"/>; 0 before.</summary>
    public long HandshakeEnd { get; internal set; }

    /// <summary>How far the handshake has come.</summary>
    public TlsHandshakeStatus HandshakeStatus { get; internal set; }
}
