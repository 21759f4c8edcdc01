using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO.SelfCheck;

/// <summary>What the calls of sockets and descriptors take for granted: flags, numbers, layouts.</summary>
internal static class SystemChecks
{
    internal static IEnumerable<Check> All() =>
    [
        new("new sockets, accepted ones and pipes are non-blocking (fcntl)", NonBlocking),
        new("new sockets, accepted ones and pipes are closed on exec (FIOCLEX)", CloseOnExec),
        new("new and accepted sockets have SO_NOSIGPIPE", NoSigPipe),
        new("sending to a peer that is gone is an error, and no signal", BrokenPipe),
        new("errors have the numbers that AwsIO knows", ErrnoNumbers),
        new("IPv4, IPv6 and Unix addresses come back as they were given", Addresses),
        new("several buffers are sent by one call (sendmsg)", Vectors),
        new("bytes that the peer has not acknowledged are counted, down to none", Unacknowledged),
        new("localhost has addresses (getaddrinfo)", LookUp),
        new("a name that does not exist is told as that", LookUpNothing),
    ];

    private static void NonBlocking()
    {
        using Sockets sockets = new();
        FileNumbers numbers = Abi.Current.Files;
        foreach ((string what, int descriptor) in Descriptors(sockets))
        {
            int flags = LibcBsd.Fcntl(descriptor, numbers.GetStatusFlags, 0);
            Expect.True(flags >= 0 && (flags & numbers.NonBlocking) != 0, $"F_GETFL of {what} is 0x{flags:x}");
        }
    }

    private static void CloseOnExec()
    {
        using Sockets sockets = new();
        FileNumbers numbers = Abi.Current.Files;
        foreach ((string what, int descriptor) in Descriptors(sockets))
        {
            int flags = LibcBsd.Fcntl(descriptor, numbers.GetDescriptorFlags, 0);
            Expect.True(flags >= 0 && (flags & numbers.DescriptorCloseOnExec) != 0, $"F_GETFD of {what} is 0x{flags:x}");
        }
    }

    private static void NoSigPipe()
    {
        if (!SocketConstants.NeedPreparing || Abi.Current.Sockets.NoSigPipe is not { } option)
        {
            throw new CheckSkippedException("MSG_NOSIGNAL does it here");
        }

        using Sockets sockets = new();
        (int client, int server) = sockets.Pair();
        foreach (int socket in new[] { client, server })
        {
            Expect.Equal(0, Libc.GetOption(socket, SocketConstants.LevelSocket, option, out int value), "the result of getsockopt()");
            Expect.True(value != 0, "SO_NOSIGPIPE is not set");
        }
    }

    private static void BrokenPipe()
    {
        using Sockets sockets = new();
        (int client, int server) = sockets.Pair();
        sockets.Reset(server);
        nint result = Sockets.Until(() => Sockets.TrySend(client), static sent => sent < 0, "send() did not fail");
        Expect.True(
            result is -Errno.EPIPE or -Errno.ECONNRESET, $"send() answered errno {-result} (by Linux's numbers), not EPIPE or ECONNRESET");
        Expect.Equal(-Errno.EPIPE, (int)Sockets.TrySend(client), "the second result of send() (by Linux's numbers)");
    }

    private static unsafe void ErrnoNumbers()
    {
        using Sockets sockets = new();
        (int reader, _) = sockets.Pipe();
        Expect.Equal(-Errno.EAGAIN, Sockets.Read(reader), "reading an empty pipe");
        int socket = sockets.New();
        byte[] buffer = new byte[1];
        Expect.Equal(-Errno.ENOTCONN, Sockets.Receive(socket, buffer), "receiving on a socket without a peer");
        (_, byte[] address) = sockets.Listen();
        fixed (byte* start = address)
        {
            Expect.Equal(-Errno.EADDRINUSE, Libc.Bind(socket, start, address.Length), "binding to what is taken");
        }

        Expect.Equal(-Errno.EBADF, Libc.Listen(-1, 1), "listening on nothing");
    }

