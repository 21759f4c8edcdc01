using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>What is scheduled while a loop ends, or after it: it never runs beside what the loop itself still does.</summary>
public class LateTaskTests : LoopTest
{
    [Fact]
    public async Task What_comes_while_local_objects_are_removed_is_cancelled_after_the_end_and_not_beside_it()
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim goOn = new();
        bool ended = false;
        EventLoop loop = Loop;
        await loop.Call(() => loop.SetLocal(this, "kept", _ =>
        {
            reached.SetResult();
            Assert.True(OnPurpose.Block(() => goOn.Wait(Waiting.Limit)));
            Volatile.Write(ref ended, true);
        }));
        Task disposed = Group.DisposeAsync().AsTask();
        await reached.Task.Within();
        List<string> trace = [];
        RecordingTask[] late = [.. Enumerable.Range(0, 3).Select(number => new RecordingTask((_, status) =>
        {
            Assert.Equal(IoTaskStatus.Canceled, status);
            trace.Add($"{number} {Volatile.Read(ref ended)}");
        }))];
        Array.ForEach(late, loop.Schedule);

        // The pool has had the time to do what it was given before.
        for (int i = 0; i < 20; i++)
        {
            await Task.Run(static () => { });
        }

        Assert.Empty(trace);
        goOn.Set();
        await disposed.Within();
        foreach (RecordingTask task in late)
        {
            Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
        }

        Assert.Equal(["0 True", "1 True", "2 True"], trace);
    }

    [Fact]
    public async Task What_a_late_task_keeps_with_the_loop_is_removed_again()
    {
        EventLoop loop = Loop;
        await Group.DisposeAsync().Within();
        TaskCompletionSource<string> removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingTask late = new((_, _) =>
        {
            loop.SetLocal(this, "kept late", removed.SetResult);
            Assert.True(loop.TryGetLocal(this, out string? kept));
            Assert.Equal("kept late", kept);
        });
        loop.Schedule(late);
        Assert.Equal(IoTaskStatus.Canceled, await late.Called.Within());
        Assert.Equal("kept late", await removed.Task.Within());
    }
}
