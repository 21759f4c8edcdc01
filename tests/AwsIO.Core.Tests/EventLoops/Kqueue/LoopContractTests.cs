using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.EventLoops.Kqueue;

// The contract of event loops, on the kqueue double: as macOS has it, as FreeBSD has it, and three times with faults, each of which has
// seeds of its own. Faults that put events off stay away from the scheduling tests, one of which counts ticks until an event comes.

public sealed class CancelBetweenLoopsOnDarwin : CancelBetweenLoopsTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class CancelBetweenLoopsOnFreeBsd : CancelBetweenLoopsTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class CancelBetweenLoopsOnFaulty1 : CancelBetweenLoopsTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class CancelBetweenLoopsOnFaulty2 : CancelBetweenLoopsTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class CancelBetweenLoopsOnFaulty3 : CancelBetweenLoopsTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class CancelOnDarwin : CancelTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class CancelOnFreeBsd : CancelTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class CancelOnFaulty1 : CancelTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class CancelOnFaulty2 : CancelTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class CancelOnFaulty3 : CancelTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class LoopAllocationOnDarwin : LoopAllocationTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class LoopAllocationOnFreeBsd : LoopAllocationTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class LoopAllocationOnFaulty1 : LoopAllocationTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class LoopAllocationOnFaulty2 : LoopAllocationTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class LoopAllocationOnFaulty3 : LoopAllocationTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class LoopEndOnDarwin : LoopEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class LoopEndOnFreeBsd : LoopEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class LoopEndOnFaulty1 : LoopEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class LoopEndOnFaulty2 : LoopEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class LoopEndOnFaulty3 : LoopEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class RaceOnDarwin : RaceTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class RaceOnFreeBsd : RaceTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class RaceOnFaulty1 : RaceTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class RaceOnFaulty2 : RaceTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class RaceOnFaulty3 : RaceTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class OwnTaskOnDarwin : OwnTaskTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class OwnTaskOnFreeBsd : OwnTaskTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class OwnTaskOnFaulty1 : OwnTaskTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Punctual, 1);
}

public sealed class SchedulingOnDarwin : SchedulingTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class SchedulingOnFreeBsd : SchedulingTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class SchedulingOnFaulty1 : SchedulingTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Punctual, 1);
}

public sealed class SchedulingOnFaulty2 : SchedulingTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Punctual, 2);
}

public sealed class SchedulingOnFaulty3 : SchedulingTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Punctual, 3);
}

public sealed class StaleEventOnDarwin : StaleEventTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class StaleEventOnFreeBsd : StaleEventTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class StaleEventOnFaulty1 : StaleEventTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class StaleEventOnFaulty2 : StaleEventTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class StaleEventOnFaulty3 : StaleEventTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class StopDuringEndOnDarwin : StopDuringEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class StopDuringEndOnFreeBsd : StopDuringEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class StopDuringEndOnFaulty1 : StopDuringEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class StopDuringEndOnFaulty2 : StopDuringEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class StopDuringEndOnFaulty3 : StopDuringEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class StopOnDarwin : StopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class StopOnFreeBsd : StopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class StopOnFaulty1 : StopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class StopOnFaulty2 : StopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class StopOnFaulty3 : StopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class SubscriptionEndOnDarwin : SubscriptionEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class SubscriptionEndOnFreeBsd : SubscriptionEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class SubscriptionEndOnFaulty1 : SubscriptionEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class SubscriptionEndOnFaulty2 : SubscriptionEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class SubscriptionEndOnFaulty3 : SubscriptionEndTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class SubscriptionOnDarwin : SubscriptionTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class SubscriptionOnFreeBsd : SubscriptionTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class SubscriptionOnFaulty1 : SubscriptionTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class SubscriptionOnFaulty2 : SubscriptionTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class SubscriptionOnFaulty3 : SubscriptionTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class TimerOnDarwin : TimerTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class TimerOnFreeBsd : TimerTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class TimerOnFaulty1 : TimerTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class TimerOnFaulty2 : TimerTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class TimerOnFaulty3 : TimerTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}

public sealed class WakeUpOnDarwin : WakeUpTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class WakeUpOnFreeBsd : WakeUpTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class WakeUpOnFaulty1 : WakeUpTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 1);
}

public sealed class WakeUpOnFaulty2 : WakeUpTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 2);
}

public sealed class WakeUpOnFaulty3 : WakeUpTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Faulty(KqueueFault.Unseen, 3);
}
