using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

/// <summary>What the options of both bootstraps say of channels is what handlers on a connection meet.</summary>
public sealed class ChannelLimitsTests : ConnectionTest
{
    private const int Fragment = 512;
    private const long High = 100_000;
    private const long Low = 1000;

    [Theory]
    [InlineData(255, 64, 32, "FragmentSize is 255; it must be between 256 and 262144 bytes.")]
    [InlineData(262145, 64, 32, "FragmentSize is 262145; it must be between 256 and 262144 bytes.")]
    [InlineData(256, -1, 0, "WriteHighWatermark is -1; it must be between 0 and 9223372036854775807 bytes.")]
    [InlineData(256, 64, -1, "WriteLowWatermark is -1; it must be between 0 and WriteHighWatermark, which is 64 bytes.")]
    [InlineData(256, 64, 65, "WriteLowWatermark is 65; it must be between 0 and WriteHighWatermark, which is 64 bytes.")]
    public void Figures_out_of_their_range_are_refused_with_the_range(int fragment, long high, long low, string message)
    {
        IoError client = Connect(new()
        {
            OnSetup = Never,
            Host = "localhost",
            Port = 80,
            FragmentSize = fragment,
            WriteHighWatermark = high,
            WriteLowWatermark = low,
        });
        IoError server = Listen(new()
        {
            Endpoint = Dialling.AnyPort,
            OnIncomingChannel = Never,
            FragmentSize = fragment,
            WriteHighWatermark = high,
            WriteLowWatermark = low,
        });
        ArgumentOutOfRangeException channel = Assert.Throws<ArgumentOutOfRangeException>(() => IoChannel.Create(new()
        {
            EventLoop = Loop,
            OnSetup = static (_, _, _) => { },
            FragmentSize = fragment,
            WriteHighWatermark = high,
            WriteLowWatermark = low,
        }));

        Assert.Equal((IoErrorCode.InvalidArgument, message), (client.Code, client.Detail));
        Assert.Equal(client, server);
        Assert.StartsWith(message, channel.Message, StringComparison.Ordinal);
        Assert.Equal(message[..message.IndexOf(' ', StringComparison.Ordinal)], channel.ParamName);
    }

