using System.Runtime.InteropServices;
using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.NativeCalls.Bsd;

/// <summary>What the calls make of each answer of a kernel, by a kernel that gives what a test wants.</summary>
[Collection(LoopTestCollection.Name)]
public sealed unsafe class KqueueCallsTests
{
    [ThreadStatic]
    private static Func<Call, int>? s_kernel;

    private static readonly KqueueCalls s_darwin = new(Abi.Darwin, &Kqueue, &Kevent, &Close);
    private static readonly KqueueCalls s_freeBsd = new(Abi.FreeBsd, &Kqueue, &Kevent, &Close);

    [Fact]
    public void Failures_are_negative_errno_values_by_AwsIOs_numbers()
    {
        Answer(static _ => -35);
        Assert.Equal(-Errno.EAGAIN, s_darwin.Create());
        Assert.Equal(-Errno.EAGAIN, s_darwin.Close(3));
        byte* change = stackalloc byte[64];
        Assert.Equal(-Errno.EAGAIN, s_darwin.Apply(3, change));
        using KeventList list = new(s_darwin.Numbers, 1);
        Assert.Equal(-Errno.EAGAIN, s_darwin.Wait(3, list, 0));

        Answer(static _ => -78);
        Assert.Equal(-Errno.ENOSYS, s_freeBsd.Create());
    }

    [Fact]
    public void A_signal_ends_a_wait_with_no_events()
    {
        using KeventList list = new(s_darwin.Numbers, 1);
        Answer(static _ => -Errno.EINTR);
        Assert.Equal(0, s_darwin.Wait(3, list, 1_000_000));
    }

    [Theory]
    [InlineData(-1L, -1L, 0L)]
    [InlineData(long.MinValue, -1L, 0L)]
    [InlineData(0L, 0L, 0L)]
    [InlineData(1L, 0L, 1L)]
    [InlineData(1_999_999_999L, 1L, 999_999_999L)]
    [InlineData(86_399_999_999_999L, 86_399L, 999_999_999L)]
    [InlineData(86_400_000_000_001L, 86_400L, 0L)]
    [InlineData(long.MaxValue, 86_400L, 0L)]
    public void A_timeout_is_exact_and_never_longer_than_a_day(long nanoseconds, long seconds, long rest)
    {
        using KeventList list = new(s_darwin.Numbers, 1);
        Call seen = default;
        Answer(call =>
        {
            seen = call;
            return 0;
        });
        Assert.Equal(0, s_darwin.Wait(3, list, nanoseconds));

        Assert.Equal(seconds < 0, seen.HasNoTimeout);
        Assert.Equal((Math.Max(seconds, 0), rest), ((long)seen.Timeout.Seconds, (long)seen.Timeout.Nanoseconds));
        Assert.Equal((0, 1), (seen.ChangeCount, seen.EventCount));
    }

    [Fact]
    public void Receipts_say_what_each_change_was_answered()
    {
        byte* changes = stackalloc byte[2 * 64];
        Span<int> errors = stackalloc int[2];
        Answer(static call =>
        {
            Assert.Equal((2, 2), (call.ChangeCount, call.EventCount));
            Assert.False(call.HasNoTimeout);
            Receipt(call.Events, 0);
            Receipt(call.Events + 32, 61);
            return 2;
        });

        Assert.Equal(0, s_darwin.Apply(3, changes, 2, errors));
        Assert.Equal([0, Errno.ECONNREFUSED], errors.ToArray());
    }

    [Fact]
    public void A_change_without_a_receipt_counts_as_refused()
    {
        byte* changes = stackalloc byte[2 * 64];
        Span<int> errors = stackalloc int[2];
        Answer(static call =>
        {
            // One receipt too few, and an event in the place of the other.
            *(ushort*)(call.Events + 10) = KqueueNumbers.Clear;
            return 1;
        });

        Assert.Equal(0, s_darwin.Apply(3, changes, 2, errors));
        Assert.Equal([Errno.EINVAL, Errno.EINVAL], errors.ToArray());
    }

    [Fact]
    public void Changes_that_a_signal_interrupted_are_made_again_and_what_was_deleted_already_is_no_failure()
    {
        byte* changes = stackalloc byte[2 * 64];
        new Span<byte>(changes, 128).Clear();
        KeventList.Write(changes, 5, KqueueNumbers.FilterRead, KqueueNumbers.Delete | KqueueNumbers.Receipt, 0, 0);
        KeventList.Write(changes + 32, 5, KqueueNumbers.FilterWrite, KqueueNumbers.Add | KqueueNumbers.Receipt, 0, 0);
        Span<int> errors = stackalloc int[2];
        int calls = 0;
        Answer(call =>
        {
            if (++calls == 1)
            {
                return -Errno.EINTR;
            }

            Receipt(call.Events, Errno.ENOENT);
            Receipt(call.Events + 32, Errno.ENOENT);
            return 2;
        });

        Assert.Equal(0, s_darwin.Apply(3, changes, 2, errors));
        Assert.Equal(2, calls);
        Assert.Equal([0, Errno.ENOENT], errors.ToArray());

        // Where no signal came, it is one.
        Assert.Equal(0, s_darwin.Apply(3, changes, 2, errors));
        Assert.Equal([Errno.ENOENT, Errno.ENOENT], errors.ToArray());
    }

    [Fact]
    public void A_change_that_wants_no_receipt_is_repeated_after_a_signal_too()
    {
        byte* change = stackalloc byte[64];
        int calls = 0;
        Answer(call =>
        {
            Assert.Equal((1, 0), (call.ChangeCount, call.EventCount));
            return ++calls < 3 ? -Errno.EINTR : 0;
        });

        Assert.Equal(0, s_darwin.Apply(3, change));
        Assert.Equal(3, calls);
    }

    [Fact]
    public void There_are_no_calls_for_a_system_without_a_kqueue()
    {
        Assert.Throws<PlatformNotSupportedException>(static () => new KqueueCalls(Abi.Linux, &Kqueue, &Kevent, &Close));
        if (OperatingSystem.IsLinux())
        {
            Assert.Throws<PlatformNotSupportedException>(KqueueCalls.OfSystem);
        }
    }

    private static void Answer(Func<Call, int> kernel) => s_kernel = kernel;

    private static void Receipt(byte* at, int native)
    {
        *(ushort*)(at + 10) = KqueueNumbers.Error | KqueueNumbers.Receipt;
        *(long*)(at + 16) = native;
    }

    private static int Answered(Call call)
    {
        int answer = s_kernel!(call);
        Marshal.SetLastSystemError(answer < 0 ? -answer : 0);
        return Math.Max(answer, -1);
    }

    [UnmanagedCallersOnly]
    private static int Kqueue() => Answered(default);

    [UnmanagedCallersOnly]
    private static int Close(int descriptor) => Answered(default);

    [UnmanagedCallersOnly]
    private static int Kevent(int kqueue, byte* changes, int changeCount, byte* events, int eventCount, KqueueTimeout* timeout) =>
        Answered(new Call
        {
            ChangeCount = changeCount,
            Events = events,
            EventCount = eventCount,
            HasNoTimeout = timeout is null,
            Timeout = timeout is null ? default : *timeout,
        });

    private struct Call
    {
        internal int ChangeCount;
        internal byte* Events;
        internal int EventCount;
        internal bool HasNoTimeout;
        internal KqueueTimeout Timeout;
    }
}
