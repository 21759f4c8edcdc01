using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using AwsIO.Interop.Tests.DotNet;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Interop.Tests.OpenSsl;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Faults;

/// <summary>Who is at the other end.</summary>
public enum Peer
{
    OpenSsl,
    SslStream,
}

/// <summary>A TLS server that nobody here wrote, for any number of clients, and what it says of each.</summary>
internal sealed class TlsServers
{
    private readonly ExternalProgram? _program;
    private readonly Queue<Task> _handshakes = new();
    private readonly Func<Task>? _accept;

    private TlsServers(int port, ExternalProgram? program, Func<Task>? accept)
    {
        Port = port;
        _program = program;
        _accept = accept;
        Expect();
    }

    internal int Port { get; }

    internal static async Task<TlsServers> Start(ConnectionTest test, Peer peer, TlsVersion version, TestCertificate certificate)
    {
        if (peer == Peer.OpenSsl)
        {
            (ExternalProgram program, int port) = await OpenSslPrograms.Serve(
                test, PemFiles.Write(test, certificate), version == TlsVersion.Tls12 ? "-tls1_2" : "-tls1_3");
            return new TlsServers(port, program, null);
        }

        Socket listener = test.Listen("127.0.0.1");
        SslServerAuthenticationOptions options = SslPeer.ServerOptions(version, certificate);
        return new TlsServers(listener.Port(), null, async () =>
        {
            SslPeer accepted = await SslPeer.Accept(test, listener);
            await accepted.Authenticate(options);

            // In TLS 1.3 a server hears of its refusal when it reads.
            _ = await accepted.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        });
    }

    /// <summary>Checks that the server was told why it was refused.</summary>
    internal async Task WasRefused(string alert)
    {
        if (_program is not null)
        {
            await _program.Said($"alert {alert}");
            return;
        }

        Exception exception = await Assert.ThrowsAnyAsync<Exception>(() => _handshakes.Dequeue().Within());
        Assert.True(exception is AuthenticationException or IOException, exception.ToString());
        Assert.Contains(alert, exception.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Gets the runtime's server ready for one more client; the program always is.</summary>
    internal void Expect()
    {
        if (_accept is not null)
        {
            _handshakes.Enqueue(_accept());
        }
    }
}
