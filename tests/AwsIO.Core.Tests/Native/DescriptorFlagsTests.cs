using System.Globalization;
using AwsIO.Native.Linux;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.NativeCalls;

[Collection(LoopTestCollection.Name)]
public sealed unsafe class DescriptorFlagsTests
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    [Fact]
    public void Every_descriptor_is_closed_on_exec_and_non_blocking_from_its_first_moment()
    {
        int* pipe = stackalloc int[2];
        Assert.Equal(0, Libc.Pipe(pipe));
        int socket = Libc.Socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream);
        int eventFd = Libc.EventFd();
        int epoll = LibcEpoll.Create();
        foreach (int descriptor in new[] { pipe[0], pipe[1], socket, eventFd })
        {
            Assert.Equal(NonBlocking | CloseOnExec, Flags(descriptor) & (NonBlocking | CloseOnExec));
            Assert.Equal(0, Libc.Close(descriptor));
        }

        Assert.Equal(CloseOnExec, Flags(epoll) & CloseOnExec);
        Assert.Equal(0, Libc.Close(epoll));
    }

    private static int Flags(int descriptor)
    {
        string line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fdinfo/{descriptor}"))
            .First(static text => text.StartsWith("flags:", StringComparison.Ordinal));
        return Convert.ToInt32(line["flags:".Length..].Trim(), 8);
    }
}
