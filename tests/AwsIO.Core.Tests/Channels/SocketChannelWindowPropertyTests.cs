using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Random sizes, windows and chains: what goes in comes out, and never more than was asked for.</summary>
public sealed class SocketChannelWindowPropertyTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Bytes_out_are_bytes_in_and_never_more_than_the_window_is_in_flight(Transport transport)
    {
        int seed = Random.Shared.Next();
        try
        {
            Random random = new(seed);
            for (int round = 0; round < 12; round++)
            {
                await Round(transport, random);
            }
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed} over {transport}.", exception);
        }
    }

    private async Task Round(Transport transport, Random random)
    {
        int size = random.Next(1, random.Next(3) == 0 ? 3_000_000 : 60_000);
        Windowed app = new(random.Next(), random.Next(0, 50_000));
        List<Relay> relays = [];
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(
            ours,
            app,
            maxReadSize: random.Next(1, 40_000),
            middle: channel =>
            {
                for (int i = random.Next(3); i > 0; i--)
                {
                    Relay relay = new(random.Next(1, 100_000));
                    relays.Add(relay);
                    channel.AddLast(relay);
                }
            });
        byte[] data = Data.Pattern(size);
        int sendSeed = random.Next();
        bool graceful = random.Next(2) == 0;
        Task sending = Task.Run(() =>
        {
            Random sizes = new(sendSeed);
            for (int sent = 0; sent < size;)
            {
                sent += peer.Send(data.AsSpan(sent, Math.Min(sizes.Next(1, 20_000), size - sent)));
            }

            if (graceful)
            {
                peer.Shutdown(SocketShutdown.Send);
            }
            else
            {
                peer.Dispose();
            }
        });
        await Loop.On(app.GrantSome);
        await sending.Within();
        IoError error = await test.End;

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Data.AssertPattern(app.Received, size);
        Assert.Single(app.ReadEnds);
        Assert.True(app.Granted >= size);
        Assert.All(relays, relay => Assert.Equal(0, relay.Exceeded));
        peer.Dispose();
    }

    /// <summary>Grants random windows, at once or some ticks later, and checks that no byte more comes.</summary>
    private sealed class Windowed(int seed, int first) : AppHandler
    {
        private readonly Random _random = new(seed);

        internal long Granted { get; private set; } = first;

        protected internal override long InitialWindow => first;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            Assert.NotEqual(0, message.Length);
            Assert.True(ReceivedCount + message.Length <= Granted, $"{ReceivedCount} and {message.Length} of {Granted} granted.");
            KeepAndRelease(message);

            // Now and then nothing is granted until everything has come that was granted.
            if (ReceivedCount == Granted || _random.Next(3) == 0)
            {
                if (_random.Next(2) == 0)
                {
                    GrantSome();
                }
                else
                {
                    slot.Channel.EventLoop.Schedule(IoTask.Create(
                        (app, status) =>
                        {
                            if (status == IoTaskStatus.Run)
                            {
                                app.GrantSome();
                            }
                        },
                        this));
                }
            }

            return IoError.None;
        }

        internal void GrantSome()
        {
            int size = _random.Next(4) switch
            {
                0 => 1 + _random.Next(16),
                1 => _random.Next(1, 1000),
                2 => _random.Next(1, 20_000),
                _ => _random.Next(1, 300_000),
            };
            Granted += size;
            Slot!.IncrementReadWindow(size);
        }
    }

    /// <summary>Passes on what it gets as the window to its right allows, and keeps the rest, as a protocol does.</summary>
    private sealed class Relay(int window) : ChannelHandler
    {
        private readonly Queue<byte> _kept = new();
        private long _granted = window;
        private long _received;
        private IoError? _end;

        internal int Exceeded { get; private set; }

        protected internal override long InitialWindow => window;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            _received += message.Length;
            Exceeded += _received > _granted ? 1 : 0;
            foreach (byte value in message.Data)
            {
                _kept.Enqueue(value);
            }

            message.Release();
            PassOn(slot);
            return IoError.None;
        }

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size) => PassOn(slot);

        protected internal override void OnReadEnd(ChannelSlot slot, IoError reason)
        {
            _end = reason;
            PassOn(slot);
        }

        private void PassOn(ChannelSlot slot)
        {
            while (_kept.Count > 0 && slot.DownstreamWindow > 0)
            {
                int size = (int)Math.Min(Math.Min(_kept.Count, slot.DownstreamWindow), 10_000);
                IoMessage message = slot.Channel.RentMessage(size);
                size = Math.Min(size, message.Capacity);
                for (int i = 0; i < size; i++)
                {
                    message.Append([_kept.Dequeue()]);
                }

                _granted += size;
                slot.IncrementReadWindow(size);
                Assert.Equal(IoError.None, slot.Send(message, ChannelDirection.Read));
            }

            if (_kept.Count == 0 && _end is { } end)
            {
                _end = null;
                slot.SendReadEnd(end);
            }
        }
    }
}
