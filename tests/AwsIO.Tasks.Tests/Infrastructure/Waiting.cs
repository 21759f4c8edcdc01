using System.Runtime.CompilerServices;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>Waits for events, with a limit that only a hang reaches.</summary>
internal static class Waiting
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    internal static async Task Within(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await new Patience(Limit).For(task).ConfigureAwait(false);
        if (!task.IsCompleted)
        {
            throw new TimeoutException($"'{what}' did not come within {Limit}.");
        }

        await task.ConfigureAwait(false);
    }

    internal static async Task<T> Within<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await ((Task)task).Within(what).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    internal static Task Within(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().Within(what);

    internal static Task<T> Within<T>(this ValueTask<T> task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().Within(what);

    /// <summary>What the task fails with.</summary>
    internal static async Task<T> Fails<T>(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
        where T : Exception => await Assert.ThrowsAnyAsync<T>(() => task.Within(what)).ConfigureAwait(false);

    internal static Task<T> Fails<T>(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "")
        where T : Exception => task.AsTask().Fails<T>(what);

    internal static Task<T> Fails<T>(this ValueTask<int> task, [CallerArgumentExpression(nameof(task))] string what = "")
        where T : Exception => task.AsTask().Fails<T>(what);

    /// <summary>Gives other threads their turn until something holds that tells nobody when it does.</summary>
    internal static void Until(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
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
