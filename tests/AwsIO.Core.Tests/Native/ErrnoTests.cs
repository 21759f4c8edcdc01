using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.NativeCalls;

[Collection(LoopTestCollection.Name)]
public sealed unsafe class ErrnoTests
{
    private const int Calls = 50_000;
    private const int CallsPerCollection = 10;

    // Means the errno of the kernel.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public void Errno_of_a_call_without_a_transition_survives_collections_on_other_threads()
    {
        int* pair = stackalloc int[2];
        Assert.Equal(0, Libc.Pipe(pair));
        int reader = pair[0];
        int writer = pair[1];
        int socket = Libc.Socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream);
        byte* buffer = stackalloc byte[16];

        // Each result is either errno as it should be, or a wrong one that a suspension has left behind.
        Assert.Equal(0, CountWrongWhileCollecting(
            (Reader: reader, Socket: socket, Buffer: (nint)buffer),
            static calls => Libc.Read(calls.Reader, (byte*)calls.Buffer, 16) == -Errno.EAGAIN
                && Libc.Receive(calls.Socket, (byte*)calls.Buffer, 16) == -Errno.ENOTCONN));
        Assert.Equal(0, Libc.Close(reader));
        Assert.Equal(0, Libc.Close(writer));
        Assert.Equal(0, Libc.Close(socket));
    }

    [Fact]
    public void Receive_on_an_empty_connection_answers_would_block_while_another_thread_collects()
    {
        int listener = Libc.Socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream);
        byte* address = stackalloc byte[SockAddr.MaxSize];
        int length = SockAddr.WriteIPv4(new Span<byte>(address, SockAddr.MaxSize), [127, 0, 0, 1], 0);
        Assert.Equal(0, Libc.Bind(listener, address, length));
        Assert.Equal(0, Libc.Listen(listener, 1));
        int size = SockAddr.MaxSize;
        Assert.Equal(0, Libc.GetLocalAddress(listener, address, ref size));
        int client = Libc.Socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream);
        Assert.True(Libc.Connect(client, address, size) is 0 or -Errno.EINPROGRESS);
        int server = -Errno.EAGAIN;
        byte* peer = stackalloc byte[SockAddr.MaxSize];
        Waiting.Until(() =>
        {
            int peerSize = SockAddr.MaxSize;
            server = Libc.Accept(listener, peer, ref peerSize);
            return server >= 0;
        });

        byte* buffer = stackalloc byte[64];
        Assert.Equal(0, CountWrongWhileCollecting(
            (Server: server, Buffer: (nint)buffer),
            static calls => Libc.Receive(calls.Server, (byte*)calls.Buffer, 64) == -Errno.EAGAIN));
        foreach (int descriptor in new[] { listener, client, server })
        {
            Assert.Equal(0, Libc.Close(descriptor));
        }
    }

    private static int CountWrongWhileCollecting<T>(T state, Func<T, bool> call)
    {
        int made = 0;
        int collections = 0;
        Thread collector = new(() =>
        {
            int next = 0;
            SpinWait wait = default;
            while (Volatile.Read(ref made) < Calls)
            {
                // Collections without a pause would leave the caller no time at all.
                if (Volatile.Read(ref made) < next)
                {
                    wait.SpinOnce(sleep1Threshold: -1);
                    continue;
                }

                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                collections++;
                next = Volatile.Read(ref made) + CallsPerCollection;
            }
        });
        int wrong = 0;
        collector.Start();
        while (made < Calls)
        {
            wrong += call(state) ? 0 : 1;
            Volatile.Write(ref made, made + 1);
            if ((made & 63) == 0)
            {
                GC.KeepAlive(new byte[256]);
            }
        }

        collector.Join();
        Assert.True(collections > 0);
        return wrong;
    }

    [Theory]
    [InlineData(111, IoErrorCode.SocketConnectionRefused)]
    [InlineData(104, IoErrorCode.SocketClosed)]
    [InlineData(32, IoErrorCode.SocketClosed)]
    [InlineData(110, IoErrorCode.SocketTimeout)]
    [InlineData(113, IoErrorCode.SocketNoRouteToHost)]
    [InlineData(101, IoErrorCode.SocketNoRouteToHost)]
    [InlineData(99, IoErrorCode.SocketInvalidAddress)]
    [InlineData(100, IoErrorCode.SocketNetworkDown)]
    [InlineData(103, IoErrorCode.SocketConnectAborted)]
    [InlineData(98, IoErrorCode.SocketAddressInUse)]
    [InlineData(105, IoErrorCode.OutOfMemory)]
    [InlineData(12, IoErrorCode.OutOfMemory)]
    [InlineData(11, IoErrorCode.ReadWouldBlock)]
    [InlineData(24, IoErrorCode.MaxFileDescriptorsExceeded)]
    [InlineData(23, IoErrorCode.MaxFileDescriptorsExceeded)]
    [InlineData(2, IoErrorCode.FileInvalidPath)]
    [InlineData(22, IoErrorCode.FileInvalidPath)]
    [InlineData(97, IoErrorCode.SocketUnsupportedAddressFamily)]
    [InlineData(13, IoErrorCode.NoPermission)]
    [InlineData(1, IoErrorCode.NoPermission)]
    [InlineData(71, IoErrorCode.SocketNotConnected)]
    public void A_sockets_errno_has_upstreams_code_and_keeps_its_number(int errno, IoErrorCode code)
    {
        IoError error = Errno.ToSocketError(errno, "Trying");
        Assert.Equal(code, error.Code);
        Assert.Equal(errno, error.NativeError);
        Assert.StartsWith("Trying failed: ", error.Detail, StringComparison.Ordinal);
        Assert.EndsWith(Errno.Describe(errno), error.Detail, StringComparison.Ordinal);
    }
}
