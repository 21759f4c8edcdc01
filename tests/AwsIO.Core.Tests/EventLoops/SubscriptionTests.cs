using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class SubscriptionTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "event_loop_subscribe_unsubscribe")]
    public async Task A_handle_can_be_subscribed_unsubscribed_and_subscribed_again()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
            Assert.Equal(IoError.None, Loop.Subscribe(pipe.Writer, IoEvents.Writable, handler));
            Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Reader)));
            Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Writer)));
        }
    }

    [Fact]
    [Trait("Upstream", "event_loop_writable_event_on_subscribe")]
    public async Task A_writable_handle_is_reported_once_when_it_is_subscribed()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Writer, IoEvents.Writable, handler));

        Assert.Equal(IoEvents.Writable, await handler.Next());
        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(1, handler.Count);
        await Loop.Call(() => Loop.Unsubscribe(pipe.Writer));
    }

    [Fact]
    [Trait("Upstream", "event_loop_no_readable_event_before_write")]
    public async Task An_empty_pipe_is_not_reported_as_readable()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        await Loop.Turn();
        await Loop.Turn();

        Assert.Equal(0, handler.Count);
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    [Trait("Upstream", "event_loop_readable_event_after_write")]
    public async Task A_write_gives_exactly_one_readable_event()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        await Loop.Turn();
        Assert.Equal(0, handler.Count);

        pipe.Write();

        Assert.Equal(IoEvents.Readable, await handler.Next());
        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(1, handler.Count);
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    [Trait("Upstream", "event_loop_readable_event_on_subscribe_if_data_present")]
    public async Task Data_from_before_the_subscription_is_reported()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        pipe.Write();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));

        Assert.Equal(IoEvents.Readable, await handler.Next());
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    // Counts events: after a fault one comes again.
    [Fact]
    [Trait("Upstream", "event_loop_readable_event_on_2nd_time_readable")]
    [Trait("Category", "ExactCalls")]
    public async Task Each_write_after_a_drain_is_a_new_edge()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new((_, _, _) => pipe.Drain());
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        for (int i = 1; i <= 5; i++)
        {
            pipe.Write(100);
            Assert.Equal(IoEvents.Readable, await handler.Next());
            Assert.Equal(i, handler.Count);
        }

        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    [Trait("Upstream", "event_loop_no_events_after_unsubscribe")]
    public async Task The_first_of_two_handlers_silences_both_within_one_batch()
    {
        using TestPipe first = new();
        using TestPipe second = new();
        int calls = 0;
        void UnsubscribeBoth(EventLoop loop, IoHandle handle, IoEvents events)
        {
            calls++;
            Assert.Equal(IoError.None, loop.Unsubscribe(first.Reader));
            Assert.Equal(IoError.None, loop.Unsubscribe(second.Reader));
        }

        Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, new RecordingHandler(UnsubscribeBoth)));
        Assert.Equal(IoError.None, Loop.Subscribe(second.Reader, IoEvents.Readable, new RecordingHandler(UnsubscribeBoth)));
        using (await Loop.Hold())
        {
            first.Write();
            second.Write();
        }

        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task The_peers_end_is_reported_without_being_asked_for()
    {
        using TestPipe pipe = new();
        RecordingHandler reader = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, reader));
        pipe.CloseWriter();

        // A loop that is told of each direction by itself may report the first end alone.
        while (!(await reader.Next()).HasFlag(IoEvents.Closed))
        {
        }

        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));

        using TestPipe other = new();
        RecordingHandler writer = new();
        Assert.Equal(IoError.None, Loop.Subscribe(other.Writer, IoEvents.None, writer));
        other.CloseReader();

        // epoll calls a pipe that nobody can read any more an error, kqueue calls it closed.
        while ((await writer.Next() & (IoEvents.Error | IoEvents.Closed)) == 0)
        {
        }

        await Loop.Call(() => Loop.Unsubscribe(other.Writer));
    }

    [Fact]
    public async Task Mistakes_are_answered_by_codes()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoErrorCode.NotSubscribed, (await Loop.Call(() => Loop.Unsubscribe(pipe.Reader))).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, Loop.Unsubscribe(pipe.Reader).Code);

        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        Assert.Equal(IoErrorCode.AlreadySubscribed, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, Loop.Unsubscribe(pipe.Reader).Code);
        IoError sameDescriptor = Loop.Subscribe(new IoHandle(pipe.Reader.Descriptor), IoEvents.Readable, handler);
        Assert.Equal(IoErrorCode.SystemCallFailure, sameDescriptor.Code);
        Assert.Equal(17, sameDescriptor.NativeError);
        pipe.Write();
        Assert.Equal(IoEvents.Readable, await handler.Next());

        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Reader)));
        Assert.Equal(IoErrorCode.NotSubscribed, (await Loop.Call(() => Loop.Unsubscribe(pipe.Reader))).Code);
    }

    [Fact]
    public void A_descriptor_that_cannot_be_polled_is_refused_at_once()
    {
        using FileStream file = File.OpenRead(typeof(SubscriptionTests).Assembly.Location);
        IoHandle handle = new((int)file.SafeFileHandle.DangerousGetHandle());
        IoError error = Loop.Subscribe(handle, IoEvents.Readable, new RecordingHandler());

        Assert.Equal(IoErrorCode.SystemCallFailure, error.Code);
        Assert.Equal(1, error.NativeError);
        Assert.Contains("Subscribing descriptor", error.Detail, StringComparison.Ordinal);
        Assert.Equal(-1, handle.SubscriptionSlot);
    }

    [Fact]
    public async Task A_handler_that_throws_leaves_the_loop_and_its_own_subscription_standing()
    {
        using TestPipe pipe = new();
        int calls = 0;
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingHandler handler = new((_, _, _) =>
        {
            pipe.Drain();
            if (++calls == 2)
            {
                second.SetResult();
            }

            throw new FormatException("on purpose");
        });
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        pipe.Write();
        await Loop.Turn();
        await Loop.Turn();
        pipe.Write();

        await second.Task.Within();
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    public async Task A_full_batch_of_events_reaches_every_handler()
    {
        // More than the first batch holds: the rest comes in the next, larger one.
        const int pipes = 300;
        TestPipe[] all = [.. Enumerable.Range(0, pipes).Select(static _ => new TestPipe())];
        RecordingHandler[] handlers = [.. all.Select(static _ => new RecordingHandler())];
        using (await Loop.Hold())
        {
            for (int i = 0; i < pipes; i++)
            {
                all[i].Write();
                Assert.Equal(IoError.None, Loop.Subscribe(all[i].Reader, IoEvents.Readable, handlers[i]));
            }
        }

        foreach (RecordingHandler handler in handlers)
        {
            Assert.Equal(IoEvents.Readable, await handler.Next());
        }

        await Loop.Turn();
        Assert.All(handlers, static handler => Assert.Equal(1, handler.Count));
        await Loop.Call(() => Array.ForEach(all, pipe => Assert.Equal(IoError.None, Loop.Unsubscribe(pipe.Reader))));
        Array.ForEach(all, static pipe => pipe.Dispose());
    }
}
