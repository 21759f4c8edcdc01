using System.Net.NetworkInformation;
using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>Addresses beyond plain IP addresses and paths: abstract names, scopes, VSOCK.</summary>
public sealed class SocketEndpointTests(LoopFixture fixture) : TransportTest(fixture)
{
    private const string UnassignedUnlessLoaded = "This kernel has no VSOCK loopback (vsock_loopback is not there): CID 1 cannot be bound.";

    [Theory]
    [InlineData("awsio-abstract-é")]
    [InlineData("awsio\0with a NUL")]
    public async Task Sockets_meet_at_an_abstract_name_which_is_no_file(string name)
    {
        SocketEndpoint endpoint = SocketEndpoint.UnixAbstract($"{name}-{Guid.NewGuid():N}");
        Assert.True(endpoint.IsAbstract);
        using IoSocket listener = Listening(endpoint);
        Assert.Equal(endpoint, listener.GetLocalEndpoint().Value);
        Assert.Equal("@" + endpoint.Address[1..], endpoint.ToString());
        IoSocket client = await RoundTrip(listener, endpoint);
        Assert.Equal(endpoint, client.RemoteEndpoint);
        await SocketPair.CloseOn(client);

        // The name goes with its last socket, and nothing has to be deleted.
        Assert.Equal(IoError.None, listener.Close());
        using IoSocket again = Listening(endpoint);
    }

    [Fact]
    public async Task An_empty_abstract_name_has_the_system_choose_one()
    {
        using IoSocket listener = Listening(SocketEndpoint.UnixAbstract(""));
        SocketEndpoint chosen = listener.GetLocalEndpoint().Value;
        Assert.True(chosen.IsAbstract);
        Assert.True(chosen.Address.Length > 1);
        await SocketPair.CloseOn(await RoundTrip(listener, chosen));
    }

