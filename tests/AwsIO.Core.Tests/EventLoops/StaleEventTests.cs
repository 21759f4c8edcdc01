using System.Runtime.InteropServices;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public partial class StaleEventTests : LoopTest
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
        using TestPipe first = new();
        using TestPipe second = new();
        RecordingHandler stranger = new();
        RecordingHandler owner = new();
        IoHandle taken = Succeed(first, stranger, second, owner);

        // The number is no longer its own: with that its subscription has ended.
        Assert.Equal(IoErrorCode.NotSubscribed, (await Loop.Call(() => Loop.Unsubscribe(first.Reader))).Code);
        Assert.Equal(-1, first.Reader.SubscriptionSlot);

        second.Write();
        Assert.Equal(IoEvents.Readable, await owner.Next());
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(taken)));
        Assert.Equal(0, stranger.Count);
    }

    [Fact]
    public async Task Whoever_had_a_number_that_has_a_next_owner_is_not_told_of_the_loops_end()
    {
        using TestPipe first = new();
        using TestPipe second = new();
        RecordingHandler stranger = new();
        RecordingHandler owner = new();
        _ = Succeed(first, stranger, second, owner);

        await Group.DisposeAsync().Within();
        await owner.Ending.Within();
        Assert.False(stranger.Ending.IsCompleted);
    }

    [Fact]
    public async Task Whoever_had_a_number_on_another_loop_does_not_silence_its_next_owner_either()
    {
        EventLoop other = Group[1];
        using TestPipe first = new();
        using TestPipe second = new();
        RecordingHandler owner = new();
        Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, new RecordingHandler()));
        IoHandle taken = TakeNumber(first, second);
        Assert.Equal(IoError.None, other.Subscribe(taken, IoEvents.Readable, owner));

        Assert.Equal(Errno.ENOENT, (await Loop.Call(() => Loop.Unsubscribe(first.Reader))).NativeError);

        second.Write();
        Assert.Equal(IoEvents.Readable, await owner.Next());
        Assert.Equal(IoError.None, await other.Call(() => other.Unsubscribe(taken)));
    }

    [Fact]
    public async Task An_event_for_a_number_that_was_closed_while_subscribed_does_not_reach_its_next_owner()
    {
        for (int round = 0; round < 50; round++)
        {
            TestPipe[] pipes = [new(), new()];
            using TestPipe next = new();
            IoHandle? taken = null;
            RecordingHandler stranger = new();

            // Whoever is told first has the other's number taken over, whose event may be in the same batch.
            void Replace(EventLoop loop, int told)
            {
                if (taken is not null)
                {
                    return;
                }

                taken = TakeNumber(pipes[1 - told], next);
                Assert.Equal(IoError.None, loop.Subscribe(taken, IoEvents.Readable, stranger));
                Assert.Equal(IoErrorCode.NotSubscribed, loop.Unsubscribe(pipes[1 - told].Reader).Code);
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
            Assert.NotNull(taken);
            Assert.Equal(0, stranger.Count);
            next.Write();
            Assert.Equal(IoEvents.Readable, await stranger.Next());
            Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(taken)));
            Array.ForEach(pipes, static pipe => pipe.Dispose());
        }
    }

    /// <summary>Subscribes a pipe, closes it, and subscribes another under its number.</summary>
    private IoHandle Succeed(TestPipe first, RecordingHandler stranger, TestPipe second, RecordingHandler owner)
    {
        Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, stranger));
        IoHandle taken = TakeNumber(first, second);
        Assert.Equal(IoError.None, Loop.Subscribe(taken, IoEvents.Readable, owner));
        return taken;
    }

    /// <summary>Closes a pipe's reader, unasked, and gives its number to another's in the same moment.</summary>
    private static IoHandle TakeNumber(TestPipe from, TestPipe by)
    {
        int number = from.Reader.Descriptor;
        Assert.Equal(number, Dup2(by.Reader.Descriptor, number));
        return new IoHandle(number);
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Dup2(int from, int to);
}
