using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

public sealed class HandshakeTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12, TestKeyKind.Rsa2048)]
    [InlineData(TlsVersion.Tls12, TestKeyKind.EcdsaP256)]
    [InlineData(TlsVersion.Tls12, TestKeyKind.EcdsaP384)]
    [InlineData(TlsVersion.Tls13, TestKeyKind.Rsa2048)]
    [InlineData(TlsVersion.Tls13, TestKeyKind.EcdsaP256)]
    [InlineData(TlsVersion.Tls13, TestKeyKind.EcdsaP521)]
    public async Task Both_ends_agree_on_the_version_and_exchange_data(TlsVersion version, TestKeyKind kind)
    {
        TestCertificate certificate = TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = kind });
        using TlsContext server = TlsParts.Server(certificate, options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        Assert.Equal(IoError.None, await pair.Client.App.Send("question").Within());
        await pair.Server.App.Received(8).Within();
        Assert.Equal(IoError.None, await pair.Server.App.Send("answer").Within());
        await pair.Client.App.Received(6).Within();

        Assert.Equal("question", pair.Server.App.Text);
        Assert.Equal("answer", pair.Client.App.Text);
        string expected = version == TlsVersion.Tls12 ? "TLSv1.2" : "TLSv1.3";
        Assert.Equal(expected, pair.Client.Tls!.Info!.Version);
        Assert.Equal(expected, pair.Server.Tls!.Info!.Version);
        Assert.Equal(pair.Client.Tls.Info.CipherSuite, pair.Server.Tls.Info.CipherSuite);
        Assert.False(pair.Client.Tls.Info.PeerCertificate.IsEmpty);
        Assert.True(pair.Server.Tls.Info.PeerCertificate.IsEmpty);
    }
}
