using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>A loop that looks for more for ten milliseconds before it sleeps.</summary>
public sealed class SpinTests : LoopTest
{
    private const long SpinTime = 10_000_000;

    internal override LoopBackend Backend { get; } = new SpinningBackend(TimeSpan.FromMilliseconds(10));

    [Fact]
    public async Task While_it_spins_nobody_writes_to_wake_it()
    {
        Assert.SkipUnless(Environment.ProcessorCount >= 2, "On one processor no loop spins.");
        const int wanted = 100;
        const int attempts = 2_000;
        int proven = 0;
        for (int i = 0; i < attempts && proven < wanted; i++)
        {
            RecordingTask first = new();
            Loop.Schedule(first);
            await first.Called.Within();
            long before = Loop.WakeUps;
            RecordingTask second = new();
            Loop.Schedule(second);

            // A spin began after the first task, and had not ended by now: the loop cannot have slept in between.
            bool span = Loop.CurrentTime < first.Time + SpinTime;
            await second.Called.Within();
            if (span)
            {
                Assert.Equal(before, Loop.WakeUps);
                proven++;
            }
        }

        Assert.True(proven >= wanted, $"In {attempts} attempts only {proven} found the loop in a spin.");
    }

    [Fact]
    public async Task A_timer_in_the_midst_of_a_spin_is_not_put_off_to_its_end()
    {
        long least = long.MaxValue;
        for (int i = 0; i < 1000 && least > SpinTime / 4; i++)
        {
            RecordingTask timer = new();
            long deadline = 0;
            await Loop.Call(() =>
            {
                deadline = Loop.CurrentTime + (SpinTime / 10);
                Loop.ScheduleAt(timer, deadline);
            });
            await timer.Called.Within();
            Assert.True(timer.Time >= deadline);
            least = Math.Min(least, timer.Time - deadline);
        }

        // The machine may hold any of them up, but if the spin did, it would hold up each.
        Assert.True(least <= SpinTime / 4);
    }

    [Fact]
    public async Task A_stop_during_a_spin_ends_it_and_the_loop_can_be_started_again()
    {
        for (int i = 0; i < 20; i++)
        {
            RecordingTask task = new();
            Loop.Schedule(task);
            await task.Called.Within();
            Loop.Stop();
            Loop.WaitForStop();
            Loop.Start();
        }

        await Loop.Turn();
    }

    [Fact]
    public async Task An_event_during_a_spin_is_reported()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new((_, _, _) => pipe.Drain());
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        for (int i = 0; i < 200; i++)
        {
            pipe.Write();
            Assert.Equal(IoEvents.Readable, await handler.Next());
        }

        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }
}
