namespace AwsIO;

/// <summary>What is told about the handler.</summary>
public sealed partial class TlsChannelHandler
{
    private TlsStatistics? _statistics;
    private long _handshakeStart;
    private long _handshakeEnd;

    /// <inheritdoc/>
    protected internal override WriteProgress WriteProgress => new(0, DeferredBytes);

    /// <inheritdoc/>
    protected internal override void GatherStatistics(ICollection<ChannelStatistics> statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        _statistics ??= new TlsStatistics();
        _statistics.HandshakeStart = _handshakeStart;
        _statistics.HandshakeEnd = _handshakeEnd;
        _statistics.HandshakeStatus = _negotiation switch
        {
            NegotiationState.NotStarted => TlsHandshakeStatus.None,
            NegotiationState.Ongoing => TlsHandshakeStatus.Ongoing,
            NegotiationState.Done => TlsHandshakeStatus.Success,
            _ => TlsHandshakeStatus.Failure,
        };
        statistics.Add(_statistics);
    }
}
