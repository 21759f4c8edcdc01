using System.Net.Sockets;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>What each option has set, by the kernel's own word, on a new socket and on an accepted one.</summary>
public sealed class SocketOptionValueTests(LoopFixture fixture) : TransportTest(fixture)
{
    private static readonly SocketNumbers s_numbers = Abi.Current.Sockets;

    // The kernel doubles what it is asked for; deferring is counted in retransmissions after 1, 2 and 4 seconds.
    public static TheoryData<string, SocketDomain, Action<SocketOptions>, int, int, int> Values => new()
    {
        { "ReusePort", SocketDomain.IPv4, o => o.ReusePort = true, s_numbers.LevelSocket, s_numbers.ReusePort, 1 },
        { "ReusePort", SocketDomain.IPv6, o => o.ReusePort = true, s_numbers.LevelSocket, s_numbers.ReusePort, 1 },
        { "IPv6Only", SocketDomain.IPv6, o => o.IPv6Only = true, SocketConstants.LevelIPv6, s_numbers.IPv6Only, 1 },
        { "IPv6Only", SocketDomain.IPv6, o => o.IPv6Only = false, SocketConstants.LevelIPv6, s_numbers.IPv6Only, 0 },
        { "SendBuffer", SocketDomain.IPv4, o => o.SendBufferSize = 50_000, s_numbers.LevelSocket, s_numbers.SendBuffer, 100_000 },
        { "ReceiveBuffer", SocketDomain.IPv6, o => o.ReceiveBufferSize = 60_000, s_numbers.LevelSocket, s_numbers.ReceiveBuffer, 120_000 },
        { "SendBuffer", SocketDomain.Local, o => o.SendBufferSize = 70_000, s_numbers.LevelSocket, s_numbers.SendBuffer, 140_000 },
        { "UserTimeout", SocketDomain.IPv4, o => o.UserTimeout = TimeSpan.FromMilliseconds(1234), 6, s_numbers.TcpUserTimeout!.Value, 1234 },
        { "QuickAck", SocketDomain.IPv4, o => o.QuickAck = false, 6, s_numbers.TcpQuickAck!.Value, 0 },
        { "QuickAck", SocketDomain.IPv6, o => o.QuickAck = true, 6, s_numbers.TcpQuickAck!.Value, 1 },
        { "TypeOfService", SocketDomain.IPv4, o => o.TypeOfService = 0x10, 0, s_numbers.IPTypeOfService, 0x10 },
        { "TypeOfService", SocketDomain.IPv6, o => o.TypeOfService = 0x28, 41, s_numbers.IPv6TrafficClass, 0x28 },
        { "TimeToLive", SocketDomain.IPv4, o => o.TimeToLive = 33, 0, s_numbers.IPTimeToLive, 33 },
        { "TimeToLive", SocketDomain.IPv6, o => o.TimeToLive = 44, 41, s_numbers.IPv6UnicastHops, 44 },
        { "NoDelay", SocketDomain.IPv4, o => o.NoDelay = false, 6, SocketConstants.TcpNoDelay, 0 },
        { "Raw", SocketDomain.IPv4, o => o.RawOptions = [new RawSocketOption(6, s_numbers.TcpKeepCount, 9)], 6, s_numbers.TcpKeepCount, 9 },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public async Task An_option_has_set_what_it_says(
        string name, SocketDomain domain, Action<SocketOptions> set, int level, int option, int expected)
    {
        Transport transport = Of(domain);
        SocketOptions options = transport.Options();
        set(options);
        using (IoSocket socket = IoSocket.Create(options).Value)
        {
            Assert.Equal((name, expected), (name, Read(socket, level, option)));
        }

        // A listener's options are those of its connections too.
        using IoSocket listener = IoSocket.Create(options).Value;
        TemporaryPaths.Add(Bound(listener, transport));
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, error, socket, _) => accepted.Set(error, socket), null));
        using Socket peer = SocketPair.NewPeer(listener.GetLocalEndpoint().Value);
        using IoSocket server = await accepted.Task.Within();
        if (name is not ("IPv6Only" or "ReusePort") && domain != SocketDomain.Local)
        {
            Assert.Equal((name, expected), (name, Read(server, level, option)));
        }
    }

    [Fact]
    public void Linger_has_set_its_time()
    {
        using IoSocket socket = IoSocket.Create(new SocketOptions { Linger = TimeSpan.FromSeconds(7) }).Value;
        using Socket view = new(new SafeSocketHandle(socket.Descriptor, ownsHandle: false));
        Assert.Equal((true, 7), (view.LingerState!.Enabled, view.LingerState.LingerTime));
    }

    [Fact]
    public void Deferring_is_set_when_the_socket_listens_and_not_before()
    {
        using IoSocket socket = IoSocket.Create(new SocketOptions { DeferAccept = TimeSpan.FromSeconds(7) }).Value;
        int option = s_numbers.TcpDeferAccept!.Value;
        Assert.Equal(0, Read(socket, SocketConstants.LevelTcp, option));
        Bound(socket, Transport.Tcp4);
        Assert.Equal(7, Read(socket, SocketConstants.LevelTcp, option));
    }

    [Fact]
    public async Task A_deferred_connection_is_accepted_with_its_first_bytes()
    {
        using IoSocket listener = IoSocket.Create(new SocketOptions { DeferAccept = TimeSpan.FromSeconds(60) }).Value;
        SocketEndpoint endpoint = Bound(listener, Transport.Tcp4);
        List<int> accepted = [];
        TaskCompletionSource<bool> both = Waits.NewSource<bool>();
        Assert.Equal(IoError.None, listener.StartAccept(
            Loop,
            (_, _, socket, _) =>
            {
                accepted.Add(socket!.RemoteEndpoint!.Value.Port);
                socket.Dispose();
                if (accepted.Count == 2)
                {
                    both.SetResult(true);
                }
            },
            null));

        // The one that came first says nothing yet, and so comes second.
        using Socket first = SocketPair.NewPeer(endpoint);
        using Socket second = SocketPair.NewPeer(endpoint);
        second.Send(new byte[1]);
        await Loop.On(() => { });
        Waiting(() => accepted.Count == 1);
        first.Send(new byte[1]);
        await both.Task.Within();
        Assert.Equal([Port(second), Port(first)], accepted);

        static int Port(Socket socket) => ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;

        void Waiting(Func<bool> holds) => Infrastructure.Waiting.Until(() => Loop.On(holds).GetAwaiter().GetResult());
    }

    [Fact]
    public async Task Listeners_that_reuse_a_port_share_its_connections()
    {
        const int connections = 64;
        SocketOptions options = new() { ReusePort = true };
        using IoSocket first = IoSocket.Create(options).Value;
        SocketEndpoint endpoint = Bound(first, Transport.Tcp4);
        using IoSocket second = IoSocket.Create(options).Value;
        Assert.Equal(IoError.None, second.Bind(endpoint));
        Assert.Equal(IoError.None, second.Listen(connections));
        using IoSocket stranger = Transport.Tcp4.NewSocket();
        Assert.Equal(IoErrorCode.SocketAddressInUse, stranger.Bind(endpoint).Code);
        int[] counts = new int[2];
        TaskCompletionSource<bool> all = Waits.NewSource<bool>();
        Start(first, 0);
        Start(second, 1);
        for (int i = 0; i < connections; i++)
        {
            SocketPair.NewPeer(endpoint).Dispose();
        }

        await all.Task.Within();
        Assert.All(counts, static count => Assert.NotEqual(0, count));

        void Start(IoSocket listener, int index) => Assert.Equal(IoError.None, listener.StartAccept(
            Loop,
            (_, _, socket, _) =>
            {
                socket!.Dispose();
                counts[index]++;
                if (counts.Sum() == connections)
                {
                    all.SetResult(true);
                }
            },
            null));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_IPv6_listener_takes_IPv4_connections_unless_it_is_for_IPv6_alone(bool only)
    {
        using IoSocket listener = IoSocket.Create(new SocketOptions { Domain = SocketDomain.IPv6, IPv6Only = only }).Value;
        Assert.Equal(IoError.None, listener.Bind(SocketEndpoint.Tcp("::", 0)));
        Assert.Equal(IoError.None, listener.Listen(5));
        SocketEndpoint mapped = SocketEndpoint.Tcp("127.0.0.1", listener.GetLocalEndpoint().Value.Port);
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, error, socket, _) => accepted.Set(error, socket), null));
        using Attempt attempt = new(Transport.Tcp4);
        Assert.Equal(IoError.None, attempt.Start(mapped, Loop));
        IoError error = await attempt.Result;

        Assert.Equal(only ? IoErrorCode.SocketConnectionRefused : IoErrorCode.Success, error.Code);
        if (!only)
        {
            using IoSocket server = await accepted.Task.Within();
            Assert.Equal("::ffff:127.0.0.1", server.RemoteEndpoint!.Value.Address);
        }
    }

    [Fact]
    public void Options_of_TCP_are_passed_over_for_a_Unix_domain_socket()
    {
        SocketOptions options = new()
        {
            Domain = SocketDomain.Local,
            ReusePort = true,
            IPv6Only = true,
            Linger = TimeSpan.FromSeconds(1),
            UserTimeout = TimeSpan.FromSeconds(1),
            QuickAck = true,
            DeferAccept = TimeSpan.FromSeconds(1),
            TypeOfService = 1,
            TimeToLive = 1,
            KeepAlive = true,
        };
        using IoSocket socket = IoSocket.Create(options).Value;
        Assert.Equal(0, Read(socket, s_numbers.LevelSocket, s_numbers.KeepAlive));
        Assert.Equal(0, Read(socket, s_numbers.LevelSocket, s_numbers.ReusePort));
    }

    [Fact]
    public void What_a_platform_lacks_is_refused_by_name()
    {
        Assert.Equal(["UserTimeout", "QuickAck", "DeferAccept", "NetworkInterface"], Lacking(Abi.FreeBsd));
        Assert.Equal(["QuickAck", "DeferAccept"], Lacking(Abi.Darwin));
        Assert.Empty(Lacking(Abi.Linux));
    }

    [Fact]
    public async Task Options_can_be_changed_later_but_neither_domain_nor_type()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, ours.Configure(new SocketOptions()).Code);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.Configure(new SocketOptions { NoDelay = false, KeepAlive = true, TimeToLive = 21 }));
            Assert.Equal(0, Read(ours, SocketConstants.LevelTcp, SocketConstants.TcpNoDelay));
            Assert.Equal(1, Read(ours, s_numbers.LevelSocket, s_numbers.KeepAlive));
            Assert.Equal(21, Read(ours, SocketConstants.LevelIP, s_numbers.IPTimeToLive));
            Assert.Equal(IoError.None, ours.Configure(new SocketOptions()));
            Assert.Equal(1, Read(ours, SocketConstants.LevelTcp, SocketConstants.TcpNoDelay));
            Assert.Equal(0, Read(ours, s_numbers.LevelSocket, s_numbers.KeepAlive));
            Assert.Equal(21, Read(ours, SocketConstants.LevelIP, s_numbers.IPTimeToLive));

            IoError error = ours.Configure(new SocketOptions { Domain = SocketDomain.IPv6 });
            Assert.Equal(IoErrorCode.SocketInvalidOptions, error.Code);
            Assert.Contains("IPv6", error.Detail, StringComparison.Ordinal);
            Assert.Equal(IoErrorCode.SocketInvalidOptions, ours.Configure(new SocketOptions { TimeToLive = 0 }).Code);
            ours.Dispose();
            Assert.Equal(IoErrorCode.SocketClosed, ours.Configure(new SocketOptions()).Code);
        });
        peer.Dispose();
    }

    private static List<string> Lacking(Abi abi)
    {
        (string Name, SocketOptions Options)[] all =
        [
            ("UserTimeout", new SocketOptions { UserTimeout = TimeSpan.FromSeconds(1) }),
            ("QuickAck", new SocketOptions { QuickAck = true }),
            ("DeferAccept", new SocketOptions { DeferAccept = TimeSpan.FromSeconds(1) }),
            ("NetworkInterface", new SocketOptions { NetworkInterface = "lo" }),
            ("others", new SocketOptions { ReusePort = true, Linger = TimeSpan.Zero, TypeOfService = 1, TimeToLive = 1 }),
        ];
        List<string> lacking = [];
        foreach ((string name, SocketOptions options) in all)
        {
            IoError error = options.ValidateForPlatform(abi.Sockets);
            if (error.IsError)
            {
                Assert.Equal(IoErrorCode.PlatformNotSupported, error.Code);
                Assert.StartsWith(name, error.Detail, StringComparison.Ordinal);
                lacking.Add(name);
            }
        }

        return lacking;
    }

    private static Transport Of(SocketDomain domain) => domain switch
    {
        SocketDomain.IPv4 => Transport.Tcp4,
        SocketDomain.IPv6 => Transport.Tcp6,
        _ => Transport.Unix,
    };

    private static SocketEndpoint Bound(IoSocket listener, Transport transport)
    {
        Assert.Equal(IoError.None, listener.Bind(transport.FreeEndpoint()));
        Assert.Equal(IoError.None, listener.Listen(64));
        return listener.GetLocalEndpoint().Value;
    }

    private static int Read(IoSocket socket, int level, int option)
    {
        Assert.Equal(0, Libc.GetOption(socket.Descriptor, level, option, out int value));
        return value;
    }
}
