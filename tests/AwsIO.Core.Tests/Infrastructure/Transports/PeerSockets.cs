using System.Net.Sockets;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>What tests do with the system's sockets, which stand for peers.</summary>
internal static class PeerSockets
{
    /// <summary>Receives some bytes. Who counts them, and waits for more, is told of the end instead of being given nothing for ever.</summary>
    internal static int ReceiveSome(this Socket peer, Span<byte> buffer)
    {
        int count = peer.Receive(buffer);
        return count > 0 ? count : throw new EndOfStreamException("The connection ended before all bytes had come.");
    }
}
