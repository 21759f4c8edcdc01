namespace AwsIO.Tests.Common;

public sealed class IoClockTests
{
    [Fact]
    public void The_clock_never_goes_back()
    {
        long last = IoClock.Now;
        for (int i = 0; i < 100_000; i++)
        {
            long now = IoClock.Now;
            Assert.True(now >= last);
            last = now;
        }
    }

    [Fact]
    public void The_clock_counts_nanoseconds()
    {
        long start = IoClock.Now;
        long ticks = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(ticks) < TimeSpan.FromMilliseconds(5))
        {
            Thread.SpinWait(100);
        }

        Assert.True(IoClock.Now - start >= 5_000_000);
    }

    [Fact]
    public void Spans_and_moments_saturate()
    {
        Assert.Equal(long.MaxValue, IoClock.ToNanoseconds(TimeSpan.MaxValue));
        Assert.Equal(long.MinValue, IoClock.ToNanoseconds(TimeSpan.MinValue));
        Assert.Equal(1_500_000, IoClock.ToNanoseconds(TimeSpan.FromMilliseconds(1.5)));
        Assert.Equal(100, IoClock.ToNanoseconds(TimeSpan.FromTicks(1)));

        Assert.Equal(long.MaxValue, IoClock.After(1, TimeSpan.MaxValue));
        Assert.Equal(long.MaxValue, IoClock.After(long.MaxValue - 50, TimeSpan.FromTicks(1)));
        Assert.Equal(long.MaxValue, IoClock.After(0, Timeout.InfiniteTimeSpan));
        Assert.Equal(1_000_100, IoClock.After(1_000_000, TimeSpan.FromTicks(1)));
        Assert.True(IoClock.After(1_000_000, TimeSpan.MinValue) < 0);
    }
}
