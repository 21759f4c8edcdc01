namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>Waiting for what must come, with an end that only a hang reaches.</summary>
internal static class Waits
{
    internal static Task Within(this Task task) => Waiting.Within(task);

    internal static Task<T> Within<T>(this Task<T> task) => Waiting.Within(task);

    /// <summary>A source whose continuations never run on the loop that completes it.</summary>
    internal static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the connection that was accepted, or fails with the error that came in its place.</summary>
    internal static void Set(this TaskCompletionSource<IoSocket> source, IoError error, IoSocket? socket)
    {
        if (socket is null)
        {
            _ = source.TrySetException(new InvalidOperationException(error.ToString()));
        }
        else if (source.Task.IsFaulted)
        {
            // Accepting goes on after an error, and nobody waits any more.
            socket.Dispose();
        }
        else
        {
            source.SetResult(socket);
        }
    }

    /// <summary>Runs on the loop's thread and gives the result.</summary>
    internal static Task<T> On<T>(this EventLoop loop, Func<T> work)
    {
        TaskCompletionSource<T> done = NewSource<T>();
        loop.Schedule(IoTask.Create(
            (_, status) =>
            {
                try
                {
                    Assert.Equal(IoTaskStatus.Run, status);
                    done.SetResult(work());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            0));
        return done.Task.Within();
    }

    /// <summary>Runs on the loop's thread.</summary>
    internal static Task On(this EventLoop loop, Action work) => loop.On(() =>
    {
        work();
        return true;
    });

    /// <summary>Lets a number of the loop's ticks pass.</summary>
    internal static async Task Ticks(this EventLoop loop, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await loop.On(static () => { });
        }
    }
}
