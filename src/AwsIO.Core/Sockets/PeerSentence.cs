namespace AwsIO;

/// <summary>What has happened with a peer, whose address is made into text for who reads it only.</summary>
/// <param name="subject">What has happened.</param>
/// <param name="preposition">What joins the two.</param>
/// <param name="peer">A <see cref="SocketEndpoint"/> or a <see cref="PeerAddress"/>; null for a peer that is not known.</param>
internal sealed class PeerSentence(string subject, string preposition, object? peer) : ErrorSentence
{
    public override string ToString() => peer switch
    {
        PeerAddress address => $"{subject} {preposition} {address.ToEndpoint()}",
        null => subject,
        _ => $"{subject} {preposition} {peer}",
    };
}
