using System.Runtime.CompilerServices;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Waits for events, with one generous limit that only a broken library meets.</summary>
internal static class Waiting
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    internal static async Task<T> Within<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            return await task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"This did not happen within {s_limit.TotalSeconds} seconds: {what}");
        }
    }

    internal static async Task Within(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"This did not happen within {s_limit.TotalSeconds} seconds: {what}");
        }
    }

    internal static Task<T> Within<T>(this ValueTask<T> task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        Within(task.AsTask(), what);

    internal static Task Within(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        Within(task.AsTask(), what);
}
