using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class StaleEventTests : LoopTest
{
    protected override int LoopCount => 2;

    [Fact]
    public async Task An_event_for_a_closed_descriptor_does_not_reach_the_next_owner_of_its_number()
    {
        for (int round = 0; round < 50; round++)
        {
            TestPipe first = new();
            TestPipe second = new();
            TestPipe? reused = null;
            TestPipe? spare = null;
            RecordingHandler stranger = new();
            int told = 0;

            // Whoever is told first closes the other's pipe; the new pipe takes over its numbers within the same batch.
            void Replace(EventLoop loop, TestPipe own, TestPipe other)
            {
                told++;
                int number = other.Reader.Descriptor;
                Assert.Equal(IoError.None, loop.Unsubscribe(other.Reader));
                other.Dispose();
                reused = new TestPipe();
                spare = reused.Reader.Descriptor == number ? null : new TestPipe();
                TestPipe watched = spare is not null && spare.Reader.Descriptor == number ? spare : reused;
                Assert.Equal(number, watched.Reader.Descriptor);
                Assert.Equal(IoError.None, loop.Subscribe(watched.Reader, IoEvents.Readable, stranger));
                Assert.Equal(IoError.None, loop.Unsubscribe(own.Reader));
            }

            RecordingHandler onFirst = new((loop, _, _) => Replace(loop, first, second));
            RecordingHandler onSecond = new((loop, _, _) => Replace(loop, second, first));
            using (await Loop.Hold())
            {
                Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, onFirst));
                Assert.Equal(IoError.None, Loop.Subscribe(second.Reader, IoEvents.Readable, onSecond));
                first.Write();
                second.Write();
            }

            await Loop.Turn();
            await Loop.Turn();
            Assert.Equal(1, told);
            Assert.Equal(0, stranger.Count);
            await Loop.Call(() => Loop.Unsubscribe(reused!.Reader.SubscriptionSlot >= 0 ? reused.Reader : spare!.Reader));
            first.Dispose();
            second.Dispose();
            reused!.Dispose();
            spare?.Dispose();
        }
    }

    [Fact]
    public async Task A_descriptor_closed_without_unsubscribing_is_let_go_without_harm()
    {
        TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        pipe.Dispose();

        IoError error = await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));

        // macOS does not find the filter, and so does not look for the descriptor.
        Assert.True(error.NativeError is Errno.EBADF or Errno.ENOENT, $"{error}");
        Assert.Equal(-1, pipe.Reader.SubscriptionSlot);
        Assert.Equal(0, handler.Count);
    }

    [Fact]
    public async Task Whoever_had_a_number_that_was_closed_while_subscribed_does_not_silence_its_next_owner()
    {
        TestPipe first = new();
        RecordingHandler stranger = new();
        Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, stranger));
        int number = first.Reader.Descriptor;
        first.Dispose();
        using TestPipe second = new();
        Assert.Equal(number, second.Reader.Descriptor);
        RecordingHandler owner = new();
        Assert.Equal(IoError.None, Loop.Subscribe(second.Reader, IoEvents.Readable, owner));

        // The number is no longer its own: with that its subscription has ended.
        Assert.Equal(IoErrorCode.NotSubscribed, (await Loop.Call(() => Loop.Unsubscribe(first.Reader))).Code);
        Assert.Equal(-1, first.Reader.SubscriptionSlot);

        second.Write();
        Assert.Equal(IoEvents.Readable, await owner.Next());
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(second.Reader)));
        Assert.Equal(0, stranger.Count);
    }

    [Fact]
    public async Task Whoever_had_a_number_on_another_loop_does_not_silence_its_next_owner_either()
    {
        EventLoop other = Group[1];
        TestPipe first = new();
        Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, new RecordingHandler()));
        int number = first.Reader.Descriptor;
        first.Dispose();
        using TestPipe second = new();
        Assert.Equal(number, second.Reader.Descriptor);
        RecordingHandler owner = new();
        Assert.Equal(IoError.None, other.Subscribe(second.Reader, IoEvents.Readable, owner));

        Assert.Equal(Errno.ENOENT, (await Loop.Call(() => Loop.Unsubscribe(first.Reader))).NativeError);

        second.Write();
        Assert.Equal(IoEvents.Readable, await owner.Next());
        Assert.Equal(IoError.None, await other.Call(() => other.Unsubscribe(second.Reader)));
    }

    [Fact]
    public async Task An_event_for_a_number_that_was_closed_while_subscribed_does_not_reach_its_next_owner()
    {
        for (int round = 0; round < 50; round++)
        {
            TestPipe[] pipes = [new(), new()];
            TestPipe? reused = null;
            RecordingHandler stranger = new();
            TestPipe? closed = null;

            // Whoever is told first closes the other's pipe, whose event may be in the same batch, and has its number taken over.
            void Replace(EventLoop loop, int told)
            {
                if (reused is not null)
                {
                    return;
                }

                closed = pipes[1 - told];
                closed.Dispose();
                reused = new TestPipe();
                Assert.Equal(closed.Reader.Descriptor, reused.Reader.Descriptor);
                Assert.Equal(IoError.None, loop.Subscribe(reused.Reader, IoEvents.Readable, stranger));
                Assert.Equal(IoErrorCode.NotSubscribed, loop.Unsubscribe(closed.Reader).Code);
                Assert.Equal(IoError.None, loop.Unsubscribe(pipes[told].Reader));
            }

            RecordingHandler onFirst = new((loop, _, _) => Replace(loop, 0));
            RecordingHandler onSecond = new((loop, _, _) => Replace(loop, 1));
            using (await Loop.Hold())
            {
                Assert.Equal(IoError.None, Loop.Subscribe(pipes[0].Reader, IoEvents.Readable, onFirst));
                Assert.Equal(IoError.None, Loop.Subscribe(pipes[1].Reader, IoEvents.Readable, onSecond));
                pipes[0].Write();
                pipes[1].Write();
            }

            await Loop.Turn();
            await Loop.Turn();
            Assert.NotNull(reused);
            Assert.Equal(0, stranger.Count);
            reused.Write();
            Assert.Equal(IoEvents.Readable, await stranger.Next());
            Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(reused.Reader)));
            reused.Dispose();
            Array.ForEach(pipes, static pipe => pipe.Dispose());
        }
    }
}
