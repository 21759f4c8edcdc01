using System.Net.Sockets;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Resets;

/// <summary>
/// The kernel tells of a reset once: to a read, to a write, or to whoever asks for the pending error, as the socket does when an event
/// tells of an error alone. A read that comes after is to be told all the same, not that the peer has ended in order.
/// </summary>
public sealed class ResetAskedForTests(LoopFixture fixture) : TransportTest(fixture)
{
    // Looks at single calls, as others here do: under a fault plan one finds nothing yet.
    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Category", "ExactCalls")]
    public async Task A_read_behind_the_question_is_told_of_the_reset_too(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        await Loop.On(() =>
        {
            Reset(ours, peer);
            Assert.Equal(Errno.ECONNRESET, ours.GetError().NativeError);
            Assert.Equal(IoError.None, ours.GetError());

            for (int i = 0; i < 2; i++)
            {
                IoError error = ours.Read(new byte[10], out int count);
                Assert.Equal((IoErrorCode.SocketClosed, Errno.ECONNRESET, 0), (error.Code, error.NativeError, count));
            }

            ours.Dispose();
        });
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Category", "ExactCalls")]
    public async Task A_read_behind_a_failed_write_is_told_of_the_reset_too(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        await Loop.On(() =>
        {
            Reset(ours, peer);
            Assert.Equal(Errno.ECONNRESET, ours.TryWrite(new byte[10], out _).NativeError);

            Assert.Equal(Errno.ECONNRESET, ours.Read(new byte[10], out _).NativeError);
            ours.Dispose();
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_channel_whose_error_was_asked_for_does_not_end_in_order(bool hasBytes)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        TestChannel test = await TestChannel.Over(ours);
        await Loop.On(() =>
        {
            if (hasBytes)
            {
                peer.Send(Data.Pattern(1000));
            }

            Reset(ours, peer);
            Assert.Equal(Errno.ECONNRESET, ours.GetError().NativeError);
        });
        IoError error = await test.End;

        Assert.Equal((IoErrorCode.SocketClosed, Errno.ECONNRESET), (error.Code, error.NativeError));
        Assert.Empty(test.App.ReadEnds);
        Data.AssertPattern(test.App.Received, hasBytes ? 1000 : 0);
    }

    /// <summary>The reset behind an orderly end, which is another error, leaves that end what it was.</summary>
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task An_orderly_end_before_the_reset_stays_one()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        await Loop.On(() =>
        {
            peer.Shutdown(SocketShutdown.Send);
            Reset(ours, peer);
            Assert.Equal(Errno.EPIPE, ours.GetError().NativeError);

            IoError error = ours.Read(new byte[10], out _);
            Assert.Equal((IoErrorCode.SocketClosed, 0), (error.Code, error.NativeError));
            ours.Dispose();
        });
    }

    /// <summary>Resets, and returns when the kernel knows; no event is told of meanwhile, since the loop's thread is here.</summary>
    private static void Reset(IoSocket ours, Socket peer)
    {
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();
        using Socket view = new(new SafeSocketHandle(ours.Descriptor, ownsHandle: false));
        Assert.True(view.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectError));
    }
}
