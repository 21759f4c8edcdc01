using AwsIO.Testing;
using AwsIO.Tests.Channels;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>Loops of the testing library, each with a thread that drives it, in the order of a seed.</summary>
internal sealed class ManualBackend : LoopBackend
{
    internal static readonly ManualBackend Instance = new();

    internal override EventLoopType Type => EventLoopType.PlatformDefault;

    internal override EventLoopGroup NewGroup(EventLoopGroupOptions options) =>
        new ManualLoopGroup(options, seed: 20261125, hasThreads: true).Group;
}

public sealed class ManualSubscriptionTests : SubscriptionTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualSubscriptionEndTests : SubscriptionEndTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualStaleEventTests : StaleEventTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualOwnTaskTests : OwnTaskTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualSchedulingTests : SchedulingTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualTimerTests : TimerTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualCancelTests : CancelTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualCancelBetweenLoopsTests : CancelBetweenLoopsTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualWakeUpTests : WakeUpTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualStopTests : StopTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualStopDuringEndTests : StopDuringEndTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualLoopEndTests : LoopEndTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualRaceTests : RaceTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualLocalObjectTests : LocalObjectTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualEventLoopGroupTests : EventLoopGroupTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualGroupLeaseTests : GroupLeaseTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualChannelFutureTests : ChannelFutureTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualHangUpTests : HangUpTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualLateTaskTests : LateTaskTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualDuplicatedDescriptorTests : DuplicatedDescriptorTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class ManualSignalTests : SignalTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}
