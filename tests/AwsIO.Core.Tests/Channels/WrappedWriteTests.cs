using System.Net.Sockets;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Writes that are not copied first.</summary>
public sealed class WrappedWriteTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task All_bytes_arrive_in_order_with_others_and_each_completion_is_told_once(Transport transport)
    {
        const int large = 3_000_000;
        (TestChannel client, TestChannel server) = await TestChannel.Pair(transport, Fixture);
        byte[] data = Data.Pattern((2 * large) + 20);
        using NativeMemoryOwner native = new(large);
        data.AsSpan(large + 10, large).CopyTo(native.GetSpan());
        List<(int Number, IoError Error)> told = [];
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await client.Loop.On(() =>
        {
            Send(client.Channel.WrapMessage(data.AsMemory(0, large)), 0);
            Send(Copied(data.AsSpan(large, 10)), 1);
            Send(client.Channel.WrapMessage(native.Memory), 2);
            Send(client.Channel.WrapMessage(data.AsMemory((2 * large) + 10)), 3);
            Assert.Empty(told);
        });
        await server.App.UntilReceived(data.Length);
        await all.Task.Within();

        Data.AssertPattern(server.App.Received, data.Length);
        Assert.Equal([(0, IoError.None), (1, IoError.None), (2, IoError.None), (3, IoError.None)], told);
        await client.Close();
        await server.End;

        IoMessage Copied(ReadOnlySpan<byte> bytes)
        {
            IoMessage message = client.Channel.RentMessage(bytes.Length);
            Assert.Equal(bytes.Length, message.Append(bytes));
            return message;
        }

        void Send(IoMessage message, int number)
        {
            message.OnCompleted(
                (_, error, _) =>
                {
                    told.Add((number, error));
                    if (told.Count == 4)
                    {
                        all.SetResult();
                    }
                },
                null);
            Assert.Equal(IoError.None, client.App.SendOrRelease(message));
        }
    }

    [Fact]
    public async Task What_waits_in_the_queue_is_read_from_the_callers_memory_when_it_goes_out()
    {
        const int size = 8 * 1024 * 1024;
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Unix, Loop);
        TestChannel test = await TestChannel.Over(ours);
        byte[] data = new byte[size];
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, test.App.SendOrRelease(test.Channel.WrapMessage(data)));
            Assert.True(test.Channel.UnsentBytes is > 0 and < size);

            // Not to be done by anybody but this test, which wants to see that nothing was copied.
            data[^1] = 7;
        });
        byte[] received = new byte[size];
        await Task.Run(() =>
        {
            for (int count = 0; count < size;)
            {
                count += peer.ReceiveSome(received.AsSpan(count));
            }
        }).Within();

        Assert.Equal(7, received[^1]);
        await test.Close();
        peer.Dispose();
    }

    [Fact]
    public async Task A_queued_one_is_completed_with_the_reason_when_the_connection_is_reset()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        TestChannel test = await TestChannel.Over(ours);
        TaskCompletionSource<IoError> told = Waits.NewSource<IoError>();
        await Loop.On(() =>
        {
            IoMessage message = test.Channel.WrapMessage(new byte[50_000_000]);
            message.OnCompleted((_, error, _) => told.SetResult(error), null);
            Assert.Equal(IoError.None, test.App.SendOrRelease(message));
        });
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();

        Assert.Equal(IoErrorCode.SocketClosed, (await told.Task.Within()).Code);
        Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
    }

    [Fact]
    public async Task A_refused_one_stays_the_senders()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        TestChannel test = await TestChannel.Over(ours);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.Close());
            IoMessage message = test.Channel.WrapMessage(new byte[1000]);
            Assert.Equal(IoErrorCode.SocketClosed, test.App.Slot!.Send(message, ChannelDirection.Write).Code);
            Assert.Equal(1000, message.Length);
            message.Release();
        });
        await test.Close();
        peer.Dispose();
    }

    [Fact]
    public async Task Another_thread_than_the_loops_is_refused()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        TestChannel test = await TestChannel.Over(ours);
        Assert.Throws<InvalidOperationException>(() => test.Channel.WrapMessage(new byte[1]));
        await test.Close();
        peer.Dispose();
    }
}
