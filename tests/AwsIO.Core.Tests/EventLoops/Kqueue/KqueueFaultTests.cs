using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.EventLoops.Kqueue;

/// <summary>Each fault once, on demand, and what the loop makes of it.</summary>
public sealed class KqueueFaultTests : KqueueTest
{
    private const IoEvents Both = IoEvents.Readable | IoEvents.Writable;

    [Fact]
    public async Task A_signal_ends_no_wait_for_good()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        Faults.Provoke(KqueueFault.Interrupt);
        await Loop.Turn();
        Assert.True(Faults.Happened.HasFlag(KqueueFault.Interrupt));

        RecordingTask timer = new();
        long due = Loop.CurrentTime + 2_000_000;
        Faults.Provoke(KqueueFault.Interrupt);
        Loop.ScheduleAt(timer, due);
        await timer.Called.Within();
        Assert.True(Loop.CurrentTime >= due);
        pipe.Write();
        Assert.Equal(IoEvents.Readable, await handler.Next());
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    public async Task Batches_of_one_lose_nothing()
    {
        TestPipe[] pipes = [.. Enumerable.Range(0, 10).Select(static _ => new TestPipe())];
        RecordingHandler[] handlers = [.. pipes.Select(static _ => new RecordingHandler())];
        using (await Loop.Hold())
        {
            for (int i = 0; i < pipes.Length; i++)
            {
                pipes[i].Write();
                Assert.Equal(IoError.None, Loop.Subscribe(pipes[i].Reader, IoEvents.Readable, handlers[i]));
            }

            Faults.Provoke(KqueueFault.OneSlot);
        }

        foreach (RecordingHandler handler in handlers)
        {
            Assert.Equal(IoEvents.Readable, await handler.Next());
        }

        Assert.True(Faults.Happened.HasFlag(KqueueFault.OneSlot));
        await Loop.Call(() => Array.ForEach(pipes, pipe => Loop.Unsubscribe(pipe.Reader)));
        Array.ForEach(pipes, static pipe => pipe.Dispose());
    }

