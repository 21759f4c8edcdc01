namespace AwsIO.Tests.EventLoops;

/// <summary>How long a loop may spin, by a time of the test's.</summary>
public sealed class SpinBudgetTests
{
    private const long Longest = 50_000;

    // Sooner than a sleeping loop would have been woken.
    private const long Quick = 5_000;

    // On one processor no loop spins at all.
    private static readonly bool s_canSpin = Environment.ProcessorCount >= 2;

    [Theory]
    [InlineData(SpinMode.Off, Longest)]
    [InlineData(SpinMode.Fixed, 0)]
    [InlineData(SpinMode.Adaptive, 0)]
    public void Off_and_no_time_at_all_never_spin(SpinMode mode, long longest)
    {
        SpinBudget budget = new(mode, longest, share: 1);
        Assert.True(budget.IsOff);
        Assert.Equal(0, budget.Next(0));
        Assert.Equal(0, budget.Next(long.MaxValue));
    }

    [Fact]
    public void Fixed_spins_for_the_whole_time_whatever_comes_of_it()
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        SpinBudget budget = new(SpinMode.Fixed, Longest, share: 1);
        Assert.False(budget.IsOff);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Longest, budget.Next(0));
            budget.NoteMiss(Longest);
        }
    }

    [Fact]
    public void Each_miss_in_a_row_doubles_the_sleeps_without_a_spin_up_to_a_limit()
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        SpinBudget budget = new(SpinMode.Adaptive, Longest, share: 1);
        long now = 1_000_000_000;
        List<int> skipped = [];
        for (int miss = 0; miss < 10; miss++)
        {
            int skips = 0;
            while (budget.Next(now += 1_000_000_000) == 0)
            {
                skips++;
            }

            skipped.Add(skips);
            budget.NoteMiss(Longest);
        }

        Assert.Equal([0, 1, 3, 7, 15, 31, 63, 127, 255, 255], skipped);
    }

    [Fact]
    public void A_quick_hit_makes_up_for_all_misses_before_it_and_costs_nothing()
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        SpinBudget budget = new(SpinMode.Adaptive, Longest, share: 1);
        for (int i = 0; i < 3; i++)
        {
            while (budget.Next(0) == 0)
            {
            }

            budget.NoteMiss(Longest);
        }

        while (budget.Next(0) == 0)
        {
        }

        // However many times, with no time going by.
        budget.NoteHit(Quick);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Longest, budget.Next(0));
            budget.NoteHit(Quick);
        }

        Assert.Equal(Longest, budget.Next(0));
        budget.NoteMiss(Longest);
        Assert.Equal(0, budget.Next(0));
        Assert.Equal(Longest, budget.Next(0));
    }

    [Fact]
    public void When_the_allowance_is_used_up_a_twentieth_of_the_time_that_goes_by_fills_it()
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        SpinBudget budget = new(SpinMode.Adaptive, Longest, share: 1);
        for (int i = 0; i < 20; i++)
        {
            // A hit between them, so that none is skipped.
            budget.NoteHit(Quick);
            Assert.Equal(Longest, budget.Next(0));
            budget.NoteMiss(Longest);
            Assert.Equal(0, budget.Next(0));
        }

        Assert.Equal(0, budget.Next(0));
        Assert.Equal(0, budget.Next((20 * Longest) - 20));
        Assert.Equal(Longest, budget.Next(20 * Longest));
    }

    [Fact]
    public void A_hit_that_takes_longer_than_a_wake_up_would_is_paid_for_too()
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        SpinBudget budget = new(SpinMode.Adaptive, Longest, share: 1);
        const long period = 45_000;
        long now = 0;
        long spun = 0;
        for (int i = 0; i < 20_000; i++)
        {
            // An event comes whenever the loop has just all but given up.
            now += period;
            if (budget.Next(now - period) > 0)
            {
                budget.NoteHit(period);
                spun += period;
            }
        }

        Assert.InRange((double)spun / now, 0.01, 0.15);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_spun_in_vain_stays_below_a_twentieth_of_the_time(int seed)
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        Random random = new(seed);
        SpinBudget budget = new(SpinMode.Adaptive, Longest, share: 1);
        long now = 0;
        long wasted = 0;
        for (int i = 0; i < 50_000; i++)
        {
            now += random.NextInt64(200_000);
            long spin = budget.Next(now);
            Assert.True(spin is 0 or Longest);
            if (spin > 0 && random.Next(3) == 0)
            {
                budget.NoteHit(Quick);
            }
            else if (spin > 0)
            {
                long spun = random.NextInt64(1, spin + 1);
                budget.NoteMiss(spun);
                wasted += spun;
                now += spun;
            }

            Assert.True(wasted <= (now / 20) + (20 * Longest));
        }
    }

    [Theory]
    [InlineData(SpinMode.Adaptive, 0.25)]
    [InlineData(SpinMode.Adaptive, 0.9)]
    [InlineData(SpinMode.Fixed, 0.01)]
    [InlineData(SpinMode.Fixed, 0.5)]
    public void Spins_that_pay_stay_below_the_share_too_and_use_all_of_it(SpinMode mode, double share)
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        const long sleep = 1_000;
        SpinBudget budget = new(mode, Longest, share);
        long now = 1_000_000_000_000;
        long start = now;
        long spun = 0;
        while (now - start < 10_000_000_000)
        {
            if (budget.Next(now) > 0)
            {
                budget.NoteHit(Quick);
                spun += Quick;
                now += Quick;
            }
            else
            {
                now += sleep;
            }

            Assert.True(spun <= ((now - start) * share) + (20 * Longest));
        }

        // Where nothing but spins takes time, they would take all of it.
        Assert.InRange(spun / (double)(now - start), share * 0.95, share * 1.02);
    }

    [Fact]
    public void A_share_of_which_a_moment_has_less_than_a_nanosecond_fills_up_all_the_same()
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        const double share = 0.0005;
        const long step = 1_000;
        SpinBudget budget = new(SpinMode.Fixed, Longest, share);
        long now = 0;
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(Longest, budget.Next(now));
            budget.NoteMiss(Longest);
        }

        int steps = 0;
        while (budget.Next(now += step) == 0)
        {
            Assert.True(++steps < 2 * Longest / share / step);
        }
    }

    [Fact]
    public void Of_a_share_no_more_is_saved_up_than_a_first_one_has()
    {
        Assert.SkipUnless(s_canSpin, "One processor.");
        SpinBudget budget = new(SpinMode.Fixed, Longest, share: 0.5);
        foreach (long now in new[] { 0, long.MaxValue / 2, long.MaxValue })
        {
            for (int i = 0; i < 20; i++)
            {
                Assert.Equal(Longest, budget.Next(now));
                budget.NoteMiss(Longest);
            }

            Assert.Equal(0, budget.Next(now));
        }
    }
}
