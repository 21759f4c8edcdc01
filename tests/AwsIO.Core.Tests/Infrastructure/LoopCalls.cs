namespace AwsIO.Tests.Infrastructure;

/// <summary>Runs pieces of a test on a loop's thread.</summary>
internal static class LoopCalls
{
    /// <summary>Runs a function as a task of the loop, and gives what it returned or threw.</summary>
    internal static async Task<T> Call<T>(this EventLoop loop, Func<T> function)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Schedule(IoTask.Create(
            static (work, status) =>
            {
                try
                {
                    Assert.Equal(IoTaskStatus.Run, status);
                    work.done.SetResult(work.function());
                }
                catch (Exception exception)
                {
                    work.done.SetException(exception);
                }
            },
            (function, done)));
        return await done.Task.Within();
    }

    internal static Task Call(this EventLoop loop, Action action) =>
        loop.Call(() =>
        {
            action();
            return 0;
        });

    /// <summary>Completes when all that was scheduled from this thread before has run, and the tick after it has begun.</summary>
    internal static async Task Turn(this EventLoop loop)
    {
        await loop.Call(() => { });
        await loop.Call(() => { });
    }

    /// <summary>Keeps the loop's thread busy until the result is disposed.</summary>
    internal static async Task<HeldLoop> Hold(this EventLoop loop)
    {
        if (LoopBackend.Driver is { } driver)
        {
            return driver.Hold();
        }

        HeldLoop held = new();
        loop.Schedule(held);
        await held.Reached.Within();
        return held;
    }
}

internal sealed class HeldLoop(Action? whenReleased = null) : IoTask, IDisposable
{
    private Action? _whenReleased = whenReleased;
    private readonly ManualResetEventSlim _released = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Reached => _reached.Task;

    public void Dispose()
    {
        _released.Set();
        Interlocked.Exchange(ref _whenReleased, null)?.Invoke();
    }

    protected override void Run(IoTaskStatus status)
    {
        _reached.SetResult();
        if (!OnPurpose.Block(() => _released.Wait(Waiting.Limit)))
        {
            throw new TimeoutException("Nobody released the loop.");
        }
    }
}
