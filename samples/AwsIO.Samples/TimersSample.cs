using AwsIO.Testing;

namespace AwsIO.Samples;

/// <summary>Tasks and timers on a loop, and the same on loops that a test drives.</summary>
internal static class TimersSample
{
    internal static async Task RunAsync()
    {
        // <snippet group>
        await using EventLoopGroup group = new(new EventLoopGroupOptions
        {
            LoopCount = 1,
            SlowCallbackThreshold = TimeSpan.FromMilliseconds(100),
            OnShutdownComplete = () => Console.WriteLine("the group has ended"),
        });
        // </snippet>

        // <snippet timer>
        TaskCompletionSource rung = new(TaskCreationOptions.RunContinuationsAsynchronously);
        EventLoop loop = group.GetNextLoop();
        IoTask alarm = IoTask.Create(
            static (rung, status) =>
            {
                // Canceled when the loop ends first: each task is called once, whatever happens.
                if (status == IoTaskStatus.Run)
                {
                    rung.SetResult();
                }
                else
                {
                    rung.SetCanceled();
                }
            },
            rung);
        loop.ScheduleAfter(alarm, TimeSpan.FromMicroseconds(700));
        await rung.Task;
        // </snippet>
        Console.WriteLine("rung");

        // <snippet manual>
        using ManualLoopGroup loops = new();
        List<string> log = [];
        loops[0].ScheduleAfter(IoTask.Create(static (log, _) => log.Add("an hour later"), log), TimeSpan.FromHours(1));
        loops[0].Schedule(IoTask.Create(static (log, _) => log.Add("now"), log));

        loops.RunUntilIdle();
        Console.WriteLine(string.Join(", ", log));
        loops.Advance(TimeSpan.FromHours(1));
        Console.WriteLine(string.Join(", ", log));
        // </snippet>
    }
}
