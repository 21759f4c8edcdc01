using System.Buffers;
using System.Diagnostics;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;
using AwsIO.Tasks;

namespace AwsIO.Bench.Implementations;

/// <summary>AwsIO by await, connection after connection: each cycle is an asynchronous method that begins again.</summary>
internal sealed class AwsIoTasksConnectWorkload(ContinuationMode mode) : IWorkload
{
    private readonly IoRuntime _server = new(new IoRuntimeOptions { LoopCount = 1, ContinuationMode = mode });
    private readonly IoRuntime _client = new(new IoRuntimeOptions { LoopCount = 1, ContinuationMode = mode });
    private readonly ConnectOptions _connect = new();
    private readonly List<IoListener> _listeners = [];
    private readonly List<Task> _cycles = [];
    private readonly List<Task> _accepting = [];
    private LoadMeter _meter = null!;
    private byte[] _payload = [];
    private int _readSize;
    private volatile bool _stopping;

    public async Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _meter = meter;
        _payload = new byte[options.Size];
        _readSize = options.ReadSize;
        foreach (string address in WorkloadOptions.Addresses)
        {
            IoListener listener = await _server.ListenAsync(
                SocketEndpoint.Tcp(address, 0), new ListenOptions { OnConnectionFailed = meter.Fail }, cancellationToken);
            _listeners.Add(listener);
            _accepting.Add(Task.Run(() => _meter.WatchAsync(AcceptAsync(listener)), cancellationToken));
        }

        EventLoop loop = _client.Group[0];
        for (int i = 0; i < options.Connections; i++)
        {
            SocketEndpoint endpoint = _listeners[i % _listeners.Count].LocalEndpoint;
            TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _cycles.Add(ended.Task);
            loop.Schedule(IoTask.Create((_, _) => _ = RunAsync(endpoint, ended), 0));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await Task.WhenAll(_cycles);
        foreach (IoListener listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        await Task.WhenAll(_accepting);
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task RunAsync(SocketEndpoint endpoint, TaskCompletionSource ended)
    {
        await _meter.WatchAsync(CycleAsync(endpoint));
        ended.SetResult();
    }

    private async Task CycleAsync(SocketEndpoint endpoint)
    {
        byte[] buffer = new byte[_readSize];
        while (!_stopping)
        {
            long started = Stopwatch.GetTimestamp();
            await using (IoConnection connection = await _client.ConnectAsync(endpoint, _connect))
            {
                await connection.WriteAsync(_payload);
                for (int received = 0; received < _payload.Length;)
                {
                    int count = await connection.ReadAsync(buffer);
                    received += count > 0 ? count : throw new EndOfStreamException("The server closed the connection.");
                }
            }

            _meter.Current.RoundTrip(_payload.Length, started, Stopwatch.GetTimestamp());
        }
    }

    private async Task AcceptAsync(IoListener listener)
    {
        await foreach (IoConnection connection in listener.AcceptAllAsync())
        {
            _ = _meter.WatchAsync(ServeAsync(connection));
        }
    }

    private async Task ServeAsync(IoConnection connection)
    {
        await using (connection)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(_readSize);
            int count;
            while ((count = await connection.ReadAsync(buffer)) > 0)
            {
                await connection.WriteAsync(buffer.AsMemory(0, count));
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
