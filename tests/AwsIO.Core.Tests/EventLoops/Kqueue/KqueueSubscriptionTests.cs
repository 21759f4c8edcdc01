using AwsIO.Native.Platform;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.EventLoops.Kqueue;

public class KqueueSubscriptionTests : KqueueTest
{
    private const short Read = KqueueNumbers.FilterRead;
    private const short Write = KqueueNumbers.FilterWrite;
    private const IoEvents Both = IoEvents.Readable | IoEvents.Writable;

    [Fact]
    public async Task What_both_filters_tell_in_one_pass_is_one_call()
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        pair.Peer.Send([1]);
        Assert.Equal(IoError.None, await Subscribe(pair.Handle, Both, handler));

        Assert.Equal(Both, await handler.Next());
        await Loop.Turn();
        Assert.Equal(1, handler.Count);
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pair.Handle)));
    }

    [Theory]
    [InlineData(Read)]
    [InlineData(Write)]
    public async Task When_one_filter_is_refused_the_other_is_taken_back(short refused)
    {
        using TestSocketPair pair = new();
        RecordingHandler first = new();
        Faults.Refuse(refused, LinuxCalls.ENOMEM);
        IoError error = Loop.Subscribe(pair.Handle, Both, first);

        Assert.Equal(IoErrorCode.OutOfMemory, error.Code);
        Assert.Equal(Errno.ENOMEM, error.NativeError);
        Assert.Contains($"Subscribing descriptor {pair.Handle.Descriptor}", error.Detail, StringComparison.Ordinal);
        Assert.Equal(-1, pair.Handle.SubscriptionSlot);

        // Nothing is left in the kernel: no event for it, and the next one to subscribe is the first.
        pair.Peer.Send([1]);
        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(0, first.Count);
        RecordingHandler second = new();
        Assert.Equal(IoError.None, await Subscribe(new IoHandle(pair.Handle.Descriptor), Both, second));
        Assert.Equal(Both, await second.Next());
        Assert.Equal(0, first.Count);
    }

    [Fact]
    public async Task A_refused_subscription_is_told_nothing_even_when_the_first_filter_had_something_to_tell()
    {
        using TestSocketPair pair = new();
        pair.Peer.Send([1]);
        RecordingHandler handler = new();
        for (int round = 0; round < 500; round++)
        {
            // The loop runs meanwhile, and finds the first event before the second filter is refused, or after.
            Faults.Refuse(Write, LinuxCalls.ENOMEM);
            Assert.Equal(IoErrorCode.OutOfMemory, Loop.Subscribe(pair.Handle, Both, handler).Code);
        }

        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(0, handler.Count);
    }

    [Theory]
    [InlineData(Write, IoEvents.Readable)]
    [InlineData(Read, IoEvents.Writable)]
    [InlineData(Read, IoEvents.None)]
    [InlineData(Write, IoEvents.None)]
    public async Task A_filter_that_nobody_asked_for_may_be_refused(short refused, IoEvents asked)
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        Faults.Refuse(refused, LinuxCalls.EINVAL);
        Assert.Equal(IoError.None, Loop.Subscribe(pair.Handle, asked, handler));
        if (asked != IoEvents.None)
        {
            pair.Peer.Send([1]);
            Assert.Equal(asked, await handler.Next());
        }

        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pair.Handle)));
    }

    [Theory]
    [InlineData(IoEvents.None)]
    [InlineData(IoEvents.Readable)]
    [InlineData(IoEvents.Writable)]
    public void When_both_are_refused_the_subscription_is(IoEvents asked)
    {
        using TestSocketPair pair = new();
        Faults.Refuse(Read, LinuxCalls.ENOMEM);
        Faults.Refuse(Write, LinuxCalls.ENOMEM);
        Assert.Equal(IoErrorCode.OutOfMemory, Loop.Subscribe(pair.Handle, asked, new RecordingHandler()).Code);
    }

    [Fact]
    public async Task A_number_that_was_closed_unasked_can_be_subscribed_by_its_next_owner()
    {
        TestPipe first = new();
        RecordingHandler stranger = new();
        Assert.Equal(IoError.None, Loop.Subscribe(first.Reader, IoEvents.Readable, stranger));
        int number = first.Reader.Descriptor;
        first.Dispose();
        TestPipe second = new();
        Assert.Equal(number, second.Reader.Descriptor);

        RecordingHandler owner = new();
        Assert.Equal(IoError.None, Loop.Subscribe(second.Reader, IoEvents.Readable, owner));
        second.Write();
        Assert.Equal(IoEvents.Readable, await owner.Next());
        Assert.Equal(0, stranger.Count);

        // The first one has been forgotten, and takes nothing away from the second.
        Assert.Equal(IoErrorCode.NotSubscribed, (await Loop.Call(() => Loop.Unsubscribe(first.Reader))).Code);
        second.Drain();
        second.Write();
        Assert.Equal(IoEvents.Readable, await owner.Next());
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(second.Reader)));
        second.Dispose();
    }

    [Fact]
    public async Task The_looking_for_another_owner_disturbs_none()
    {
        using TestPipe pipe = new();
        RecordingHandler owner = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, owner));
        IoHandle stranger = new(pipe.Reader.Descriptor);
        Assert.Equal(Errno.EEXIST, Loop.Subscribe(stranger, IoEvents.Readable, new RecordingHandler()).NativeError);
        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(0, owner.Count);

        pipe.Write();
        Assert.Equal(IoEvents.Readable, await owner.Next());
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Reader)));
    }

    [Fact]
    public async Task A_half_closed_connection_hangs_up_first_and_closes_when_the_other_half_does()
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, await Subscribe(pair.Handle, Both, handler));
        Assert.Equal(IoEvents.Writable, await handler.Next());

        pair.Peer.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal(IoEvents.Readable | IoEvents.RemoteHangUp, await NextButRoom(handler));

        // The end of our own direction comes by the other filter, long after.
        pair.Own.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        IoEvents events = IoEvents.None;
        while (!events.HasFlag(IoEvents.Closed))
        {
            events = await handler.Next();
        }

        Assert.False(events.HasFlag(IoEvents.Error));
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pair.Handle)));
    }

    [Fact]
    public async Task A_reset_is_an_error()
    {
        using TestSocketPair pair = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, await Subscribe(pair.Handle, Both, handler));
        Assert.Equal(IoEvents.Writable, await handler.Next());

        pair.Peer.LingerState = new(enable: true, seconds: 0);
        pair.Peer.Dispose();

        IoEvents seen = IoEvents.None;
        while (!seen.HasFlag(IoEvents.Error | IoEvents.Closed | IoEvents.RemoteHangUp))
        {
            seen |= await handler.Next();
        }

        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pair.Handle)));
    }

    [Fact]
    public async Task Slots_that_come_and_go_carry_nothing_over_to_their_next_owners()
    {
        for (int round = 0; round < 20; round++)
        {
            // The first owner of a slot sees both ends, the next one neither.
            using TestSocketPair ending = new();
            RecordingHandler handler = new();
            Assert.Equal(IoError.None, Loop.Subscribe(ending.Handle, Both, handler));
            ending.Peer.Dispose();
            while (!(await handler.Next()).HasFlag(IoEvents.RemoteHangUp))
            {
            }

            await Loop.Call(() => Loop.Unsubscribe(ending.Handle));
            using TestSocketPair living = new();
            RecordingHandler next = new();
            Assert.Equal(IoError.None, await Subscribe(living.Handle, Both, next));
            Assert.Equal(IoEvents.Writable, await next.Next());
            living.Peer.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            Assert.Equal(IoEvents.Readable | IoEvents.RemoteHangUp, await NextButRoom(next));
            await Loop.Call(() => Loop.Unsubscribe(living.Handle));
        }
    }

    /// <summary>
    /// The next event that tells more than of room: Linux tells of that once more when the peer ends, and so does the double.
    /// </summary>
    private static async Task<IoEvents> NextButRoom(RecordingHandler handler)
    {
        IoEvents events = IoEvents.None;
        while (events == IoEvents.None)
        {
            events = await handler.Next() & ~IoEvents.Writable;
        }

        return events;
    }
}

/// <summary>The same where each filter is added by a call of its own, and an event has 64 bytes.</summary>
public sealed class KqueueSubscriptionOnFreeBsd : KqueueSubscriptionTests
{
    internal override KqueueBackend Kqueue { get; } = KqueueBackend.Of(Abi.FreeBsd);
}
