namespace AwsIO.Tasks.Tests.Infrastructure;

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
        return await done.Task.Within().ConfigureAwait(false);
    }

    internal static Task Call(this EventLoop loop, Action action) =>
        loop.Call(() =>
        {
            action();
            return 0;
        });

    /// <summary>Starts an asynchronous piece on the loop's thread and completes with it.</summary>
    internal static async Task Start(this EventLoop loop, Func<Task> piece) =>
        await (await loop.Call(piece).ConfigureAwait(false)).Within().ConfigureAwait(false);
}
