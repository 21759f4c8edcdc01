using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.EventLoops.Kqueue;

/// <summary>A test of a loop on the double, on which something goes wrong when the test says so.</summary>
public abstract class KqueueTest : LoopTest
{
    internal override LoopBackend Backend => Kqueue;

    internal virtual KqueueBackend Kqueue { get; } = KqueueBackend.Of(Abi.Darwin);

    internal KqueueFaults Faults => Kqueue.Faults;

    /// <summary>Subscribes with the loop standing still, which then finds both filters.</summary>
    internal Task<IoError> Subscribe(IoHandle handle, IoEvents events, IIoEventHandler handler) =>
        Loop.Call(() => Loop.Subscribe(handle, events, handler));
}
