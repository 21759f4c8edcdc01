namespace AwsIO.Tests.Infrastructure.Connections;

internal static class LoopExtensions
{
    /// <summary>Does something on the loop's thread, and completes elsewhere when it is done.</summary>
    internal static Task Do(this EventLoop loop, Action action) => loop.Do(() =>
    {
        action();
        return true;
    });

    internal static Task<T> Do<T>(this EventLoop loop, Func<T> action)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Schedule(IoTask.Create(
            static (work, status) =>
            {
                try
                {
                    Assert.Equal(IoTaskStatus.Run, status);
                    work.done.SetResult(work.action());
                }
                catch (Exception exception)
                {
                    work.done.SetException(exception);
                }
            },
            (action, done)));
        return done.Task.Within();
    }

    /// <summary>Does something on the loop after a number of further ticks.</summary>
    internal static Task AfterTicks(this EventLoop loop, int ticks, Action action)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Step(ticks);
        return done.Task;

        void Step(int left) => loop.Schedule(IoTask.Create(
            (_, _) =>
            {
                if (left > 0)
                {
                    Step(left - 1);
                    return;
                }

                action();
                done.SetResult();
            },
            0));
    }
}
