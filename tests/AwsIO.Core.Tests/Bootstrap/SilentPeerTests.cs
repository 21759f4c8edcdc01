using System.Net.Sockets;
using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

/// <summary>
/// Peers that say nothing, or leave. More of the handshake's deadline, without waiting for it, is in <see cref="ManualTimeoutTests"/>.
/// </summary>
public sealed class SilentPeerTests : ConnectionTest
{
    [Fact]
    [Trait("Upstream", "test_tls_negotiation_timeout")]
    public async Task A_silent_server_runs_into_the_handshake_timeout()
    {
        Socket listener = this.Listen("127.0.0.1");

        Dialled client = this.Dial(
            "127.0.0.1", listener.Port(), new(TlsParts.Client()) { HandshakeTimeout = TimeSpan.FromMilliseconds(100) });
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationTimeout, error.Code);
        Assert.Contains("100 ms", error.Detail, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{listener.Port()}", error.Detail, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_socket_closed")]
    public async Task A_server_that_closes_during_the_hello_is_told_as_closed()
    {
        Socket listener = this.Listen("127.0.0.1");

        Dialled client = this.Dial(
            "127.0.0.1", listener.Port(), new(TlsParts.Client()) { HandshakeTimeout = Timeout.InfiniteTimeSpan });
        Socket accepted = await listener.AcceptOne(this);
        await accepted.Receive(100);
        accepted.Shutdown(SocketShutdown.Send);
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_resets_during_the_hello_is_told_as_closed()
    {
        Socket listener = this.Listen("127.0.0.1");

        Dialled client = this.Dial("127.0.0.1", listener.Port(), new(TlsParts.Client()));
        Socket accepted = await listener.AcceptOne(this);
        await accepted.Receive(100);
        accepted.Reset();
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.Equal(104, error.NativeError);
        Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_answers_in_plain_text_is_refused()
    {
        Socket listener = this.Listen("127.0.0.1");

        Dialled client = this.Dial("127.0.0.1", listener.Port(), new(TlsParts.Client()));
        Socket accepted = await listener.AcceptOne(this);
        await accepted.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), SocketFlags.None).Within();
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("wrong version number", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_peer_that_vanishes_after_the_set_up_ends_the_connection()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        Dialled client = await this.Dial("localhost", listening.Port, new(TlsParts.Client())).Ready();
        Dialled server = await listening.NextReady();

        client.Channel!.Abort(IoErrorCode.OperationCancelled);
        IoError error = await server.Ended.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.Equal(IoErrorCode.OperationCancelled, (await client.Ended.Task.Within()).Code);
    }
}
