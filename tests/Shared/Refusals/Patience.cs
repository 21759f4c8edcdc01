namespace AwsIO.Tests.Shared.Refusals;

/// <summary>
/// How long a test waits for something. Where it was refused a call, and what it waits for may for that never come, it gives up much
/// sooner.
/// </summary>
internal readonly struct Patience(TimeSpan limit)
{
    private const long AfterRefusal = 2_000;

    private readonly long _begun = Environment.TickCount64;

    internal bool IsOver
    {
        get
        {
            long now = Environment.TickCount64;
            return now - _begun > limit.TotalMilliseconds
                || (Refusal.TakenAt is { } refused && now - Math.Max(_begun, refused) > AfterRefusal);
        }
    }

    /// <summary>Waits for a task; whether it is done goes by the task.</summary>
    internal async Task For(Task task, CancellationToken cancellation = default)
    {
        if (!Refusal.IsOn)
        {
            await task.WaitAsync(limit, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        while (!task.IsCompleted && !IsOver && !cancellation.IsCancellationRequested)
        {
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(20), cancellation)).ConfigureAwait(false);
        }
    }
}
