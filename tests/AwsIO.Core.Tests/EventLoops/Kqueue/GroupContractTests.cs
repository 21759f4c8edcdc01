using AwsIO.Native.Platform;
using AwsIO.Tests.Channels;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;
using AwsIO.Tests.Sockets.Pipes;

namespace AwsIO.Tests.EventLoops.Kqueue;

// What groups, the ends of things and races promise, on the kqueue double too; without its faults, as these tests count.

public sealed class DefaultGroupOnDarwin : DefaultGroupTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class DefaultGroupOnFreeBsd : DefaultGroupTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class EventLoopGroupOnDarwin : EventLoopGroupTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class EventLoopGroupOnFreeBsd : EventLoopGroupTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class GroupLeaseOnDarwin : GroupLeaseTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class GroupLeaseOnFreeBsd : GroupLeaseTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class ChannelFutureOnDarwin : ChannelFutureTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class ChannelFutureOnFreeBsd : ChannelFutureTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class HangUpOnDarwin : HangUpTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class HangUpOnFreeBsd : HangUpTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class LateTaskOnDarwin : LateTaskTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class LateTaskOnFreeBsd : LateTaskTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class DuplicatedDescriptorOnDarwin : DuplicatedDescriptorTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class DuplicatedDescriptorOnFreeBsd : DuplicatedDescriptorTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class SignalOnDarwin : SignalTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class SignalOnFreeBsd : SignalTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeRaceOnDarwin : PipeRaceTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeAllocationOnDarwin : PipeAllocationTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}
