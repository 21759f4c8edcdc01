using System.Runtime.CompilerServices;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Waits for events, with one generous limit that only a broken library meets.</summary>
internal static class Waiting
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    internal static async Task<T> Within<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await Within((Task)task, what);
        return await task;
    }

    internal static async Task Within(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await new Patience(s_limit).For(task, TestContext.Current.CancellationToken);
        if (!task.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"This did not happen within {s_limit.TotalSeconds} seconds: {what}");
        }

        await task;
    }

    internal static Task<T> Within<T>(this ValueTask<T> task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        Within(task.AsTask(), what);

    internal static Task Within(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        Within(task.AsTask(), what);
}
