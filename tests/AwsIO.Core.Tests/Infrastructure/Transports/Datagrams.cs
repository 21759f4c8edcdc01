using System.Threading.Channels;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>Sockets for datagrams. A transport stands for its kind of address.</summary>
internal static class Datagrams
{
    internal static readonly SocketWriteCallback Unexpected =
        static (_, error, _, _) => Assert.Fail($"A refused datagram is told of: {error}");

    internal static SocketOptions DatagramOptions(this Transport transport) =>
        new() { Domain = transport.Domain(), Type = IoSocketType.Datagram };

    internal static IoSocket NewDatagramSocket(this Transport transport) => IoSocket.Create(transport.DatagramOptions()).Value;

    /// <summary>A socket with an address, which belongs to a loop.</summary>
    internal static IoSocket Bound(Transport transport, EventLoop loop, Action<SocketOptions>? configure = null) =>
        Bound(transport, loop, transport.FreeEndpoint(), configure);

    internal static IoSocket Bound(Transport transport, EventLoop loop, SocketEndpoint endpoint, Action<SocketOptions>? configure = null)
    {
        SocketOptions options = transport.DatagramOptions();
        configure?.Invoke(options);
        IoSocket socket = IoSocket.Create(options).Value;
        Assert.Equal(IoError.None, socket.Bind(endpoint));
        TemporaryPaths.Add(endpoint);
        Assert.Equal(IoError.None, socket.AssignTo(loop));
        return socket;
    }

    /// <summary>A socket without an address that belongs to a loop.</summary>
    internal static IoSocket Unbound(Transport transport, EventLoop loop)
    {
        IoSocket socket = transport.NewDatagramSocket();
        Assert.Equal(IoError.None, socket.AssignTo(loop));
        return socket;
    }

    internal static async Task<IoSocket> Connected(
        Transport transport, SocketEndpoint to, EventLoop loop, SocketEndpoint? from = null, Action<SocketOptions>? configure = null)
    {
        SocketOptions options = transport.DatagramOptions();
        configure?.Invoke(options);
        IoSocket socket = IoSocket.Create(options).Value;
        if (from is { } local)
        {
            Assert.Equal(IoError.None, socket.Bind(local));
            TemporaryPaths.Add(local);
        }

        TaskCompletionSource<IoError> connected = Waits.NewSource<IoError>();
        await loop.On(() =>
        {
            // It is connected at once, but that is told later.
            Assert.Equal(IoError.None, socket.Connect(to, loop, (_, error, _) => connected.SetResult(error), null));
            Assert.False(connected.Task.IsCompleted);
        });
        Assert.Equal(IoError.None, await connected.Task.Within());
        Assert.Equal(to, socket.RemoteEndpoint);
        return socket;
    }

    internal static SocketEndpoint EndpointOf(IoSocket socket) => socket.GetLocalEndpoint().Value;

    internal static DatagramAddress AddressOf(IoSocket socket) => DatagramAddress.From(EndpointOf(socket)).Value;

    /// <summary>Sends one datagram, and waits until it was handed to the system.</summary>
    internal static async Task<IoError> Send(IoSocket socket, byte[] data, DatagramAddress to = default)
    {
        TaskCompletionSource<IoError> done = Waits.NewSource<IoError>();
        IoError error = await socket.EventLoop!.On(() =>
        {
            SocketWriteCallback told = (_, error, count, _) =>
            {
                Assert.Equal(error.IsNone ? data.Length : 0, count);
                done.SetResult(error);
            };
            IoError refused = to.IsNone ? socket.Write(data, told, null) : socket.SendTo(data, to, told, null);
            Assert.False(done.Task.IsCompleted);
            return refused;
        });
        return error.IsError ? error : await done.Task.Within();
    }

    /// <summary>Receives one datagram by hand, whenever it comes.</summary>
    internal static async Task<(byte[] Data, DatagramInfo Info)> ReceiveOne(IoSocket socket, int room = 2048)
    {
        byte[] buffer = new byte[room];
        while (true)
        {
            (IoError error, DatagramInfo info) = await socket.EventLoop!.On(() =>
            {
                IoError result = socket.ReceiveFrom(buffer, out DatagramInfo datagram);
                return (result, datagram);
            });
            if (error.Code != IoErrorCode.ReadWouldBlock)
            {
                Assert.Equal(IoError.None, error);
                return (buffer[..info.Length], info);
            }

            await Task.Yield();
        }
    }

    internal static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}

/// <summary>A datagram, copied, or an error that was told in place of one.</summary>
internal sealed record Received(byte[] Data, bool IsTruncated, DatagramAddress Sender, IoError Error)
{
    internal string Text => System.Text.Encoding.UTF8.GetString(Data);
}

/// <summary>Takes everything that a socket hands over.</summary>
internal sealed class Inbox
{
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly IoSocket _socket;
    private int _batches;

    private Inbox(IoSocket socket, DatagramBatch batch)
    {
        _socket = socket;
        Batch = batch;
    }

    internal DatagramBatch Batch { get; }

    internal int Batches => Volatile.Read(ref _batches);

    internal int Count => _received.Reader.Count;

    /// <summary>Called after each batch.</summary>
    internal Action? OnBatch { get; set; }

    internal static async Task<Inbox> Of(IoSocket socket, int capacity = 8, int size = 2048, Action? onBatch = null)
    {
        Inbox inbox = new(socket, new DatagramBatch(capacity, size)) { OnBatch = onBatch };
        await socket.EventLoop!.On(() => Assert.Equal(IoError.None, inbox.Start()));
        return inbox;
    }

    internal IoError Start() => _socket.StartReceive(Batch, static (_, error, batch, state) => ((Inbox)state!).Take(error, batch), this);

    internal async Task<Received> Next() => await _received.Reader.ReadAsync().AsTask().Within();

    private void Take(IoError error, DatagramBatch batch)
    {
        Assert.Same(Batch, batch);
        Assert.Equal(error.IsError, batch.Count == 0);
        if (error.IsError)
        {
            _received.Writer.TryWrite(new Received([], false, default, error));
        }

        for (int i = 0; i < batch.Count; i++)
        {
            ReceivedDatagram datagram = batch[i];
            _received.Writer.TryWrite(new Received(datagram.Data.ToArray(), datagram.IsTruncated, datagram.Sender, IoError.None));
        }

        Interlocked.Increment(ref _batches);
        OnBatch?.Invoke();
    }
}
