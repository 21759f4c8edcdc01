using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Options;

/// <summary>Options of sockets reach the sockets of connections and listeners.</summary>
public sealed class SocketOptionsTests : RuntimeTest
{
    [Fact]
    public async Task A_connection_comes_from_the_address_of_its_options()
    {
        await using IoListener listener = await Listen();
        Own(await Io.ConnectAsync(
            listener.LocalEndpoint, new() { Socket = new SocketOptions { LocalEndpoint = SocketEndpoint.Tcp("127.0.0.2", 0) } }).Within());
        IoConnection server = Own(await listener.AcceptAsync().Within());
        Assert.Equal("127.0.0.2", server.RemoteEndpoint!.Value.Address);
    }

    [Fact]
    public async Task An_option_out_of_its_range_fails_the_call_with_the_range()
    {
        await using IoListener listener = await Listen();
        SocketOptions wrong = new() { TimeToLive = 256 };
        IoException connecting = await Io.ConnectAsync(listener.LocalEndpoint, new() { Socket = wrong }).Fails<IoException>();
        IoException listening = await Io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0), new() { Socket = wrong }).Fails<IoException>();
        foreach (IoException exception in new[] { connecting, listening })
        {
            Assert.Equal(IoErrorCode.SocketInvalidOptions, exception.ErrorCode);
            Assert.Contains("between 1 and 255", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_is_shared_by_listeners_that_say_so()
    {
        ListenOptions Shared() => new() { Socket = new SocketOptions { ReusePort = true } };
        await using IoListener first = await Io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0), Shared());
        await using IoListener second = await Io.ListenAsync(first.LocalEndpoint, Shared());
        Assert.Equal(first.LocalEndpoint, second.LocalEndpoint);
        IoException refused = await Io.ListenAsync(first.LocalEndpoint).Fails<IoException>();
        Assert.Equal(IoErrorCode.SocketAddressInUse, refused.ErrorCode);
    }

    [Fact]
    public async Task An_abstract_name_is_listened_at_and_connected_to()
    {
        SocketEndpoint name = SocketEndpoint.UnixAbstract($"awsio-{Guid.NewGuid():N}");
        await using IoListener listener = await Io.ListenAsync(name);
        IoConnection client = Own(await Io.ConnectAsync(name).Within());
        IoConnection server = Own(await listener.AcceptAsync().Within());
        Assert.Equal(name, client.RemoteEndpoint);
        await client.WriteAsync(new byte[] { 4 }).Within();
        Assert.Equal([4], await server.Read(1));
    }
}
