using System.Runtime.InteropServices;
using AwsIO.Native.Linux;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;
using ProcessorKind = System.Runtime.InteropServices.Architecture;

namespace AwsIO.Tests.Native;

[Collection(LoopTestCollection.Name)]
public sealed unsafe class EpollEventTests
{
    [Fact]
    public void An_event_is_packed_on_x64_and_x86_and_aligned_elsewhere()
    {
        bool packed = RuntimeInformation.ProcessArchitecture is ProcessorKind.X64 or ProcessorKind.X86;
        Assert.Equal(packed ? 12 : 16, EpollEventBuffer.Stride);
        Assert.True(EpollEventBuffer.Stride <= EpollEventBuffer.MaxEventSize);
    }

    [Fact]
    public void What_is_written_for_the_kernel_is_read_back_from_each_place_of_a_batch()
    {
        using EpollEventBuffer batch = new(4);
        for (int i = 0; i < 4; i++)
        {
            EpollEventBuffer.WriteEvent(batch.Pointer + (i * EpollEventBuffer.Stride), 0x8000_2001u + (uint)i, ulong.MaxValue - (ulong)i);
        }

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(0x8000_2001u + (uint)i, batch.Events(i));
            Assert.Equal(ulong.MaxValue - (ulong)i, batch.Data(i));
        }
    }

    [Fact]
    public void The_kernel_gives_back_each_descriptors_own_64_bits()
    {
        // A wrong layout would lose every second event, or mix the data up.
        int epoll = LibcEpoll.Create();
        Assert.True(epoll >= 0);
        TestPipe[] pipes = [.. Enumerable.Range(0, 5).Select(static _ => new TestPipe())];
        byte* one = stackalloc byte[EpollEventBuffer.MaxEventSize];
        for (int i = 0; i < pipes.Length; i++)
        {
            pipes[i].Write();
            EpollEventBuffer.WriteEvent(one, LibcEpoll.In | LibcEpoll.EdgeTriggered, 0xFEDC_BA98_7654_3210 + (ulong)i);
            Assert.Equal(0, LibcEpoll.Control(epoll, LibcEpoll.Add, pipes[i].Reader.Descriptor, one));
        }

        using EpollEventBuffer batch = new(8);
        Assert.Equal(5, LibcEpoll.Wait(epoll, batch.Pointer, batch.Capacity, 1_000_000_000));
        ulong[] data = [.. Enumerable.Range(0, 5).Select(batch.Data).Order()];
        Assert.Equal(Enumerable.Range(0, 5).Select(static i => 0xFEDC_BA98_7654_3210 + (ulong)i), data);
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(LibcEpoll.In, batch.Events(i)));

        // The edge has been told; a second write is the next.
        Assert.Equal(0, LibcEpoll.Wait(epoll, batch.Pointer, batch.Capacity, 0));
        pipes[3].Write();
        Assert.Equal(1, LibcEpoll.Wait(epoll, batch.Pointer, batch.Capacity, -1));
        Assert.Equal(0xFEDC_BA98_7654_3213, batch.Data(0));
        Array.ForEach(pipes, static pipe => pipe.Dispose());
        Assert.Equal(0, Libc.Close(epoll));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(999_999)]
    [InlineData(3_000_001)]
    public void A_wait_without_events_lasts_at_least_its_time(long nanoseconds)
    {
        int epoll = LibcEpoll.Create();
        using EpollEventBuffer batch = new(1);
        long start = IoClock.Now;
        Assert.Equal(0, LibcEpoll.Wait(epoll, batch.Pointer, 1, nanoseconds));
        Assert.True(IoClock.Now - start >= nanoseconds);
        Assert.Equal(0, Libc.Close(epoll));
    }

    [Fact]
    public void Failures_are_negative_errno_values()
    {
        using EpollEventBuffer batch = new(1);
        byte* one = stackalloc byte[EpollEventBuffer.MaxEventSize];
        Assert.Equal(-Errno.EBADF, LibcEpoll.Wait(-1, batch.Pointer, 1, 0));
        Assert.Equal(-Errno.EBADF, LibcEpoll.Wait(-1, batch.Pointer, 1, 1000));
        Assert.Equal(-Errno.EBADF, LibcEpoll.Control(-1, LibcEpoll.Add, 0, one));
        Assert.Equal(-Errno.EBADF, Libc.Close(-1));
    }
}
