using System.Runtime.InteropServices;
using AwsIO.Native.Linux;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;
using ProcessorKind = System.Runtime.InteropServices.Architecture;

namespace AwsIO.Tests.NativeCalls;

/// <summary>Each wait here is one call to the kernel, and its answer is meant: no test for a run under a fault plan.</summary>
[Collection(LoopTestCollection.Name)]
[Trait("Category", "ExactCalls")]
public sealed class EpollEventTests
{
    [Theory]
    [InlineData(ProcessorKind.X64, 12, 4)]
    [InlineData(ProcessorKind.X86, 12, 4)]
    [InlineData(ProcessorKind.Arm64, 16, 8)]
    [InlineData(ProcessorKind.Arm, 16, 8)]
    [InlineData(ProcessorKind.LoongArch64, 16, 8)]
    [InlineData(ProcessorKind.Ppc64le, 16, 8)]
    [InlineData(ProcessorKind.S390x, 16, 8)]
    [InlineData((ProcessorKind)9, 16, 8)] // RISC-V, which .NET 8 has no name for
    public void An_event_is_packed_on_x64_and_x86_and_aligned_elsewhere(ProcessorKind architecture, int size, int dataOffset)
    {
        Assert.Equal(new EpollEventLayout(size, dataOffset), EpollEventLayout.Of(architecture));
        Assert.True(size <= EpollEventLayout.MaxSize);
    }

    [Fact]
    public void The_layout_in_use_is_that_of_this_processor() =>
        Assert.Equal(EpollEventLayout.Of(RuntimeInformation.ProcessArchitecture).Size, EpollEventBuffer.Stride);

    [Fact]
    public void The_kernel_gives_back_each_descriptors_own_64_bits()
    {
        // A wrong layout would lose every second event, or mix the data up.
        int epoll = LibcEpoll.Create();
        Assert.True(epoll >= 0);
        TestPipe[] pipes = [.. Enumerable.Range(0, 5).Select(static _ => new TestPipe())];
        for (int i = 0; i < pipes.Length; i++)
        {
            pipes[i].Write();
            Assert.Equal(0, LibcEpoll.Add(
                epoll, pipes[i].Reader.Descriptor, LibcEpoll.In | LibcEpoll.EdgeTriggered, 0xFEDC_BA98_7654_3210 + (ulong)i));
        }

        using EpollEventBuffer batch = new(8);
        Assert.Equal(5, batch.Wait(epoll, 1_000_000_000));
        ulong[] data = [.. Enumerable.Range(0, 5).Select(batch.Data).Order()];
        Assert.Equal(Enumerable.Range(0, 5).Select(static i => 0xFEDC_BA98_7654_3210 + (ulong)i), data);
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(LibcEpoll.In, batch.Events(i)));

        // The edge has been told; a second write is the next.
        Assert.Equal(0, batch.Wait(epoll, 0));
        pipes[3].Write();
        Assert.Equal(1, batch.Wait(epoll, -1));
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
        Assert.Equal(0, batch.Wait(epoll, nanoseconds));
        Assert.True(IoClock.Now - start >= nanoseconds);
        Assert.Equal(0, Libc.Close(epoll));
    }

    [Fact]
    public void Failures_are_negative_errno_values()
    {
        using EpollEventBuffer batch = new(1);
        Assert.Equal(-Errno.EBADF, batch.Wait(-1, 0));
        Assert.Equal(-Errno.EBADF, batch.Wait(-1, 1000));
        Assert.Equal(-Errno.EBADF, LibcEpoll.Add(-1, 0, LibcEpoll.In, 0));
        Assert.Equal(-Errno.EBADF, LibcEpoll.Delete(-1, 0));
        Assert.Equal(-Errno.EBADF, Libc.Close(-1));
    }
}
