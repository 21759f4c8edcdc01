using AwsIO.Native.Platform;
using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;
using AwsIO.Tests.Sockets.Pipes;
using AwsIO.Tests.Streams;

namespace AwsIO.Tests.EventLoops.Kqueue;

// What stands on loops alone, on the loops of the testing library and on the kqueue double too. The double's faults are left out: these
// tests count events exactly, and the faults invent some.

public sealed class PipeOnOneLoopOnDarwin : PipeOnOneLoopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeOnOneLoopOnFreeBsd : PipeOnOneLoopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeOnOneLoopOnManualLoops : PipeOnOneLoopTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class PipeOnTwoLoopsOnDarwin : PipeOnTwoLoopsTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeOnTwoLoopsOnFreeBsd : PipeOnTwoLoopsTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeOnTwoLoopsOnManualLoops : PipeOnTwoLoopsTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class PipeReadOnDarwin : PipeReadTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeReadOnFreeBsd : PipeReadTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeReadOnManualLoops : PipeReadTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class PipeWriteOnDarwin : PipeWriteTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeWriteOnFreeBsd : PipeWriteTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeWriteOnManualLoops : PipeWriteTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class PipeLifeOnDarwin : PipeLifeTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeLifeOnFreeBsd : PipeLifeTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeLifeOnManualLoops : PipeLifeTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class PipeBrokenOnDarwin : PipeBrokenTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeBrokenOnFreeBsd : PipeBrokenTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeBrokenOnManualLoops : PipeBrokenTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class PipeSubscriptionOnDarwin : PipeSubscriptionTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeSubscriptionOnFreeBsd : PipeSubscriptionTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeSubscriptionOnManualLoops : PipeSubscriptionTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class PipeMemoryOnDarwin : PipeMemoryTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class PipeMemoryOnFreeBsd : PipeMemoryTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class PipeMemoryOnManualLoops : PipeMemoryTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class FutureLoopOnDarwin : FutureLoopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class FutureLoopOnFreeBsd : FutureLoopTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

public sealed class FutureLoopOnManualLoops : FutureLoopTests
{
    internal override LoopBackend Backend { get; } = ManualBackend.Instance;
}

public sealed class LocalObjectOnDarwin : LocalObjectTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class LocalObjectOnFreeBsd : LocalObjectTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}
