using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

public sealed class ConnectTests : RuntimeTest
{
    [Fact]
    public async Task Both_ends_know_both_addresses_and_their_loops()
    {
        await using IoListener listener = await Listen();
        IoConnection client = await Connect(listener, configure: options => options.EventLoop = Io.Group[0]);
        IoConnection server = Own(await listener.AcceptAsync().Within());

        Assert.Equal(listener.LocalEndpoint, client.RemoteEndpoint);
        Assert.Equal(listener.LocalEndpoint, server.LocalEndpoint);
        Assert.Equal(client.LocalEndpoint, server.RemoteEndpoint);
        Assert.Same(Io.Group[0], client.EventLoop);
        Assert.True(Io.Group.Contains(server.EventLoop));
        Assert.Null(client.Tls);
    }

    [Fact]
    public async Task A_name_is_looked_up()
    {
        await using IoListener listener = await Listen();
        IoConnection client = Own(await Io.ConnectAsync("localhost", listener.LocalEndpoint.Port).Within());
        IoConnection server = Own(await listener.AcceptAsync().Within());
        await server.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal([1], await client.Read(1));
    }

    [Fact]
    public async Task A_path_is_connected_to()
    {
        string path = Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock");
        try
        {
            await using IoListener listener = await Io.ListenAsync(SocketEndpoint.Unix(path));
            IoConnection client = Own(await Io.ConnectAsync(SocketEndpoint.Unix(path)).Within());
            IoConnection server = Own(await listener.AcceptAsync().Within());
            await client.WriteAsync(new byte[] { 4 }).Within();
            Assert.Equal([4], await server.Read(1));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task With_tls_both_ends_know_what_was_agreed()
    {
        (IoConnection client, IoConnection server) = await Pair(tls: true);
        Assert.NotNull(client.Tls);
        Assert.NotNull(server.Tls);
        Assert.Equal("TLSv1.3", client.Tls.Version);
        Assert.Equal(client.Tls.CipherSuite, server.Tls.CipherSuite);
        Assert.Equal("test", client.Tls.Protocol);
        Assert.Equal("test", server.Tls.Protocol);
        Assert.Equal("localhost", server.Tls.ServerName);
        Assert.False(client.Tls.PeerCertificate.IsEmpty);
    }

    [Fact]
    public async Task A_refusal_is_an_IoException_with_code_native_error_and_a_sentence()
    {
        IoListener listener = await Listen();
        SocketEndpoint nobody = listener.LocalEndpoint;
        await listener.DisposeAsync().Within();

        IoException exception = await Io.ConnectAsync(nobody).Fails<IoException>();
        Assert.Equal(IoErrorCode.SocketConnectionRefused, exception.ErrorCode);
        Assert.Equal(111, exception.NativeError);
        Assert.True(exception.IsTransient);
        Assert.Equal(exception.Error.Code, exception.ErrorCode);
        Assert.Contains(nobody.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_an_IoException_of_TLS()
    {
        await using IoListener listener = await Listen(tls: true);
        TlsClientOptions tls = Certificates.ClientOptions();
        tls.ServerName = "elsewhere.example";
        IoException exception = await Io.ConnectAsync(listener.LocalEndpoint, new() { Tls = tls }).Fails<IoException>();
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, exception.ErrorCode);
        Assert.True(exception.Error.IsTls);
        Assert.False(exception.IsTransient);
        Assert.Contains("elsewhere.example", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_make_no_sense_are_refused_before_anything_starts()
    {
        await using IoListener listener = await Listen();
        SocketEndpoint endpoint = listener.LocalEndpoint;
        await Io.ConnectAsync(endpoint, new() { Timeout = TimeSpan.Zero }).Fails<ArgumentOutOfRangeException>();
        await Io.ConnectAsync(endpoint, new() { Timeout = TimeSpan.FromMinutes(-1) }).Fails<ArgumentOutOfRangeException>();
        await Io.ConnectAsync(endpoint, new() { Timeout = TimeSpan.MaxValue }).Fails<ArgumentOutOfRangeException>();
        await Io.ConnectAsync(endpoint, new() { ReadWindow = 0 }).Fails<ArgumentOutOfRangeException>();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0), new() { ReadWindow = -1 }));
        await Io.ConnectAsync(SocketEndpoint.Tcp("127.0.0.1", 0)).Fails<IoException>();

        // Nothing came but this one.
        IoConnection client = await Connect(listener);
        IoConnection server = Own(await listener.AcceptAsync().Within());
        Assert.Equal(client.LocalEndpoint, server.RemoteEndpoint);
    }
}