    [Theory]
    [InlineData(KqueueFault.Reorder)]
    [InlineData(KqueueFault.HoldBack)]
    internal async Task Events_in_another_order_reach_the_same_handlers_once(KqueueFault fault)
    {
        using TestPipe first = new();
        using TestPipe second = new();
        RecordingHandler onFirst = new();
        RecordingHandler onSecond = new();
        using (await Loop.Hold())
        {
            first.Write();
            second.Write();
            Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, onFirst));
            Assert.Equal(IoError.None, Loop.Subscribe(second.Reader, IoEvents.Readable, onSecond));
            Faults.Provoke(fault);
        }

        Assert.Equal(IoEvents.Readable, await onFirst.Next());
        Assert.Equal(IoEvents.Readable, await onSecond.Next());
        await Loop.Turn();
        Assert.Equal((1, 1), (onFirst.Count, onSecond.Count));
        Assert.True(Faults.Happened.HasFlag(fault));
        await Loop.Call(() => (Loop.Unsubscribe(first.Reader), Loop.Unsubscribe(second.Reader)));
    }

    [Fact]
    public async Task An_event_that_was_held_back_reaches_nobody_when_its_subscription_has_ended()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        using (await Loop.Hold())
        {
            pipe.Write();
            Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
            Faults.Provoke(KqueueFault.HoldBack);
            Loop.Schedule(IoTask.Create(
                (_, _) =>
                {
                    // The event has been taken from the kernel by now, and comes with the next wait.
                    Assert.True(Faults.Happened.HasFlag(KqueueFault.HoldBack));
                    Assert.Equal(IoError.None, Loop.Unsubscribe(pipe.Reader));
                },
                0));
        }

        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(0, handler.Count);
    }

    [Fact]
    public async Task An_event_with_the_data_of_a_subscription_that_is_gone_reaches_nobody()
    {
        RecordingHandler gone = new();
        RecordingHandler here = new();
        using TestPipe pipe = new();
        for (int round = 0; round < 10; round++)
        {
            Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, gone));
            await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
        }

        // The same descriptor and the same slot, of another generation.
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, here));
        for (int round = 0; round < 10; round++)
        {
            Faults.Provoke(KqueueFault.StaleData);
            await Loop.Turn();
        }

        Assert.True(Faults.Happened.HasFlag(KqueueFault.StaleData));
        Assert.Equal((0, 0), (gone.Count, here.Count));
        pipe.Write();
        Assert.Equal(IoEvents.Readable, await here.Next());
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    public async Task A_wake_up_that_nobody_made_calls_nobody()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        Faults.Provoke(KqueueFault.SpuriousWakeUp);
        await Loop.Turn();
        Assert.True(Faults.Happened.HasFlag(KqueueFault.SpuriousWakeUp));
        Assert.Equal(0, handler.Count);
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    public async Task Many_wake_ups_at_once_are_one_event_and_every_task_runs()
    {
        RecordingTask[] tasks = [.. Enumerable.Range(0, 2000).Select(static _ => new RecordingTask())];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(part => Task.Run(() =>
        {
            for (int i = part; i < tasks.Length; i += 4)
            {
                Loop.Schedule(tasks[i]);
                Loop.WakePoll();
            }
        }))).Within();
        foreach (RecordingTask task in tasks)
        {
            await task.Called.Within();
        }

        Assert.All(tasks, static task => Assert.Equal(1, task.Calls));
    }

    [Theory]
    [InlineData(KqueueFault.EndWithoutCount)]
    [InlineData(KqueueFault.EndSplit)]
    internal async Task Bytes_before_an_end_are_read_whatever_the_end_says_of_them(KqueueFault fault)
    {
        using TestSocketPair pair = new();
        List<byte> received = [];
        bool ended = false;
        byte[] buffer = new byte[16];
        RecordingHandler handler = new((_, _, events) =>
        {
            while (!ended && (events & IoEvents.Readable) != 0)
            {
                int count = pair.Own.Receive(buffer, System.Net.Sockets.SocketFlags.None, out System.Net.Sockets.SocketError error);
                if (error != System.Net.Sockets.SocketError.Success)
                {
                    break;
                }

                ended = count == 0;
                received.AddRange(buffer[..count]);
            }
        });
        using (await Loop.Hold())
        {
            pair.Peer.Send([1, 2, 3]);
            pair.Peer.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            Waiting.Until(() => pair.Own.Available == 3);
            Assert.Equal(IoError.None, Loop.Subscribe(pair.Handle, IoEvents.Readable, handler));
            Faults.Provoke(fault);
        }

        while (!(await handler.Next()).HasFlag(IoEvents.RemoteHangUp))
        {
        }

        Assert.True(Faults.Happened.HasFlag(fault));
        Assert.True(ended);
        Assert.Equal([1, 2, 3], received);
        await Loop.Call(() => Loop.Unsubscribe(pair.Handle));
    }

    [Fact]
    public async Task An_end_that_is_told_by_writing_first_wakes_the_reader()
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pair.Handle, Both, handler));
        Assert.Equal(IoEvents.Writable, await handler.Next());
        Faults.Provoke(KqueueFault.EndOnWriteFirst);
        pair.Peer.LingerState = new(enable: true, seconds: 0);
        pair.Peer.Dispose();

        Assert.True((await handler.Next()).HasFlag(IoEvents.Readable));
        Assert.True(Faults.Happened.HasFlag(KqueueFault.EndOnWriteFirst));
        IoEvents seen = IoEvents.None;
        while (!seen.HasFlag(IoEvents.Closed))
        {
            seen |= await handler.Next();
        }

        await Loop.Call(() => Loop.Unsubscribe(pair.Handle));
    }

    [Theory]
    [InlineData(KqueueFault.SpuriousWrite, IoEvents.Writable)]
    [InlineData(KqueueFault.SpuriousRead, IoEvents.Readable)]
    internal async Task A_spurious_event_is_told_as_the_hint_that_it_is_and_only_to_who_asks(KqueueFault fault, IoEvents hint)
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pair.Handle, Both, handler));
        Assert.Equal(IoEvents.Writable, await handler.Next());
        Faults.Provoke(fault);
        await Loop.Turn();
        Assert.Equal(hint, await handler.Next());
        await Loop.Call(() => Loop.Unsubscribe(pair.Handle));

        RecordingHandler other = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pair.Handle, Both & ~hint, other));
        await Loop.Turn();
        int before = other.Count;
        Faults.Provoke(fault);
        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(before, other.Count);
        await Loop.Call(() => Loop.Unsubscribe(pair.Handle));
    }

    [Theory]
    [InlineData((short)0, "Making a kqueue")]
    [InlineData((short)-10, "wake-up event")]
    public void A_loop_that_cannot_be_made_leaves_nothing(short refused, string expected)
    {
        int before = KqueueDouble.Count;
        KqueueFaults faults = new();
        faults.Refuse(refused, 24);
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(
            () => new KqueueBackend(Abi.Darwin, faults).NewGroup());
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IoErrorCode.MaxFileDescriptorsExceeded), failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, KqueueDouble.Count);
    }
}
