namespace AwsIO;

/// <summary>What has happened with a peer, whose address is made into text for who reads it only.</summary>
/// <param name="subject">What has happened.</param>
/// <param name="remote">The peer's address, where it is known as text.</param>
/// <param name="from">The peer's address as the system gave it; none where it is known otherwise, or not at all.</param>
internal sealed class PeerSentence(string subject, SocketEndpoint? remote, PeerAddress from) : ErrorSentence
{
    public override string ToString()
    {
        SocketEndpoint? peer = remote is null && from.Length > 0 ? from.ToEndpoint() : remote;
        return peer is null ? subject : $"{subject} with {peer}";
    }
}