    [Fact]
    public void A_negative_shutdown_timeout_is_refused_and_an_infinite_one_is_not()
    {
        IoError client = Connect(new() { OnSetup = Never, Host = "localhost", Port = 80, ShutdownTimeout = TimeSpan.FromSeconds(-1) });
        IoError server = Listen(new()
        {
            Endpoint = Dialling.AnyPort,
            OnIncomingChannel = Never,
            ShutdownTimeout = TimeSpan.FromSeconds(-1),
        });

        Assert.Equal(IoErrorCode.InvalidArgument, client.Code);
        Assert.Contains("ShutdownTimeout is -00:00:01", client.Detail, StringComparison.Ordinal);
        Assert.Equal(client, server);
        IoResult<ServerListener> listener = new ServerBootstrap(Group).Listen(new()
        {
            Endpoint = Dialling.AnyPort,
            OnIncomingChannel = Never,
            ShutdownTimeout = Timeout.InfiniteTimeSpan,
        });
        Assert.Equal(IoError.None, listener.Error);
        After(listener.Value.Dispose);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_ends_move_fragments_of_the_size_that_was_asked_for(bool tls)
    {
        (Marks client, Marks server) = await Pair(tls);
        foreach ((Marks from, Marks to) in new[] { (client, server), (server, client) })
        {
            int largest = await from.Loop.Do(() =>
            {
                Assert.Equal((Fragment, TimeSpan.FromSeconds(3)), (from.Slot!.Channel.FragmentSize, from.Slot.Channel.ShutdownTimeout));
                IoMessage message = from.Slot.RentMaxWriteMessage();
                int capacity = message.Capacity;
                message.Release();
                return capacity;
            });
            Assert.Equal(Fragment - await from.Loop.Do(() => from.Slot!.UpstreamMessageOverhead), largest);

            // The first message that a socket reads has a fragment, however much waits; TLS makes its own of it.
            await to.Grant(1);
            await from.Write(100_000);
            await to.Grant(100_000);
            await to.UntilReceived(100_000);
            if (!tls)
            {
                Assert.Equal(1, to.Sizes[0]);
                Assert.Equal(Fragment, to.Sizes.Skip(1).First(static size => size > 1));
            }
        }
    }

    // Fills the kernel's buffer until a call finds no room: under a fault plan one says so before that, and the rest goes out at once.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "ExactCalls")]
    public async Task Handlers_of_both_ends_are_told_at_the_marks_that_were_asked_for(bool tls)
    {
        (Marks client, Marks server) = await Pair(tls);
        foreach ((Marks from, Marks to) in new[] { (client, server), (server, client) })
        {
            // Until the kernel takes no more: then what waits grows until the mark.
            long written = 0;
            await from.Loop.Do(() =>
            {
                while (from.Slot!.Channel.IsWritable)
                {
                    Assert.InRange(from.Slot.Channel.UnsentBytes, 0, High);
                    written += from.WriteNow(10_000);
                }

                Assert.InRange(from.Slot.Channel.UnsentBytes, High + 1, High + 11_000);
            });
            Assert.False(await from.Next());
            await to.Grant(long.MaxValue);
            Assert.True(await from.Next());
            Assert.InRange(from.UnsentWhenWritable, 0, Low);
            await to.UntilReceived(written);
        }
    }

    private static void Never(IoChannel? channel, IoError error, object? state) =>
        Assert.Fail("There is no callback after a refused call.");

    private IoError Connect(ClientConnectOptions options) => new ClientBootstrap(Group, Resolver).Connect(options).Error;

    private IoError Listen(ServerListenOptions options) => new ServerBootstrap(Group).Listen(options).Error;

    private async Task<(Marks Client, Marks Server)> Pair(bool tls)
    {
        Marks client = new();
        Marks server = new();
        Signal<IoError> clientReady = new();
        Signal<IoError> serverReady = new();
        IoResult<ServerListener> listener = new ServerBootstrap(Group).Listen(new()
        {
            Endpoint = Dialling.AnyPort,
            Tls = tls ? TlsParts.Server().ForServer() : null,
            FragmentSize = Fragment,
            WriteHighWatermark = High,
            WriteLowWatermark = Low,
            ShutdownTimeout = TimeSpan.FromSeconds(3),
            OnIncomingChannel = (channel, error, _) => Add(channel, error, server, serverReady),
        });
        Assert.Equal(IoError.None, listener.Error);
        After(listener.Value.Dispose);
        Assert.Equal(IoError.None, Connect(new()
        {
            Endpoint = listener.Value.LocalEndpoint,
            Tls = tls ? TlsParts.Client().Localhosted() : null,
            FragmentSize = Fragment,
            WriteHighWatermark = High,
            WriteLowWatermark = Low,
            ShutdownTimeout = TimeSpan.FromSeconds(3),
            OnSetup = (channel, error, _) => Add(channel, error, client, clientReady),
        }));
        Assert.Equal(IoError.None, await clientReady.Task.Within());
        Assert.Equal(IoError.None, await serverReady.Task.Within());
        After(() => client.Slot!.Channel.Abort(IoErrorCode.OperationCancelled));
        After(() => server.Slot!.Channel.Abort(IoErrorCode.OperationCancelled));
        return (client, server);
    }

    private static void Add(IoChannel? channel, IoError error, Marks handler, Signal<IoError> ready)
    {
        channel?.AddLast(handler);
        ready.Set(error);
    }

    /// <summary>Takes what the test grants, and notes what it is told of writability.</summary>
    private sealed class Marks : ChannelHandler
    {
        private readonly System.Threading.Channels.Channel<bool> _told = System.Threading.Channels.Channel.CreateUnbounded<bool>();
        private readonly Signal<bool> _received = new();
        private long _count;
        private long _wanted = long.MaxValue;

        internal List<int> Sizes { get; } = [];

        internal long UnsentWhenWritable { get; private set; }

        internal EventLoop Loop => Slot!.Channel.EventLoop;

        protected internal override long InitialWindow => 0;

        internal Task<bool> Next() => _told.Reader.ReadAsync(TestContext.Current.CancellationToken).Within();

        internal Task Grant(long size) => Loop.Do(() => Slot!.IncrementReadWindow(size));

        internal Task Write(int size) => Loop.Do(() => WriteNow(size));

        internal async Task UntilReceived(long count)
        {
            await Loop.Do(() =>
            {
                _wanted = count;
                Look();
            });
            await _received.Task.Within();
        }

        internal int WriteNow(int size)
        {
            IoMessage message = Slot!.Channel.RentMessage(size);
            message.Advance(size);
            Assert.Equal(IoError.None, Slot.Send(message, ChannelDirection.Write));
            return size;
        }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            Sizes.Add(message.Length);
            _count += message.Length;
            message.Release();
            Look();
            return IoError.None;
        }

        protected internal override void OnWritabilityChanged(ChannelSlot slot, bool isWritable)
        {
            UnsentWhenWritable = isWritable ? slot.Channel.UnsentBytes : UnsentWhenWritable;
            _told.Writer.TryWrite(isWritable);
        }

        private void Look()
        {
            if (_count >= _wanted)
            {
                _received.Set(true);
            }
        }
    }
}
