using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Messages;

public sealed class LoopMessagePoolTests : LoopTest
{
    private const IoMessageKind Data = IoMessageKind.ApplicationData;

    protected override int LoopCount => 2;

    [Fact]
    public async Task A_loop_has_one_pool_and_another_loop_another()
    {
        LoopMessagePool first = await Group[0].Call(() => LoopMessagePool.Of(Group[0]));
        Assert.Same(first, await Group[0].Call(() => LoopMessagePool.Of(Group[0])));
        Assert.NotSame(first, await Group[1].Call(() => LoopMessagePool.Of(Group[1])));
    }

    [Theory]
    [InlineData(int.MinValue, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(256, 256)]
    [InlineData(257, 257)]
    [InlineData(16 * 1024, 16 * 1024)]
    [InlineData(17 * 1024 + 1, 17 * 1024 + 1)]
    [InlineData(256 * 1024, 256 * 1024)]
    [InlineData(272 * 1024, 272 * 1024)]
    [InlineData(272 * 1024 + 1, 272 * 1024)]
    [InlineData(int.MaxValue, 272 * 1024)]
    public async Task A_message_holds_what_was_asked_for_up_to_the_largest_block(int hint, int capacity) =>
        await Loop.Call(() =>
        {
            IoMessage message = LoopMessagePool.Of(Loop).Rent(Data, hint);
            Assert.Equal(capacity, message.Capacity);
            Assert.Equal(capacity, message.FreeSpace.Length);
            Assert.Equal(0, message.Length);
            message.Release();
        });

    [Fact]
    public async Task A_kind_that_does_not_exist_is_refused() =>
        await Loop.Call(() =>
        {
            LoopMessagePool pool = LoopMessagePool.Of(Loop);
            Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent((IoMessageKind)7, 10));
            Assert.Equal(0, pool.Outstanding);
        });

    [Fact]
    public async Task A_released_message_comes_back_as_new()
    {
        await Loop.Call(() =>
        {
            LoopMessagePool pool = LoopMessagePool.Of(Loop);
            IoMessage message = pool.Rent(Data, 100);
            message.Append([1, 2, 3]);
            message.Tag = 5;
            message.CopyMark = 2;
            message.IsLast = true;
            message.OnCompleted(static (_, _, _) => Assert.Fail("The message was released."), null);
            Assert.Equal(1, pool.Outstanding);
            message.Release();
            Assert.Equal(0, pool.Outstanding);

            IoMessage again = pool.Rent(Data, 200);
            Assert.Same(message, again);
            Assert.Equal((0, 0, 0, false, false, 200), (again.Length, again.Tag, again.CopyMark, again.IsLast, again.HasCompletion, again.Capacity));
            again.Complete(IoError.None);
        });
    }

    [Fact]
    public async Task Messages_of_one_tick_are_rented_again_and_again_without_allocating() =>
        await Loop.Call(() =>
        {
            LoopMessagePool pool = LoopMessagePool.Of(Loop);
            IoMessage[] messages = new IoMessage[100];
            long start = 0;
            for (int round = 0; round < 100; round++)
            {
                if (round == 50)
                {
                    start = GC.GetAllocatedBytesForCurrentThread();
                }

                for (int i = 0; i < messages.Length; i++)
                {
                    messages[i] = pool.Rent(Data, i % 2 == 0 ? 100 : 16 * 1024);
                }

                foreach (IoMessage message in messages)
                {
                    message.Release();
                }
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - start);
        });

    [Fact]
    public async Task A_second_release_is_refused() =>
        await Loop.Call(() =>
        {
            IoMessage message = LoopMessagePool.Of(Loop).Rent(Data, 10);
            message.Release();
            Assert.Throws<InvalidOperationException>(message.Release);
            Assert.Equal(0, LoopMessagePool.Of(Loop).Outstanding);
        });

    [Fact]
    public async Task Messages_released_on_other_threads_are_taken_back_and_counted()
    {
        IoMessage[] messages = await Loop.Call(() =>
            Enumerable.Range(0, 400).Select(_ => LoopMessagePool.Of(Loop).Rent(Data, 10)).ToArray());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (int i = thread; i < messages.Length; i += 8)
            {
                messages[i].Release();
            }
        }))).Within();

        await Loop.Call(() =>
        {
            LoopMessagePool pool = LoopMessagePool.Of(Loop);
            HashSet<IoMessage> known = [.. messages];
            IoMessage[] again = [.. Enumerable.Range(0, 400).Select(_ => pool.Rent(Data, 10))];
            Assert.True(known.SetEquals(again));
            Assert.Equal(400, pool.Outstanding);
            Array.ForEach(again, static message => message.Release());
            Assert.Equal(0, pool.Outstanding);
        });
    }

    [Fact]
    public async Task More_messages_than_the_pool_keeps_are_let_go()
    {
        await Loop.Call(() =>
        {
            LoopMessagePool pool = LoopMessagePool.Of(Loop);
            IoMessage[] many = [.. Enumerable.Range(0, 20).Select(_ => pool.Rent(Data, MessagePool.MaxMessageSize))];
            Array.ForEach(many, static message => message.Release());
            Assert.Equal(0, pool.Outstanding);
            IoMessage[] again = [.. Enumerable.Range(0, 20).Select(_ => pool.Rent(Data, MessagePool.MaxMessageSize))];
            Assert.Equal(8, again.Intersect(many).Count());
            Array.ForEach(again, static message => message.Release());
        });
    }

    [Fact]
    public async Task Bursts_that_are_released_on_another_thread_are_let_go_though_the_loop_rents_nothing_more()
    {
        const int count = 1000;
        LoopMessagePool pool = await Loop.Call(() => LoopMessagePool.Of(Loop));

        // The loop may take the whole of a burst back at once: only the next one shows that it is asked again.
        for (int round = 0; round < 4; round++)
        {
            IoMessage[] burst = await Loop.Call(() => Enumerable.Range(0, count).Select(_ => pool.Rent(Data, 10_000)).ToArray());
            await Task.Run(() => Array.ForEach(burst, static message => message.Release())).Within();

            // Less than the next time's worth is still on its way; all else is back, and counted.
            Assert.InRange(await Loop.Call(() => pool.Outstanding), 0, 300);
        }

        await Loop.Call(() =>
        {
            pool.TakeBackReleased();
            Assert.Equal(0, pool.Outstanding);
        });
    }
}
