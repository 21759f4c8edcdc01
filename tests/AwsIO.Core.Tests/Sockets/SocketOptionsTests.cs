using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

public sealed class SocketOptionsTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "socket_tcp_nodelay")]
    public void No_delay_is_on_unless_switched_off(Transport transport)
    {
        Assert.Equal(1, NoDelay(new SocketOptions { Domain = transport.Domain() }));
        Assert.Equal(1, NoDelay(new SocketOptions { Domain = transport.Domain(), NoDelay = true }));
        Assert.Equal(0, NoDelay(new SocketOptions { Domain = transport.Domain(), NoDelay = false }));

        static int NoDelay(SocketOptions options) => Option(options, SocketOptionLevel.Tcp, SocketOptionName.NoDelay);
    }

    [Fact]
    [Trait("Upstream", "socket_posix_creation")]
    public void A_socket_of_every_domain_can_be_made()
    {
        foreach (SocketDomain domain in Enum.GetValues<SocketDomain>())
        {
            using IoSocket socket = IoSocket.Create(new SocketOptions { Domain = domain }).Value;
            Assert.True(socket.IsOpen);
            Assert.Equal(domain, socket.Domain);
            Assert.Null(socket.EventLoop);
            Assert.Null(socket.RemoteEndpoint);
        }
    }

    [Fact]
    public void Keep_alive_options_set_what_their_names_say()
    {
        SocketOptions options = new()
        {
            KeepAlive = true,
            KeepAliveIdleTime = TimeSpan.FromSeconds(41),
            KeepAliveInterval = TimeSpan.FromSeconds(7),
            KeepAliveProbes = 3,
        };

        Assert.Equal(1, Option(options, SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(41, Option(options, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(7, Option(options, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(3, Option(options, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        Assert.Equal(0, Option(new SocketOptions(), SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
    }

    [Fact]
    public async Task Accepted_sockets_have_their_listeners_options()
    {
        using IoSocket listener = IoSocket.Create(new SocketOptions { NoDelay = false, KeepAlive = true, KeepAliveProbes = 5 }).Value;
        Assert.Equal(IoError.None, listener.Bind(SocketEndpoint.Tcp("127.0.0.1", 0)));
        Assert.Equal(IoError.None, listener.Listen(5));
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, _, socket, _) => accepted.SetResult(socket!), null));
        using Socket peer = SocketPair.NewPeer(listener.GetLocalEndpoint().Value);
        using IoSocket server = await accepted.Task.Within();

        Assert.Equal(0, Option(server, SocketOptionLevel.Tcp, SocketOptionName.NoDelay));
        Assert.Equal(1, Option(server, SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(5, Option(server, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
    }

    [Fact]
    public void Options_are_copied_when_the_socket_is_made()
    {
        SocketOptions options = new() { ConnectTimeout = TimeSpan.FromSeconds(5) };
        using IoSocket socket = IoSocket.Create(options).Value;
        options.ConnectTimeout = TimeSpan.FromSeconds(1);
        options.Domain = SocketDomain.Local;

        Assert.Equal(TimeSpan.FromSeconds(5), socket.Options.ConnectTimeout);
        Assert.Equal(SocketDomain.IPv4, socket.Domain);
    }

    [Fact]
    public void Options_out_of_their_range_are_refused_by_name()
    {
        AssertInvalid("ConnectTimeout", options => options.ConnectTimeout = TimeSpan.Zero);
        AssertInvalid("ConnectTimeout", options => options.ConnectTimeout = TimeSpan.FromSeconds(-2));
        AssertInvalid("KeepAliveIdleTime", options => options.KeepAliveIdleTime = TimeSpan.FromMilliseconds(999));
        AssertInvalid("KeepAliveInterval", options => options.KeepAliveInterval = TimeSpan.FromSeconds(32768));
        AssertInvalid("KeepAliveProbes", options => options.KeepAliveProbes = 0);
        AssertInvalid("KeepAliveProbes", options => options.KeepAliveProbes = 128);
        AssertInvalid("Type", options => options.Type = (IoSocketType)1);
        AssertInvalid("Domain", options => options.Domain = (SocketDomain)3);
        AssertInvalid("Domain", options => options.Domain = (SocketDomain)(-1));
        IoSocket.Create(new SocketOptions { ConnectTimeout = Timeout.InfiniteTimeSpan }).Value.Dispose();
    }

    private static void AssertInvalid(string name, Action<SocketOptions> set)
    {
        SocketOptions options = new();
        set(options);
        IoResult<IoSocket> result = IoSocket.Create(options);

        Assert.Equal(IoErrorCode.SocketInvalidOptions, result.Error.Code);
        Assert.Contains(name, result.Error.Detail, StringComparison.Ordinal);
    }

    private static int Option(SocketOptions options, SocketOptionLevel level, SocketOptionName name)
    {
        using IoSocket socket = IoSocket.Create(options).Value;
        return Option(socket, level, name);
    }

    private static int Option(IoSocket socket, SocketOptionLevel level, SocketOptionName name)
    {
        using Socket view = new(new SafeSocketHandle(socket.Descriptor, ownsHandle: false));
        return (int)view.GetSocketOption(level, name)!;
    }
}
