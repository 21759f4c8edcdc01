using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.DotNet;

/// <summary>The runtime's own <see cref="SslStream"/> as either end of a connection.</summary>
internal sealed class SslPeer
{
    private SslPeer(ConnectionTest test, Socket socket)
    {
        Stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        test.After(() => Stream.DisposeAsync().AsTask());
    }

    internal SslStream Stream { get; }

    internal static SslProtocols Protocols(TlsVersion version) => version switch
    {
        TlsVersion.Tls12 => SslProtocols.Tls12,
        TlsVersion.Tls13 => SslProtocols.Tls13,
        _ => SslProtocols.None,
    };

    internal static SslServerAuthenticationOptions ServerOptions(TlsVersion version, TestCertificate? certificate = null) => new()
    {
        ServerCertificateContext = (certificate ?? TlsParts.Localhost).ToSslStreamContext(),
        EnabledSslProtocols = Protocols(version),
        CertificateChainPolicy = Policy(TlsParts.Authority),
    };

    internal static SslClientAuthenticationOptions ClientOptions(TlsVersion version, TestCertificateAuthority? trusted = null) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = Protocols(version),
        CertificateChainPolicy = Policy(trusted ?? TlsParts.Authority),
    };

    /// <summary>Connects to a listener; the handshake is the test's to start.</summary>
    internal static async Task<SslPeer> ConnectTo(ConnectionTest test, int port) => new(test, await test.ConnectTo(port));

    internal static async Task<SslPeer> Accept(ConnectionTest test, Socket listener) => new(test, await listener.AcceptOne(test));

    internal Task Authenticate(SslServerAuthenticationOptions options) =>
        Stream.AuthenticateAsServerAsync(options, TestContext.Current.CancellationToken);

    internal Task Authenticate(SslClientAuthenticationOptions options) =>
        Stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);

    internal Task Send(byte[] data) => Stream.WriteAsync(data, TestContext.Current.CancellationToken).AsTask();

    /// <summary>Reads so many bytes, or fewer when the peer says goodbye.</summary>
    internal async Task<byte[]> Receive(int count)
    {
        byte[] buffer = new byte[count];
        int total = await Stream.ReadAtLeastAsync(
            buffer, count, throwOnEndOfStream: false, TestContext.Current.CancellationToken).AsTask().Within();
        return buffer[..total];
    }

    private static X509ChainPolicy Policy(TestCertificateAuthority authority)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority.ToX509());
        return policy;
    }
}
