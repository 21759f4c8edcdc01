using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

[Collection(LoopTestCollection.Name)]
public sealed class GroupOptionsTests
{
    [Fact]
    public void More_loops_than_allowed_is_an_error_that_names_both_figures()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            static () => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 7531, MaxLoops = 246 }));
        Assert.Contains("7531", error.Message, StringComparison.Ordinal);
        Assert.Contains("246", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void By_default_there_may_be_as_many_loops_as_processors()
    {
        int count = Environment.ProcessorCount;
        Assert.Equal(count, new EventLoopGroupOptions().MaxLoops);
        using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = count });
        Assert.Equal(count, group.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = count + 1 }));
    }

    [Theory]
    [InlineData(-1, 4)]
    [InlineData(1, 0)]
    [InlineData(0, -3)]
    [InlineData(int.MinValue, int.MaxValue)]
    public void Negative_figures_are_refused(int loops, int max) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = loops, MaxLoops = max }));

    [Fact]
    [Trait("Upstream", "event_loop_epoll_creation")]
    public void Epoll_can_be_asked_for_on_linux()
    {
        using EventLoopGroup group = new(new EventLoopGroupOptions { Type = EventLoopType.Epoll });
        Assert.Equal(EventLoopType.Epoll, group.Type);
    }

    [Fact]
    [Trait("Upstream", "event_loop_iocp_creation")]
    public void Completion_ports_are_not_supported() => Refused(EventLoopType.CompletionPort);

    [Fact]
    [Trait("Upstream", "event_loop_kqueue_creation")]
    public void Kqueue_is_not_supported_on_linux() => Refused(EventLoopType.Kqueue);

    [Fact]
    [Trait("Upstream", "event_loop_dispatch_queue_creation")]
    public void Dispatch_queues_are_not_supported() => Refused(EventLoopType.DispatchQueue);

    [Theory]
    [InlineData(nameof(AbiKind.Linux), EventLoopType.Epoll)]
    [InlineData(nameof(AbiKind.Darwin), EventLoopType.Kqueue)]
    [InlineData(nameof(AbiKind.FreeBsd), EventLoopType.Kqueue)]
    [InlineData(null, null)]
    public void Each_system_has_one_type_and_an_unknown_system_none(string? system, EventLoopType? only)
    {
        AbiKind? platform = system is null ? null : Enum.Parse<AbiKind>(system);
        foreach (EventLoopType type in Enum.GetValues<EventLoopType>())
        {
            if (only is not null && (type == EventLoopType.PlatformDefault || type == only))
            {
                EventLoopGroup.ValidateType(type, platform, "a system");
                continue;
            }

            PlatformNotSupportedException error =
                Assert.Throws<PlatformNotSupportedException>(() => EventLoopGroup.ValidateType(type, platform, "a system"));
            Assert.Contains($"type {type} is not supported on a system", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_type_that_does_not_exist_is_a_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            static () => new EventLoopGroup(new EventLoopGroupOptions { Type = (EventLoopType)99 }));

    [Theory]
    [InlineData(-1L)]
    [InlineData((10 * TimeSpan.TicksPerMillisecond) + 1)]
    [InlineData(long.MaxValue)]
    public void A_spin_time_that_is_negative_or_too_long_is_refused_with_the_limits(long ticks)
    {
        ArgumentOutOfRangeException error = Mistake(new() { SpinTime = TimeSpan.FromTicks(ticks) });
        Assert.Contains("SpinTime", error.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:00.0100000", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(1.0001)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_share_to_spin_that_is_no_share_is_refused_with_the_limits(double share)
    {
        ArgumentOutOfRangeException error = Mistake(new() { MaxSpinShare = share });
        Assert.Contains("MaxSpinShare is above 0 and at most 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_way_to_spin_that_does_not_exist_is_a_mistake(int mode) =>
        Assert.Contains("SpinMode", Mistake(new() { Spin = (SpinMode)mode }).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(false, SpinMode.Fixed)]
    [InlineData(true, SpinMode.Off)]
    public async Task Each_loop_is_told_how_to_spin_and_none_does_on_one_processor(bool isOnOne, SpinMode mode)
    {
        List<EventLoopSettings> told = [];
        EventLoopGroupOptions options = new()
        {
            LoopCount = 2,
            MaxLoops = 2,
            Spin = SpinMode.Fixed,
            SpinTime = TimeSpan.FromMilliseconds(7),
            MaxSpinShare = 0.25,
            Cpus = isOnOne ? new CpuSet(CpuSet.Available[0]) : null,
        };
        await using EventLoopGroup group = new(
            options,
            settings =>
            {
                told.Add(settings);
                return EventLoopGroup.PlatformFactory(settings);
            },
            EventLoopType.PlatformDefault);
        (SpinMode, long, double) expected = (mode, 7_000_000, 0.25);
        Assert.Equal([expected, expected], told.Select(static loop => (loop.SpinMode, loop.SpinNanoseconds, loop.SpinShare)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9.999)]
    [InlineData(-2)]
    public void A_threshold_for_slow_callbacks_below_ten_milliseconds_is_refused(double milliseconds)
    {
        ArgumentOutOfRangeException error = Mistake(new() { SlowCallbackThreshold = TimeSpan.FromMilliseconds(milliseconds) });
        Assert.Contains("SlowCallbackThreshold", error.Message, StringComparison.Ordinal);
        Assert.Contains("10 ms", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limits_themselves_are_allowed()
    {
        EventLoopGroupOptions[] allowed =
        [
            new() { SpinTime = TimeSpan.Zero, Spin = SpinMode.Fixed },
            new() { SpinTime = TimeSpan.FromMilliseconds(10) },
            new() { MaxSpinShare = double.Epsilon },
            new() { MaxSpinShare = 0.5, Spin = SpinMode.Fixed },
            new() { SlowCallbackThreshold = TimeSpan.FromMilliseconds(10) },
            new() { SlowCallbackThreshold = TimeSpan.MaxValue },
            new() { SlowCallbackThreshold = Timeout.InfiniteTimeSpan },
        ];
        foreach (EventLoopGroupOptions options in allowed)
        {
            await using EventLoopGroup group = new(options);
            await group[0].Turn();
        }
    }

    [Fact]
    public void The_message_says_what_is_wrong_with_the_processors_that_are_asked_for()
    {
        CpuSet available = CpuSet.Available;
        int missing = Enumerable.Range(0, 4096).First(cpu => !available.Contains(cpu));
        ArgumentException both = Assert.Throws<ArgumentException>(
            () => new EventLoopGroup(new EventLoopGroupOptions { NumaNode = 0, Cpus = available }));
        Assert.Contains("NumaNode and Cpus", both.Message, StringComparison.Ordinal);
        ArgumentException absent = Assert.Throws<ArgumentException>(
            () => new EventLoopGroup(new EventLoopGroupOptions { Cpus = new CpuSet(available[0], missing) }));
        Assert.Contains($"may not use {missing}", absent.Message, StringComparison.Ordinal);
        Assert.Contains($"may use {available}", absent.Message, StringComparison.Ordinal);
        foreach (int node in new[] { 4711, -1, int.MaxValue })
        {
            ArgumentException nowhere = Assert.Throws<ArgumentException>(
                () => new EventLoopGroup(new EventLoopGroupOptions { NumaNode = node }));
            Assert.Contains($"NumaNode is {node}", nowhere.Message, StringComparison.Ordinal);
        }
    }

    private static ArgumentOutOfRangeException Mistake(EventLoopGroupOptions options) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EventLoopGroup(options));

    private static void Refused(EventLoopType type)
    {
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(
            () => new EventLoopGroup(new EventLoopGroupOptions { Type = type }));
        Assert.Contains(type.ToString(), error.Message, StringComparison.Ordinal);
    }
}
