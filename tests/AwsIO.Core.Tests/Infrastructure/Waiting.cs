using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tests.Infrastructure;

/// <summary>Waits for events, with a limit that only a hang reaches. Loops without threads are driven meanwhile.</summary>
internal static class Waiting
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    internal static async Task Within(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        LoopBackend.Driver?.DriveUntil(() => task.IsCompleted, what);
        await new Patience(Limit).For(task);
        if (!task.IsCompleted)
        {
            throw new TimeoutException($"'{what}' did not come within {Limit}.");
        }

        await task;
    }

    internal static async Task<T> Within<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await ((Task)task).Within(what);
        return await task;
    }

    internal static Task Within(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().Within(what);

    /// <summary>The next of what comes through a channel, which other threads or driven loops write to.</summary>
    internal static async Task<T> Next<T>(this ChannelReader<T> reader, [CallerArgumentExpression(nameof(reader))] string what = "")
    {
        LoopBackend.Driver?.DriveUntil(() => reader.Count > 0, what);
        return await reader.ReadAsync().AsTask().Within(what);
    }

    /// <summary>Gives other threads their turn until something holds that tells nobody when it does.</summary>
    internal static void Until(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (LoopBackend.Driver is { } driver)
        {
            driver.DriveUntil(condition, what);
            return;
        }

        Patience patience = new(Limit);
        while (!condition())
        {
            if (patience.IsOver)
            {
                throw new TimeoutException($"'{what}' did not hold within {Limit}.");
            }

            Thread.Yield();
        }
    }
}
