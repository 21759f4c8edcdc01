using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary><see cref="Socket"/> with await, connection after connection.</summary>
internal sealed class SocketsConnectWorkload : IWorkload
{
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _cycles = [];
    private readonly List<Task> _accepting = [];
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoadMeter _meter = null!;
    private byte[] _payload = [];
    private int _readSize;

    // And one more for as long as connections are accepted.
    private int _serving = 1;
    private volatile bool _stopping;

    public Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _meter = meter;
        _payload = new byte[options.Size];
        _readSize = options.ReadSize;
        foreach (string address in WorkloadOptions.Addresses)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _listeners.Add(listener);
            listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            listener.Listen(1024);
            _accepting.Add(Task.Run(() => _meter.WatchAsync(AcceptAsync(listener)), cancellationToken));
        }

        for (int i = 0; i < options.Connections; i++)
        {
            EndPoint endpoint = _listeners[i % _listeners.Count].LocalEndPoint!;
            _cycles.Add(Task.Run(() => _meter.WatchAsync(CycleAsync(endpoint)), cancellationToken));
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await Task.WhenAll(_cycles);
        foreach (Socket listener in _listeners)
        {
            listener.Dispose();
        }

        await Task.WhenAll(_accepting);

        // The clients have closed every connection: the servers read its end at once.
        StopServing();
        await _served.Task;
    }

    private async Task CycleAsync(EndPoint endpoint)
    {
        byte[] buffer = new byte[_readSize];
        while (!_stopping)
        {
            long started = Stopwatch.GetTimestamp();
            using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
            {
                await socket.ConnectAsync(endpoint);
                SocketDuplex duplex = new(socket);

                // Not awaited before the reads: both directions may fill up.
                ValueTask sending = duplex.SendAsync(_payload);
                for (int received = 0; received < _payload.Length;)
                {
                    int count = await duplex.ReceiveAsync(buffer);
                    received += count > 0 ? count : throw new EndOfStreamException("The server closed the connection.");
                }

                await sending;
            }

            _meter.Current.RoundTrip(_payload.Length, started, Stopwatch.GetTimestamp());
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        // Until the listener is disposed: the last cycles are served to their end.
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (Exception) when (_stopping)
            {
                return;
            }

            Interlocked.Increment(ref _serving);
            _ = _meter.WatchAsync(ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(_readSize);
        try
        {
            using (socket)
            {
                socket.NoDelay = true;
                SocketDuplex duplex = new(socket);
                while (await duplex.ReceiveAsync(buffer) is var count and > 0)
                {
                    await duplex.SendAsync(buffer.AsMemory(0, count));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            StopServing();
        }
    }

    private void StopServing()
    {
        if (Interlocked.Decrement(ref _serving) == 0)
        {
            _served.SetResult();
        }
    }
}
