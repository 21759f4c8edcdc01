using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.NativeCalls;

[Collection(LoopTestCollection.Name)]
public sealed unsafe class ErrnoTests
{
    [Fact]
    public void Errno_of_a_call_without_a_transition_survives_collections_on_other_threads()
    {
        int* pair = stackalloc int[2];
        Assert.Equal(0, Libc.Pipe(pair));
        int reader = pair[0];
        int writer = pair[1];
        int socket = Libc.Socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream);
        using CancellationTokenSource stop = new();
        Thread collector = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            }
        });
        collector.Start();
        (int reads, int receives) = Count(reader, socket);
        stop.Cancel();
        collector.Join();
        Assert.Equal(0, Libc.Close(reader));
        Assert.Equal(0, Libc.Close(writer));
        Assert.Equal(0, Libc.Close(socket));
        Assert.Equal((200_000, 200_000), (reads, receives));

        // Each result is either errno as it should be, or a wrong one that a suspension has left behind.
        static (int Reads, int Receives) Count(int pipe, int unconnected)
        {
            byte* buffer = stackalloc byte[16];
            int reads = 0;
            int receives = 0;
            for (int i = 0; i < 200_000; i++)
            {
                reads += Libc.Read(pipe, buffer, 16) == -Errno.EAGAIN ? 1 : 0;
                receives += Libc.Receive(unconnected, buffer, 16) == -Errno.ENOTCONN ? 1 : 0;
                if ((i & 63) == 0)
                {
                    GC.KeepAlive(new byte[256]);
                }
            }

            return (reads, receives);
        }
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

        using CancellationTokenSource stop = new();
        Thread collector = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
            }
        });
        collector.Start();
        int wrong = 0;
        byte* buffer = stackalloc byte[64];
        for (int i = 0; i < 100_000; i++)
        {
            wrong += Libc.Receive(server, buffer, 64) == -Errno.EAGAIN ? 0 : 1;
        }

        stop.Cancel();
        collector.Join();
        Assert.Equal(0, wrong);
        foreach (int descriptor in new[] { listener, client, server })
        {
            Assert.Equal(0, Libc.Close(descriptor));
        }
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
