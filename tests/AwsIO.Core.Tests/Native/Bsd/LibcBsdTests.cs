using System.Runtime.InteropServices;
using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.NativeCalls.Bsd;

/// <summary>
/// What macOS does by several calls, done by the same calls here: they exist on Linux too, by Linux's numbers. How arguments are
/// passed on Apple's arm64 no test here can see.
/// </summary>
[Collection(LoopTestCollection.Name)]
public sealed unsafe partial class LibcBsdTests
{
    [Fact]
    public void A_plain_socket_becomes_non_blocking_and_closed_on_exec()
    {
        int descriptor = socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream, 0);
        Assert.Equal((false, false), Flags(descriptor));

        Assert.Equal(descriptor, LibcBsd.Prepare(descriptor, isSocket: true));
        Assert.Equal((true, true), Flags(descriptor));
        Assert.Equal(0, LibcBsd.SetNonBlocking(descriptor));
        Assert.Equal((true, true), Flags(descriptor));
        Assert.Equal(0, Libc.Close(descriptor));
    }

    [Fact]
    [Trait("Category", "ExactCalls")]
    public void A_pipe_is_made_ready_at_both_ends()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, LibcBsd.Pipe(ends));
        Assert.Equal((true, true), Flags(ends[0]));
        Assert.Equal((true, true), Flags(ends[1]));
        byte b = 1;
        Assert.Equal(1, Libc.Write(ends[1], &b, 1));
        Assert.Equal(1, LibcBsd.IoctlCount(ends[0], Abi.Current.Files.IoctlBytesToRead));
        Assert.Equal(1, Libc.Read(ends[0], &b, 1));
        Assert.Equal(-Errno.EAGAIN, Libc.Read(ends[0], &b, 1));
        Assert.Equal(0, Libc.Close(ends[0]));
        Assert.Equal(0, Libc.Close(ends[1]));
    }

    [Fact]
    public void What_cannot_be_made_ready_is_answered_by_errno()
    {
        Assert.Equal(-Errno.EBADF, LibcBsd.Prepare(-1, isSocket: false));
        Assert.Equal(-Errno.EBADF, LibcBsd.SetNonBlocking(-1));
        Assert.Equal(-Errno.EBADF, LibcBsd.SetCloseOnExec(-1));
        Assert.Equal(-Errno.EBADF, LibcBsd.IoctlCount(-1, Abi.Current.Files.IoctlBytesToRead));
    }

    [Fact]
    public void The_bytes_that_a_peer_has_not_acknowledged_count_down_to_the_end_alone()
    {
        using Infrastructure.Kqueue.TestSocketPair pair = new();
        int descriptor = (int)pair.Own.Handle;
        pair.Own.Send(new byte[100]);
        pair.Own.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Waiting.Until(() => Libc.GetUnacknowledged(descriptor) <= 1);
        Assert.InRange(Libc.GetUnacknowledged(descriptor), 0, 1);
    }

    [Fact]
    public void A_pending_error_is_taken_once()
    {
        using Infrastructure.Kqueue.TestSocketPair pair = new();
        int descriptor = (int)pair.Own.Handle;
        Assert.Equal(0, Libc.TakePendingError(descriptor));
        pair.Peer.LingerState = new(enable: true, seconds: 0);
        pair.Peer.Dispose();
        int errno = 0;
        Waiting.Until(() => (errno = Libc.TakePendingError(descriptor)) != 0);
        Assert.Equal(Errno.ECONNRESET, errno);
        Assert.Equal(0, Libc.TakePendingError(descriptor));
        Assert.Equal(-Errno.EBADF, -Libc.TakePendingError(-1));
    }

    private static (bool NonBlocking, bool CloseOnExec) Flags(int descriptor)
    {
        FileNumbers numbers = Abi.Current.Files;
        return (
            (LibcBsd.Fcntl(descriptor, numbers.GetStatusFlags, 0) & numbers.NonBlocking) != 0,
            (LibcBsd.Fcntl(descriptor, numbers.GetDescriptorFlags, 0) & numbers.DescriptorCloseOnExec) != 0);
    }

    [LibraryImport("libc")]
    private static partial int socket(int family, int type, int protocol);
}
