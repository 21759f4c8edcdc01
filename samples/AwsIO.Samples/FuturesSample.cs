namespace AwsIO.Samples;

/// <summary>Results that come once, later.</summary>
internal static class FuturesSample
{
    internal static async Task RunAsync()
    {
        await using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1 });
        EventLoop loop = group.GetNextLoop();
        Wait(loop);
        Console.WriteLine(await CallBackAsync(loop));
        Discard();
    }

    private static void Wait(EventLoop loop)
    {
        // <snippet future-wait>
        using Future<int> answer = new();
        loop.Schedule(IoTask.Create(
            static (answer, status) =>
            {
                // Canceled when the loop ends first: the future is done all the same, and nobody waits for ever.
                _ = status == IoTaskStatus.Run
                    ? answer.TrySetResult(6 * 7)
                    : answer.TrySetError(IoErrorCode.OperationCancelled);
            },
            answer));

        if (!answer.Wait(TimeSpan.FromSeconds(10)))
        {
            throw new TimeoutException();
        }

        Console.WriteLine(answer.Error.IsNone ? $"{answer.Result}" : $"{answer.Error}");
        // </snippet>
    }

    private static async Task<string> CallBackAsync(EventLoop loop)
    {
        // <snippet future-callback>
        using Future<string> winner = new();
        TaskCompletionSource<string> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        winner.OnComplete(loop, done => told.SetResult($"{done.Result}, told on {EventLoop.Current!.Name}"));

        bool isFirst = winner.TrySetResult("the first");
        bool isSecond = winner.TrySetResult("the second");
        // </snippet>
        return $"{await told.Task}: {isFirst}, {isSecond}";
    }

    private static void Discard()
    {
        // <snippet future-discard>
        Future<MemoryStream> opened = new(static stream => stream.Dispose());
        MemoryStream stream = new();
        opened.TrySetResult(stream);
        opened.Dispose();
        Console.WriteLine($"nobody took it, can read: {stream.CanRead}");
        // </snippet>
    }
}
