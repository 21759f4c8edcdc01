namespace AwsIO;

/// <summary>How a socket tries again what has failed and may pass, such as a want of descriptors or of room.</summary>
internal static class RetryDelay
{
    /// <summary>The delay after one more failure: from the first to the longest, each twice the one before.</summary>
    /// <param name="delay">The delay of the failure before; zero for none.</param>
    /// <param name="first">The delay after the first failure.</param>
    /// <param name="longest">The most that it comes to.</param>
    internal static TimeSpan Longer(TimeSpan delay, TimeSpan first, TimeSpan longest)
    {
        TimeSpan longer = delay == TimeSpan.Zero ? first : delay * 2;
        return longer < longest ? longer : longest;
    }

    /// <summary>Schedules a task after a delay, or for the next tick without one, unless it is scheduled. Loop thread only.</summary>
    internal static void ScheduleOnce(this EventLoop loop, IoTask task, TimeSpan delay)
    {
        if (task.IsScheduled)
        {
            return;
        }

        if (delay > TimeSpan.Zero)
        {
            loop.ScheduleAfter(task, delay);
        }
        else
        {
            loop.Schedule(task);
        }
    }
}
