using System.Net.Sockets;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.EventLoops;

/// <summary>What the platform's loop says of a connection's end: half of it, all of it, or a reset.</summary>
public class HangUpTests : LoopTest
{
    [Fact]
    public async Task A_half_closed_connection_hangs_up_first_and_closes_when_the_other_half_does()
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pair.Handle, IoEvents.Readable, handler));
        pair.Peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(IoEvents.Readable | IoEvents.RemoteHangUp, await handler.Next());

        pair.Own.Shutdown(SocketShutdown.Send);
        IoEvents events = await handler.Next();
        Assert.True(events.HasFlag(IoEvents.Closed | IoEvents.RemoteHangUp));
        Assert.False(events.HasFlag(IoEvents.Error));
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pair.Handle)));
    }

    [Fact]
    public async Task A_reset_is_an_error_and_is_told_to_those_who_asked_for_nothing()
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pair.Handle, IoEvents.None, handler));
        pair.Peer.LingerState = new LingerOption(enable: true, seconds: 0);
        pair.Peer.Dispose();
        IoEvents seen = IoEvents.None;
        while (!seen.HasFlag(IoEvents.Error | IoEvents.Closed | IoEvents.RemoteHangUp))
        {
            seen |= await handler.Next();
        }

        Assert.False(seen.HasFlag(IoEvents.Readable) || seen.HasFlag(IoEvents.Writable));
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pair.Handle)));
    }
}
