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
            IoResult<IoSocket> created = IoSocket.Create(new SocketOptions { Domain = domain });
            if (domain == SocketDomain.Vsock && created.Error.Code == IoErrorCode.SocketUnsupportedAddressFamily)
            {
                // This kernel was built without it.
                continue;
            }

            using IoSocket socket = created.Value;
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
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, error, socket, _) => accepted.Set(error, socket), null));
        using Socket peer = SocketPair.NewPeer(listener.GetLocalEndpoint().Value);
        using IoSocket server = await accepted.Task.Within();

        Assert.Equal(0, Option(server, SocketOptionLevel.Tcp, SocketOptionName.NoDelay));
        Assert.Equal(1, Option(server, SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(5, Option(server, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
    }

    [Fact]
    [Trait("Upstream", "socket_posix_creation")]
    [Trait("Upstream", "socket_winsock_creation")]
    public void Only_the_platforms_own_implementation_can_be_asked_for()
    {
        IoSocket.Create(new SocketOptions { Implementation = SocketImplementation.Posix }).Value.Dispose();
        IoSocket.Create(new SocketOptions { Implementation = SocketImplementation.PlatformDefault }).Value.Dispose();
        foreach (SocketImplementation other in new[] { SocketImplementation.Winsock, SocketImplementation.AppleNetworkFramework })
        {
            IoError error = IoSocket.Create(new SocketOptions { Implementation = other }).Error;
            Assert.Equal(IoErrorCode.PlatformNotSupported, error.Code);
            Assert.Contains(other.ToString(), error.Detail, StringComparison.Ordinal);
        }

        AssertInvalid("Implementation", options => options.Implementation = (SocketImplementation)4);
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

    public static TheoryData<string, string, Action<SocketOptions>> OutOfRange => new()
    {
        { "ConnectTimeout", "more than zero", options => options.ConnectTimeout = TimeSpan.Zero },
        { "ConnectTimeout", "InfiniteTimeSpan", options => options.ConnectTimeout = TimeSpan.FromSeconds(-2) },
        { "KeepAliveIdleTime", "1 to 32767 whole seconds", options => options.KeepAliveIdleTime = TimeSpan.FromMilliseconds(999) },
        { "KeepAliveIdleTime", "1 to 32767 whole seconds", options => options.KeepAliveIdleTime = TimeSpan.FromMilliseconds(1500) },
        { "KeepAliveInterval", "1 to 32767 whole seconds", options => options.KeepAliveInterval = TimeSpan.FromSeconds(32768) },
        { "KeepAliveProbes", "between 1 and 127", options => options.KeepAliveProbes = 0 },
        { "KeepAliveProbes", "between 1 and 127", options => options.KeepAliveProbes = 128 },
        { "Linger", "0 to 32767 whole seconds", options => options.Linger = TimeSpan.FromSeconds(-1) },
        { "Linger", "0 to 32767 whole seconds", options => options.Linger = TimeSpan.FromSeconds(32768) },
        { "DeferAccept", "1 to 32767 whole seconds", options => options.DeferAccept = TimeSpan.Zero },
        { "SendBufferSize", "between 1 and 1073741823", options => options.SendBufferSize = 0 },
        { "ReceiveBufferSize", "between 1 and 1073741823", options => options.ReceiveBufferSize = 1073741824 },
        { "UserTimeout", "between 1 ms and 2147483647 ms", options => options.UserTimeout = TimeSpan.Zero },
        { "UserTimeout", "between 1 ms and 2147483647 ms", options => options.UserTimeout = TimeSpan.FromMilliseconds(2147483648) },
        { "TypeOfService", "between 0 and 255", options => options.TypeOfService = 256 },
        { "TypeOfService", "between 0 and 255", options => options.TypeOfService = -1 },
        { "TimeToLive", "between 1 and 255", options => options.TimeToLive = 0 },
        { "TimeToLive", "between 1 and 255", options => options.TimeToLive = 256 },
        { "NetworkInterface", "1 to 15 bytes", options => options.NetworkInterface = "" },
        { "NetworkInterface", "1 to 15 bytes", options => options.NetworkInterface = "0123456789abcdef" },
        { "NetworkInterface", "1 to 15 bytes", options => options.NetworkInterface = "l\0o" },
        { "RawOptions", "empty for none", options => options.RawOptions = [null!] },
        { "Type", "no socket type", options => options.Type = (IoSocketType)2 },
        { "Type", "for streams alone", options => (options.Type, options.Domain) = (IoSocketType.Datagram, SocketDomain.Vsock) },
        { "Domain", "no socket domain", options => options.Domain = (SocketDomain)99 },
        { "Domain", "no socket domain", options => options.Domain = (SocketDomain)(-1) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_its_range_is_refused_by_name_and_with_the_range(string name, string range, Action<SocketOptions> set) =>
        Assert.Contains(range, AssertInvalid(name, set), StringComparison.Ordinal);

    [Fact]
    public void The_ends_of_each_range_are_legal()
    {
        TimeSpan longest = TimeSpan.FromSeconds(32767);
        Assert.Equal(IoError.None, new SocketOptions
        {
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            KeepAliveIdleTime = TimeSpan.FromSeconds(1),
            KeepAliveInterval = longest,
            KeepAliveProbes = 127,
            Linger = TimeSpan.Zero,
            DeferAccept = longest,
            SendBufferSize = 1,
            ReceiveBufferSize = 1073741823,
            UserTimeout = TimeSpan.FromMilliseconds(2147483647),
            TypeOfService = 255,
            TimeToLive = 1,
            NetworkInterface = "0123456789abcde",
        }.Validate());
    }

    private static string AssertInvalid(string name, Action<SocketOptions> set)
    {
        SocketOptions options = new();
        set(options);
        IoResult<IoSocket> result = IoSocket.Create(options);

        Assert.Equal(IoErrorCode.SocketInvalidOptions, result.Error.Code);
        Assert.Contains(name, result.Error.Detail, StringComparison.Ordinal);
        return result.Error.Detail;
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