    [Theory]
    [InlineData(107, true)]
    [InlineData(108, false)]
    public void An_abstract_name_is_limited_by_its_bytes(int bytes, bool valid)
    {
        SocketEndpoint endpoint = SocketEndpoint.UnixAbstract("é" + new string('x', bytes - 2));
        using IoSocket socket = Transport.Unix.NewSocket();
        IoError error = socket.Bind(endpoint);
        Assert.Equal(valid ? IoErrorCode.Success : IoErrorCode.SocketInvalidAddress, error.Code);
        if (valid)
        {
            Assert.Equal(endpoint, socket.GetLocalEndpoint().Value);
        }
        else
        {
            Assert.Contains("at most 107 bytes", error.Detail, StringComparison.Ordinal);
            Assert.Contains("108 bytes", error.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_path_that_is_too_long_is_refused_with_the_limit_and_its_own_length()
    {
        using IoSocket socket = Transport.Unix.NewSocket();
        IoError error = socket.Bind(SocketEndpoint.Unix("/" + new string('é', 60)));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, error.Code);
        Assert.Contains("1 to 107 bytes", error.Detail, StringComparison.Ordinal);
        Assert.Contains("121 bytes", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_path_of_the_peer_is_known()
    {
        SocketEndpoint local = SocketEndpoint.Unix(Path.Combine(Path.GetTempPath(), $"awsio-{new string('p', 40)}-{Guid.NewGuid():N}"));
        TemporaryPaths.Add(local);
        using TestListener listener = TestListener.Listen(Transport.Unix, Loop);
        using Socket peer = SocketPair.NewPeer(listener.Endpoint, socket => socket.Bind(new UnixDomainSocketEndPoint(local.Address)));
        using IoSocket server = await listener.Accept();
        Assert.Equal(local, server.RemoteEndpoint);
    }

    [Fact]
    public void A_scope_is_a_number_or_an_interface_of_this_machine()
    {
        byte[] address = new byte[16];
        Assert.True(SocketAddressText.TryParseIPv6("fe80::1%lo", address, out uint scope));
        Assert.Equal((uint)NetworkInterface.IPv6LoopbackInterfaceIndex, scope);
        Assert.True(SocketAddressText.TryParseIPv6("fe80::1%4294967295", address, out scope));
        Assert.Equal(4294967295u, scope);
        foreach (string bad in new[] { "fe80::1%", "fe80::1%nosuch0", "fe80::1%4294967296", "fe80::1%-1", "fe80::1%lo%lo", "fe80%1::1" })
        {
            Assert.False(SocketAddressText.TryParseIPv6(bad, address, out _), bad);
        }

        using IoSocket socket = Transport.Tcp6.NewSocket();
        IoError error = socket.Bind(SocketEndpoint.Tcp("fe80::1%nosuch0", 0));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, error.Code);
        Assert.Contains("interface", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_local_address_is_reached_through_its_scope()
    {
        (string Address, string Interface, long Index)? found = null;
        foreach (NetworkInterface card in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (UnicastIPAddressInformation one in card.GetIPProperties().UnicastAddresses)
            {
                if (one.Address.IsIPv6LinkLocal)
                {
                    found = (one.Address.ToString().Split('%')[0], card.Name, one.Address.ScopeId);
                }
            }
        }

        Assert.SkipWhen(found is null, "No interface of this machine has a link-local address.");
        (string address, string name, long index) = found.Value;
        using IoSocket listener = Listening(SocketEndpoint.Tcp($"{address}%{name}", 0));
        SocketEndpoint bound = listener.GetLocalEndpoint().Value;
        Assert.Equal($"{address}%{index}", bound.Address);
        await SocketPair.CloseOn(await RoundTrip(listener, SocketEndpoint.Tcp($"{address}%{name}", bound.Port)));
        using Attempt unscoped = new(Transport.Tcp6);
        Assert.True(unscoped.Start(SocketEndpoint.Tcp(address, bound.Port), Loop).IsError);
    }

    [Fact]
    public void A_VSOCK_endpoint_has_32_bits_of_either_figure_and_no_other_port()
    {
        SocketEndpoint endpoint = SocketEndpoint.Vsock(3, 0xFFFFFFFE);
        Assert.Equal((SocketDomain.Vsock, "3", 0), (endpoint.Domain, endpoint.Address, endpoint.Port));
        Assert.Equal((3u, 0xFFFFFFFEu), (endpoint.VsockCid, endpoint.VsockPort));
        Assert.Equal("vsock:3:4294967294", endpoint.ToString());
        Assert.Equal(endpoint, SocketEndpoint.Vsock(3, 0xFFFFFFFE));
        Assert.NotEqual(endpoint, SocketEndpoint.Vsock(3, 1));
        Assert.Equal("vsock:-1:80", SocketEndpoint.Vsock(SocketEndpoint.VsockAnyCid, 80).ToString());
        Assert.Equal((0u, 0u), (SocketEndpoint.Tcp("127.0.0.1", 80).VsockCid, SocketEndpoint.Unix("/a").VsockPort));

        byte[] native = new byte[Native.Unix.SockAddr.MaxSize];
        Assert.Equal(IoError.None, SocketAddressText.TryWrite(endpoint, native, out int length));
        Assert.Equal(endpoint, SocketAddressText.Read(native.AsSpan(0, length)));
    }

    [Fact]
    [Trait("Upstream", "socket_validate_port")]
    public void Any_VSOCK_port_may_be_bound_and_all_but_the_one_for_any_connected_to()
    {
        foreach (uint port in new uint[] { 0, 1, 65536, int.MaxValue, 0xFFFFFFFE, 0xFFFFFFFF })
        {
            SocketEndpoint endpoint = SocketEndpoint.Vsock(SocketEndpoint.VsockHostCid, port);
            Assert.Equal(IoError.None, endpoint.ValidateForBind());
            Assert.Equal(port == 0xFFFFFFFF ? IoErrorCode.SocketInvalidAddress : IoErrorCode.Success, endpoint.ValidateForConnect().Code);
        }

        Assert.Equal(IoError.None, SocketEndpoint.Vsock(SocketEndpoint.VsockAnyCid, 1).ValidateForBind());
        Assert.Equal(IoErrorCode.SocketInvalidAddress, SocketEndpoint.Vsock(SocketEndpoint.VsockAnyCid, 1).ValidateForConnect().Code);
        SocketEndpoint byHand = new(SocketDomain.Vsock, "2", 80);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, byHand.ValidateForBind().Code);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, byHand.ValidateForConnect().Code);
        Assert.Contains("SocketEndpoint.Vsock", byHand.ValidateForBind().Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Upstream", "vsock_loopback_socket_communication")]
    public async Task Sockets_talk_over_the_VSOCK_loopback()
    {
        IoResult<IoSocket> created = IoSocket.Create(new SocketOptions { Domain = SocketDomain.Vsock });
        Assert.SkipWhen(created.Error.Code == IoErrorCode.SocketUnsupportedAddressFamily, "This kernel has no VSOCK sockets.");
        using IoSocket listener = created.Value;
        IoError error = listener.Bind(SocketEndpoint.Vsock(SocketEndpoint.VsockLocalCid, SocketEndpoint.VsockAnyPort));
        Assert.SkipWhen(error.Code == IoErrorCode.SocketInvalidAddress, UnassignedUnlessLoaded);
        Assert.Equal(IoError.None, error);
        Assert.Equal(IoError.None, listener.Listen(5));
        SocketEndpoint bound = listener.GetLocalEndpoint().Value;
        Assert.Equal(SocketEndpoint.VsockLocalCid, bound.VsockCid);
        Assert.NotEqual(SocketEndpoint.VsockAnyPort, bound.VsockPort);
        await SocketPair.CloseOn(await RoundTrip(listener, bound));
    }

    private static IoSocket Listening(SocketEndpoint endpoint)
    {
        IoSocket socket = IoSocket.Create(new SocketOptions { Domain = endpoint.Domain }).Value;
        Assert.Equal(IoError.None, socket.Bind(endpoint));
        Assert.Equal(IoError.None, socket.Listen(5));
        return socket;
    }

    /// <summary>Connects, sends a few bytes either way, and gives the client.</summary>
    private async Task<IoSocket> RoundTrip(IoSocket listener, SocketEndpoint target)
    {
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, error, socket, _) => accepted.Set(error, socket), null));
        IoSocket client = await SocketPair.Connect(target, Loop);
        IoSocket server = await accepted.Task.Within();
        Assert.Equal(target.Domain, server.RemoteEndpoint!.Value.Domain);
        Assert.Equal(IoError.None, server.AssignTo(Loop));
        await Send(client, server);
        await Send(server, client);
        await SocketPair.CloseOn(server);
        return client;
    }

    private async Task Send(IoSocket from, IoSocket to)
    {
        TaskCompletionSource<int> received = Waits.NewSource<int>();
        int total = 0;
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, to.SubscribeReadable(
                (socket, _, _) =>
                {
                    while (total < 7 && socket.Read(new byte[10], out int count).IsNone)
                    {
                        total += count;
                    }

                    if (total >= 7)
                    {
                        received.TrySetResult(total);
                    }
                },
                null));
            Assert.Equal(IoError.None, from.Write(new byte[7], static (_, error, _, _) => Assert.Equal(IoError.None, error), null));
        });
        Assert.Equal(7, await received.Task.Within());
    }
}
