using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class StaleEventTests : LoopTest
{
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
}