    private static unsafe void Addresses()
    {
        byte* written = stackalloc byte[SockAddr.MaxSize];
        Span<byte> span = new(written, SockAddr.MaxSize);
        string path = Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}");
        try
        {
            int length = SockAddr.WriteIPv4(span, [127, 0, 0, 1], 0);
            ReadOnlySpan<byte> bound = Bind(SocketConstants.FamilyIPv4, written, length);
            Expect.Equal("127.0.0.1", new System.Net.IPAddress(SockAddr.IPv4(bound)).ToString(), "the IPv4 address");
            Expect.True(SockAddr.Port(bound) != 0, "the port is 0");
            length = SockAddr.WriteUnix(span, System.Text.Encoding.UTF8.GetBytes(path));
            bound = Bind(SocketConstants.FamilyUnix, written, length);
            Expect.Equal(path, System.Text.Encoding.UTF8.GetString(SockAddr.UnixPath(bound)), "the path");
            if (System.Net.Sockets.Socket.OSSupportsIPv6)
            {
                length = SockAddr.WriteIPv6(span, System.Net.IPAddress.IPv6Loopback.GetAddressBytes(), 0, 0);
                bound = Bind(SocketConstants.FamilyIPv6, written, length);
                Expect.Equal("::1", new System.Net.IPAddress(SockAddr.IPv6(bound)).ToString(), "the IPv6 address");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static unsafe ReadOnlySpan<byte> Bind(int family, byte* address, int length)
    {
        int socket = Libc.Socket(family, SocketConstants.TypeStream);
        Expect.True(socket >= 0, $"socket() answered errno {-socket} (by Linux's numbers)");
        try
        {
            Expect.Equal(0, Libc.Bind(socket, address, length), "the result of bind() (by Linux's numbers)");
            byte[] bound = new byte[SockAddr.MaxSize];
            int size = bound.Length;
            fixed (byte* start = bound)
            {
                Expect.Equal(0, Libc.GetLocalAddress(socket, start, ref size), "the result of getsockname() (by Linux's numbers)");
            }

            Expect.Equal(family, SockAddr.Family(bound), "the family");
            return bound.AsSpan(0, size);
        }
        finally
        {
            _ = Libc.Close(socket);
        }
    }

    private static unsafe void Vectors()
    {
        using Sockets sockets = new();
        (int client, int server) = sockets.Pair();
        byte* bytes = stackalloc byte[5] { 1, 2, 3, 4, 5 };
        IoVector* vectors = stackalloc IoVector[2];
        vectors[0] = new IoVector { Base = bytes, Length = 2 };
        vectors[1] = new IoVector { Base = bytes + 2, Length = 3 };
        Expect.Equal(5, Libc.SendVector(client, vectors, 2), "the result of sendmsg() (by Linux's numbers)");
        byte[] received = new byte[16];
        int total = 0;
        _ = Sockets.Until(
            () =>
            {
                nint count = Sockets.Receive(server, received.AsSpan(total));
                total += (int)Math.Max(count, 0);
                return total;
            },
            static count => count == 5,
            "not every byte came");
        Expect.True(received.AsSpan(0, 5).SequenceEqual((ReadOnlySpan<byte>)[1, 2, 3, 4, 5]), "the bytes are others, or in another order");
    }

    private static unsafe void Unacknowledged()
    {
        using Sockets sockets = new();
        (int client, _) = sockets.Pair();

        // Nobody reads: what does not fit into the peer's buffer stays in ours.
        byte[] bytes = new byte[64 * 1024];
        fixed (byte* start = bytes)
        {
            while (Libc.Send(client, start, (nuint)bytes.Length) > 0)
            {
            }
        }

        int count = Libc.GetUnacknowledged(client);
        Expect.True(count > 1, $"{count} bytes are unacknowledged, though the peer does not read");
        (int other, _) = sockets.Pair();
        Sockets.Send(other, [1, 2, 3]);
        _ = Sockets.Until(() => Libc.GetUnacknowledged(other), static left => left == 0, "the peer did not acknowledge three bytes");
    }

    private static void LookUp()
    {
        int code = Libc.GetAddrInfo("localhost", out List<byte[]> addresses, out _);
        Expect.Equal(0, code, "the result of getaddrinfo() (by Linux's numbers)");
        Expect.True(addresses.Count > 0, "there is no address");
        foreach (byte[] address in addresses)
        {
            int family = SockAddr.Family(address);
            Expect.True(
                family == SocketConstants.FamilyIPv4 ? SockAddr.IPv4(address)[0] == 127
                    : family == SocketConstants.FamilyIPv6 && SockAddr.IPv6(address).Length == 16,
                $"an address is {BitConverter.ToString(address)}");
        }
    }

    private static void LookUpNothing()
    {
        // Reserved for what never resolves, and not asked of any server by a label that is too long for one.
        int code = Libc.GetAddrInfo(new string('x', 64) + ".invalid", out _, out _);
        Expect.True(
            code is Libc.NameNotFound or Libc.NoData or Libc.UnrecoverableFailure,
            $"getaddrinfo() answered {code} (by Linux's numbers), not one of those that mean no such name");
    }

    private static IEnumerable<(string What, int Descriptor)> Descriptors(Sockets sockets)
    {
        (int client, int server) = sockets.Pair();
        (int reader, int writer) = sockets.Pipe();
        return [("a new socket", client), ("an accepted socket", server), ("a pipe's reading end", reader), ("its writing end", writer)];
    }
}
