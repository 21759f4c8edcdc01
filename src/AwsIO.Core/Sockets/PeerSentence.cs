namespace AwsIO;

/// <summary>What has happened with a peer, whose address is made into text for who reads it only.</summary>
/// <param name="subject">What has happened.</param>
/// <param name="peer">A <see cref="SocketEndpoint"/> or a <see cref="PeerAddress"/>; null for a peer that is not known.</param>
internal sealed class PeerSentence(string subject, object? peer) : ErrorSentence
{
    public override string ToString() => peer switch
    {
        PeerAddress address => $"{subject} with {address.ToEndpoint()}",
        null => subject,
        _ => $"{subject} with {peer}",
    };
}
