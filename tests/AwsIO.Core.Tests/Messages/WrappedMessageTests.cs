using System.Buffers;
using System.Runtime.CompilerServices;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Messages;

/// <summary>Messages that stand for memory of somebody else's.</summary>
public sealed class WrappedMessageTests : LoopTest
{
    [Fact]
    public async Task It_is_full_and_nothing_can_be_put_into_it() =>
        await Loop.Call(() =>
        {
            byte[] bytes = [0, 1, 2, 3, 4, 5];
            IoMessage message = Pool.Wrap(bytes.AsMemory(2, 3));
            Assert.True(message.IsReadOnly);
            Assert.Equal((IoMessageKind.ApplicationData, 3, 3), (message.Kind, message.Length, message.Capacity));
            Assert.Equal([2, 3, 4], message.Data.ToArray());
            Assert.Equal([2, 3, 4], message.Memory.ToArray());
            AssertTakesNothing(message);
            message.Clear();
            Assert.True(message.Data.IsEmpty);
            AssertTakesNothing(message);
            message.Release();
            Assert.Throws<InvalidOperationException>(message.Release);
            Assert.Equal([0, 1, 2, 3, 4, 5], bytes);
        });

    [Fact]
    public async Task It_stands_for_memory_and_not_for_a_copy() =>
        await Loop.Call(() =>
        {
            byte[] bytes = new byte[3];
            IoMessage message = Pool.Wrap(bytes);
            bytes[1] = 7;
            Assert.Equal([0, 7, 0], message.Data.ToArray());
            message.Release();
        });

    [Fact]
    public async Task Memory_that_is_no_array_is_as_good() =>
        await Loop.Call(() =>
        {
            using NativeMemoryOwner owner = new(100);
            owner.GetSpan()[50] = 7;
            IoMessage message = Pool.Wrap(owner.Memory.Slice(50, 2));
            Assert.Equal([7, 0], message.Data.ToArray());
            Assert.Equal([7, 0], message.Memory.ToArray());
            AssertTakesNothing(message);
            message.Release();
        });

    [Fact]
    public async Task No_bytes_and_more_than_any_buffer_holds_can_be_wrapped() =>
        await Loop.Call(() =>
        {
            foreach (int size in new[] { 0, 10 * MessagePool.MaxMessageSize })
            {
                IoMessage message = Pool.Wrap(new byte[size]);
                Assert.Equal(size, message.Data.Length);
                message.Release();
            }
        });

    [Fact]
    public async Task A_released_one_is_used_again_and_keeps_no_memory_alive()
    {
        WeakReference memory = await Loop.Call(WrapAndRelease);
        GC.Collect();
        Assert.False(memory.IsAlive);
        await Loop.Call(() =>
        {
            IoMessage first = Pool.Wrap(new byte[1]);
            first.IsLast = true;
            first.Tag = 3;
            first.Release();
            IoMessage second = Pool.Wrap(new byte[2]);
            Assert.Same(first, second);
            Assert.Equal((false, 0, 2), (second.IsLast, second.Tag, second.Length));
            second.Release();

            // It has no buffer, so that nobody who wants one may get it.
            IoMessage rented = Pool.Rent(IoMessageKind.ApplicationData, 2);
            Assert.NotSame(first, rented);
            Assert.False(rented.IsReadOnly);
            rented.Release();
        });
    }

    [Fact]
    public async Task One_that_another_thread_releases_is_counted_as_given_back()
    {
        IoMessage message = await Loop.Call(() => Pool.Wrap(new byte[1]));
        await Task.Run(message.Release);
        await Loop.Call(() =>
        {
            Pool.TakeBackReleased();
            Assert.Equal(0, Pool.Outstanding);
        });
    }

    [Fact]
    public async Task Wrapping_allocates_nothing_once_there_is_a_message_to_use_again() =>
        await Loop.Call(() =>
        {
            byte[] bytes = new byte[1];
            Pool.Wrap(bytes).Release();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                Pool.Wrap(bytes).Release();
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });

    private LoopMessagePool Pool => LoopMessagePool.Of(Loop);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference WrapAndRelease()
    {
        byte[] bytes = new byte[100];
        Pool.Wrap(bytes).Release();
        return new WeakReference(bytes);
    }

    private static void AssertTakesNothing(IoMessage message)
    {
        Assert.True(message.FreeSpace.IsEmpty);
        Assert.Equal(0, message.Append([9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => message.Advance(1));
    }
}
