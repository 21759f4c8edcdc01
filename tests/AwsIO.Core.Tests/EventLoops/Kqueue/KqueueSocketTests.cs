using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;
using AwsIO.Tests.Infrastructure.Transports;
using SocketPair = AwsIO.Tests.Infrastructure.Transports.SocketPair;

namespace AwsIO.Tests.EventLoops.Kqueue;

/// <summary>Whole lives of connections on kqueue, with no fault, with each fault, and with all of them.</summary>
[Collection(TransportCollection.Name)]
public sealed class KqueueSocketTests
{
    private const int Size = 300_000;

    public static TheoryData<Transport, string, int> Plans()
    {
        TheoryData<Transport, string, int> plans = [];
        KqueueFault[] kinds =
        [
            KqueueFault.None, .. Enum.GetValues<KqueueFault>().Where(static kind => System.Numerics.BitOperations.IsPow2((int)kind)),
            KqueueFault.All, KqueueFault.All, KqueueFault.All, KqueueFault.All,
        ];
        for (int i = 0; i < kinds.Length; i++)
        {
            plans.Add(Transport.Tcp4, kinds[i].ToString(), i);
            plans.Add(Transport.Unix, kinds[i].ToString(), i);
        }

        return plans;
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task Every_byte_arrives_both_ways_and_then_the_end(Transport transport, string faulty, int number)
    {
        KqueueFault kinds = Enum.Parse<KqueueFault>(faulty);
        KqueueFaults faults = new(kinds, KqueueFaults.SeedOr(number));
        await using EventLoopGroup group = NewGroup(faults, number);
        SocketPair pair = await SocketPair.Open(transport, group[0], group[1]);
        Conversation client = new(pair.Client);
        Conversation server = new(pair.Server);
        await Task.WhenAll(client.Begin(), server.Begin());

        Assert.Equal(Conversation.Bytes, await client.Received.Within());
        Assert.Equal(Conversation.Bytes, await server.Received.Within());
        await pair.Close();
        if (kinds is KqueueFault.Interrupt or KqueueFault.OneSlot)
        {
            // Every wait is a chance of these two. KqueueFaultTests make each of the others happen.
            Assert.Equal(kinds, faults.Happened);
        }
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task A_refused_connection_is_told_as_refused(Transport transport, string kinds, int number)
    {
        await using EventLoopGroup group = NewGroup(new KqueueFaults(Enum.Parse<KqueueFault>(kinds), KqueueFaults.SeedOr(number)), number);
        SocketEndpoint nobody;
        using (TestListener listener = TestListener.Bind(transport))
        {
            nobody = listener.Endpoint;
        }

        for (int round = 0; round < 5; round++)
        {
            using IoSocket socket = transport.NewSocket();
            TaskCompletionSource<IoError> result = Waits.NewSource<IoError>();
            IoError error = socket.Connect(nobody, group[0], (_, error, _) => result.SetResult(error), null);
            error = error.IsNone ? await result.Task.Within() : error;
            Assert.Equal(IoErrorCode.SocketConnectionRefused, error.Code);
            await group[0].On(socket.Dispose);
        }
    }

    [Theory]
    [InlineData(KqueueFault.None)]
    [InlineData(KqueueFault.SpuriousWrite | KqueueFault.SpuriousRead)]
    internal async Task A_connection_that_nobody_answers_times_out_whatever_spurious_events_say(KqueueFault kinds)
    {
        await using EventLoopGroup group = NewGroup(new KqueueFaults(kinds), 0);
        using FullListener full = new(Transport.Tcp4);
        using IoSocket socket = IoSocket.Create(new SocketOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) }).Value;
        TaskCompletionSource<IoError> result = Waits.NewSource<IoError>();
        Assert.Equal(IoError.None, socket.Connect(full.Endpoint, group[0], (_, error, _) => result.SetResult(error), null));
        while (!result.Task.IsCompleted)
        {
            // Each wake-up gives the double a chance to tell of room that is not there.
            await group[0].Ticks(1);
        }

        Assert.Equal(IoErrorCode.SocketTimeout, (await result.Task).Code);
        await group[0].On(socket.Dispose);
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task A_peer_that_vanishes_with_a_reset_ends_reading_and_writing(Transport transport, string kinds, int number)
    {
        await using EventLoopGroup group = NewGroup(new KqueueFaults(Enum.Parse<KqueueFault>(kinds), KqueueFaults.SeedOr(number)), number);
        (IoSocket ours, System.Net.Sockets.Socket peer) = await SocketPair.OpenWithPeer(transport, group[0]);
        TaskCompletionSource<IoError> ended = Waits.NewSource<IoError>();
        byte[] buffer = new byte[100];
        await group[0].On(() => Assert.Equal(IoError.None, ours.SubscribeReadable(
            (socket, _, _) =>
            {
                IoError error = socket.Read(buffer, out int count);
                if (error.IsError && error.Code != IoErrorCode.ReadWouldBlock)
                {
                    ended.TrySetResult(error);
                }
            },
            null)));
        if (transport != Transport.Unix)
        {
            peer.LingerState = new(enable: true, seconds: 0);
        }

        peer.Dispose();

        Assert.Equal(IoErrorCode.SocketClosed, (await ended.Task.Within()).Code);
        await SocketPair.CloseOn(ours);
    }

    private static EventLoopGroup NewGroup(KqueueFaults faults, int number)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{faults}");
        return new KqueueBackend(number % 2 == 0 ? Abi.Darwin : Abi.FreeBsd, faults).NewGroup(2);
    }

    /// <summary>Sends everything, ends its own direction, and receives until the other has ended its.</summary>
    private sealed class Conversation(IoSocket socket)
    {
        internal static readonly byte[] Bytes = [.. Enumerable.Range(0, Size).Select(static i => (byte)(i * 7))];

        private readonly TaskCompletionSource<byte[]> _received = Waits.NewSource<byte[]>();
        private readonly List<byte> _bytes = [];
        private readonly byte[] _buffer = new byte[8192];

        internal Task<byte[]> Received => _received.Task;

        internal Task Begin() => socket.EventLoop!.On(() =>
        {
            Assert.Equal(IoError.None, socket.SubscribeReadable((_, _, _) => ReadAll(), null));
            Assert.Equal(IoError.None, socket.Write(
                Bytes,
                (_, error, _, _) =>
                {
                    Assert.Equal(IoError.None, error);
                    Assert.Equal(IoError.None, socket.ShutdownWrite());
                },
                null));
        });

        private void ReadAll()
        {
            while (!_received.Task.IsCompleted)
            {
                IoError error = socket.Read(_buffer, out int count);
                if (error.Code == IoErrorCode.ReadWouldBlock)
                {
                    return;
                }

                if (error.IsError)
                {
                    _received.SetResult(error.Code == IoErrorCode.SocketClosed ? [.. _bytes] : []);
                    return;
                }

                _bytes.AddRange(_buffer.AsSpan(0, count));
            }
        }
    }
}
