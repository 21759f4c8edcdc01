using System.Buffers;
using System.Diagnostics;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;
using AwsIO.Tasks;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// AwsIO by await: the same loops as <see cref="AwsIoWorkload"/>, each connection end an asynchronous method, which goes
/// on where the mode says.
/// </summary>
internal sealed class AwsIoTasksWorkload(ContinuationMode mode) : IWorkload
{
    private readonly IoRuntime _server = new(new IoRuntimeOptions { LoopCount = 1, ContinuationMode = mode });
    private readonly IoRuntime _client = new(new IoRuntimeOptions { LoopCount = 1, ContinuationMode = mode });
    private readonly List<IoConnection> _connections = [];
    private readonly List<Task> _loops = [];
    private WorkloadOptions _options = null!;
    private LoadMeter _meter = null!;
    private byte[] _payload = [];
    private volatile bool _stopping;

    public async Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _options = options;
        _meter = meter;
        _payload = new byte[options.Size];
        await using IoListener listener = await _server.ListenAsync(
            SocketEndpoint.Tcp("127.0.0.1", 0),
            new ListenOptions
            {
                Tls = options.Tls is { } tls
                    ? new TlsServerOptions { CertificatePem = tls.Certificate.CertificatePem, PrivateKeyPem = tls.Certificate.PrivateKeyPem }
                    : null,
                OnConnectionFailed = meter.Fail,
            },
            cancellationToken);
        ConnectOptions connect = new()
        {
            Tls = options.Tls is null
                ? null
                : new TlsClientOptions { TrustedCertificatesPem = options.Tls.AuthorityPem, ServerName = TlsMaterial.ServerName },
        };
        for (int i = 0; i < options.Connections; i++)
        {
            Task<IoConnection> connecting = _client.ConnectAsync(listener.LocalEndpoint, connect, cancellationToken);
            IoConnection server = await listener.AcceptAsync(cancellationToken);
            IoConnection client = await connecting;
            _connections.Add(client);
            _connections.Add(server);
            if (options.Kind == WorkloadKind.Idle)
            {
                Start(server, IdleServerAsync);
                Start(client, IdleClientAsync);
            }
        }

        for (int i = 0; i < _connections.Count && options.Kind != WorkloadKind.Idle; i += 2)
        {
            IoConnection client = _connections[i];
            IoConnection server = _connections[i + 1];
            bool echo = options.Kind == WorkloadKind.Echo;
            Start(server, echo ? EchoServerAsync : BulkServerAsync);
            Start(client, echo ? EchoClientAsync : BulkClientAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        foreach (IoConnection connection in _connections)
        {
            connection.Abort();
        }

        await Task.WhenAll(_loops);
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    // On the connection's own loop, so that inline continuations stay there from the first step on.
    private void Start(IoConnection connection, Func<IoConnection, Task> run)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _loops.Add(done.Task);
        connection.EventLoop.Schedule(IoTask.Create((_, _) => _ = GuardAsync(connection, run, done), 0));
    }

    private async Task GuardAsync(IoConnection connection, Func<IoConnection, Task> run, TaskCompletionSource done)
    {
        try
        {
            await run(connection);
        }
        catch (Exception) when (_stopping)
        {
            // The connections were aborted under the loop to end it.
        }
        catch (Exception exception)
        {
            _meter.Fail(exception);
        }

        done.SetResult();
    }

    private async Task EchoServerAsync(IoConnection connection)
    {
        byte[] buffer = new byte[_options.ReadSize];
        int count;
        while ((count = await connection.ReadAsync(buffer)) > 0)
        {
            await connection.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task EchoClientAsync(IoConnection connection)
    {
        byte[] buffer = new byte[_options.ReadSize];
        int received = 0;
        long started = Stopwatch.GetTimestamp();
        await connection.WriteAsync(_payload);
        while (!_stopping)
        {
            received += await connection.ReadAsync(buffer);
            if (received >= _payload.Length)
            {
                received -= _payload.Length;
                long now = Stopwatch.GetTimestamp();
                _meter.Current.RoundTrip(_payload.Length, started, now);
                started = now;
                await connection.WriteAsync(_payload);
            }
        }
    }

    // A connection that waits has no buffer: it reads none at all until there is something.
    private async Task IdleServerAsync(IoConnection connection)
    {
        int count;
        do
        {
            await connection.ReadAsync(Memory<byte>.Empty);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(_options.ReadSize);
            count = await connection.ReadAsync(buffer);
            await connection.WriteAsync(buffer.AsMemory(0, count));
            ArrayPool<byte>.Shared.Return(buffer);
        } while (count > 0);
    }

    private async Task IdleClientAsync(IoConnection connection)
    {
        long started = Stopwatch.GetTimestamp();
        await connection.WriteAsync(_payload);
        for (int received = 0; received < _payload.Length;)
        {
            await connection.ReadAsync(Memory<byte>.Empty);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(_options.ReadSize);
            received += await connection.ReadAsync(buffer);
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _meter.Current.RoundTrip(_payload.Length, started, Stopwatch.GetTimestamp());
        await connection.ReadAsync(Memory<byte>.Empty);
    }

    private async Task BulkServerAsync(IoConnection connection)
    {
        byte[] buffer = new byte[_options.ReadSize];
        int count;
        while ((count = await connection.ReadAsync(buffer)) > 0)
        {
            _meter.Current.Received(count);
        }
    }

    private async Task BulkClientAsync(IoConnection connection)
    {
        long started = Stopwatch.GetTimestamp();
        while (!_stopping)
        {
            await connection.WriteAsync(_payload);
            long now = Stopwatch.GetTimestamp();
            _meter.Current.Written(started, now);
            started = now;
        }
    }
}
