using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>The platform's loops, spinning for a fixed time before each sleep.</summary>
internal sealed class SpinningBackend(TimeSpan time) : LoopBackend
{
    internal static readonly SpinningBackend Instance = new(TimeSpan.FromMilliseconds(1));

    internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
    {
        options.Spin = SpinMode.Fixed;
        options.SpinTime = time;
        return base.NewGroup(options);
    }
}

/// <summary>The platform's loops, sleeping at once.</summary>
internal sealed class SleepingBackend : LoopBackend
{
    internal static readonly SleepingBackend Instance = new();

    internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
    {
        options.Spin = SpinMode.Off;
        return base.NewGroup(options);
    }
}

public sealed class SpinningSubscriptionTests : SubscriptionTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningSubscriptionEndTests : SubscriptionEndTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningStaleEventTests : StaleEventTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningSchedulingTests : SchedulingTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningTimerTests : TimerTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningCancelTests : CancelTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningCancelBetweenLoopsTests : CancelBetweenLoopsTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningWakeUpTests : WakeUpTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningStopTests : StopTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningStopDuringEndTests : StopDuringEndTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningLoopEndTests : LoopEndTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningRaceTests : RaceTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SpinningLocalObjectTests : LocalObjectTests
{
    internal override LoopBackend Backend => SpinningBackend.Instance;
}

public sealed class SleepingSubscriptionTests : SubscriptionTests
{
    internal override LoopBackend Backend => SleepingBackend.Instance;
}

public sealed class SleepingSchedulingTests : SchedulingTests
{
    internal override LoopBackend Backend => SleepingBackend.Instance;
}

public sealed class SleepingTimerTests : TimerTests
{
    internal override LoopBackend Backend => SleepingBackend.Instance;
}

public sealed class SleepingCancelTests : CancelTests
{
    internal override LoopBackend Backend => SleepingBackend.Instance;
}

public sealed class SleepingWakeUpTests : WakeUpTests
{
    internal override LoopBackend Backend => SleepingBackend.Instance;
}

public sealed class SleepingStopTests : StopTests
{
    internal override LoopBackend Backend => SleepingBackend.Instance;
}

public sealed class SleepingLoopEndTests : LoopEndTests
{
    internal override LoopBackend Backend => SleepingBackend.Instance;
}
