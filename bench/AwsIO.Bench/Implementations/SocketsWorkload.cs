using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// The platform's own way: <see cref="Socket"/> with await, and <see cref="SslStream"/> over
/// <see cref="NetworkStream"/> for TLS. Each connection end is one asynchronous loop with a buffer of its own.
/// </summary>
internal sealed class SocketsWorkload : IWorkload
{
    private readonly List<Socket> _sockets = [];
    private readonly List<SslStream> _streams = [];
    private readonly List<Task> _loops = [];
    private readonly List<Action> _quiet = [];
    private WorkloadOptions _options = null!;
    private LoadMeter _meter = null!;
    private byte[] _payload = [];
    private SocketsWorkload? _firehose;
    private volatile bool _stopping;

    public async Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _options = options;
        _meter = meter;
        _payload = new byte[options.Size];
        Random.Shared.NextBytes(_payload);

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();

        var pairs = new List<(Socket Server, Socket Client)>(options.Connections);
        for (int i = 0; i < options.Connections; i++)
        {
            pairs.Add(await ConnectAsync(listener, cancellationToken));
            if (options is { Kind: WorkloadKind.Idle, Tls: null })
            {
                StartPair(new SocketDuplex(pairs[i].Server), new SocketDuplex(pairs[i].Client));
            }
        }

        if (options.Tls is { } tls)
        {
            await StartTlsAsync(pairs, tls, cancellationToken);
        }
        else if (options.Kind != WorkloadKind.Idle)
        {
            foreach ((Socket server, Socket client) in pairs)
            {
                StartPair(new SocketDuplex(server), new SocketDuplex(client));
            }
        }

        if (options.Kind == WorkloadKind.Fairness)
        {
            _loops.Add(PaceAsync());
        }

        if (options.Firehose)
        {
            _firehose = new SocketsWorkload();
            await _firehose.StartAsync(options.ToFirehose(), meter.Beside, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;

        // Closing the sockets ends every read and write under way, those inside of TLS streams too.
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }

        await Task.WhenAll(_loops);
        if (_firehose is not null)
        {
            await _firehose.DisposeAsync();
        }

        foreach (SslStream stream in _streams)
        {
            await stream.DisposeAsync();
        }
    }

    private async Task<(Socket Server, Socket Client)> ConnectAsync(
        Socket listener,
        CancellationToken cancellationToken
    )
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(client);
        ValueTask<Socket> accepting = listener.AcceptAsync(cancellationToken);
        await client.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        Socket server = await accepting;
        server.NoDelay = true;
        _sockets.Add(server);
        return (server, client);
    }

    private async Task StartTlsAsync(
        List<(Socket Server, Socket Client)> pairs,
        TlsMaterial tls,
        CancellationToken cancellationToken
    )
    {
        SslServerAuthenticationOptions serverOptions = tls.ToServerOptions();
        SslClientAuthenticationOptions clientOptions = tls.ToClientOptions();
        var secured = new List<(SslStream Server, SslStream Client)>(pairs.Count);
        foreach ((Socket serverSocket, Socket clientSocket) in pairs)
        {
            var server = new SslStream(new NetworkStream(serverSocket));
            var client = new SslStream(new NetworkStream(clientSocket));
            _streams.Add(server);
            _streams.Add(client);
            await Task.WhenAll(
                server.AuthenticateAsServerAsync(serverOptions, cancellationToken),
                client.AuthenticateAsClientAsync(clientOptions, cancellationToken)
            );
            secured.Add((server, client));
        }

        foreach ((SslStream server, SslStream client) in secured)
        {
            StartPair(new TlsDuplex(server), new TlsDuplex(client));
        }
    }

    private void StartPair<TDuplex>(TDuplex server, TDuplex client)
        where TDuplex : struct, IDuplex
    {
        switch (_options.Kind)
        {
            case WorkloadKind.Echo:
                Start(() => EchoServerAsync(server));
                Start(() => EchoClientAsync(client));
                return;
            case WorkloadKind.Idle:
                Start(() => IdleServerAsync(server));
                Start(() => IdleClientAsync(client));
                return;
            case WorkloadKind.Fairness:
                QuietClient<TDuplex> quiet = new(client, _options, _meter);
                _quiet.Add(quiet.Start);
                Start(() => EchoServerAsync(server));
                Start(quiet.ReceiveAsync);
                return;
        }

        // One loop a connection that awaits each send. As many loops as messages in flight, which a socket would queue,
        // came out slower with small messages and no faster with large ones, and the kernel's send buffer holds the
        // messages in flight either way.
        Start(() => BulkServerAsync(server));
        Start(() => BulkClientAsync(client));
    }

    private void Start(Func<Task> loop) => _loops.Add(Task.Run(() => GuardAsync(loop)));

    private async Task GuardAsync(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        catch (Exception) when (_stopping)
        {
            // The sockets were closed under the loop to end it.
        }
        catch (Exception exception)
        {
            _meter.Fail(exception);
        }
    }

    private async Task EchoServerAsync<TDuplex>(TDuplex connection)
        where TDuplex : struct, IDuplex
    {
        byte[] buffer = new byte[_options.ReadSize];
        while (await connection.ReceiveAsync(buffer) is var count and > 0)
        {
            await connection.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task EchoClientAsync<TDuplex>(TDuplex connection)
        where TDuplex : struct, IDuplex
    {
        byte[] buffer = new byte[_options.ReadSize];
        long started = Stopwatch.GetTimestamp();
        while (!_stopping)
        {
            // Not awaited before the reads: a message larger than all socket buffers would wait for ever.
            ValueTask sending = connection.SendAsync(_payload);
            for (int received = 0; received < _payload.Length;)
            {
                int count = await connection.ReceiveAsync(buffer);
                received += count > 0 ? count : throw new EndOfStreamException("The server closed the connection.");
            }

            await sending;
            long now = Stopwatch.GetTimestamp();
            _meter.Current.RoundTrip(_payload.Length, started, now);
            started = now;
        }
    }

    // A connection that waits has no buffer: it reads none at all until there is something.
    private async Task IdleServerAsync<TDuplex>(TDuplex connection)
        where TDuplex : struct, IDuplex
    {
        int count;
        do
        {
            await connection.ReceiveAsync(Memory<byte>.Empty);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(_options.ReadSize);
            count = await connection.ReceiveAsync(buffer);
            await connection.SendAsync(buffer.AsMemory(0, count));
            ArrayPool<byte>.Shared.Return(buffer);
        } while (count > 0);
    }

    private async Task IdleClientAsync<TDuplex>(TDuplex connection)
        where TDuplex : struct, IDuplex
    {
        long started = Stopwatch.GetTimestamp();
        await connection.SendAsync(_payload);
        for (int received = 0; received < _payload.Length;)
        {
            await connection.ReceiveAsync(Memory<byte>.Empty);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(_options.ReadSize);
            received += await connection.ReceiveAsync(buffer);
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _meter.Current.RoundTrip(_payload.Length, started, Stopwatch.GetTimestamp());
        await connection.ReceiveAsync(Memory<byte>.Empty);
    }

    private async Task PaceAsync()
    {
        QuietSchedule schedule = new(_quiet.Count);
        using PeriodicTimer timer = new(QuietSchedule.Tick);
        while (!_stopping && await timer.WaitForNextTickAsync())
        {
            schedule.RunDue(index => _quiet[index]());
        }
    }

    private async Task BulkServerAsync<TDuplex>(TDuplex connection)
        where TDuplex : struct, IDuplex
    {
        byte[] buffer = new byte[_options.ReadSize];
        while (await connection.ReceiveAsync(buffer) is var count and > 0)
        {
            _meter.Current.Received(count);
        }
    }

    private async Task BulkClientAsync<TDuplex>(TDuplex connection)
        where TDuplex : struct, IDuplex
    {
        long started = Stopwatch.GetTimestamp();
        while (!_stopping)
        {
            await connection.SendAsync(_payload);
            long now = Stopwatch.GetTimestamp();
            _meter.Current.Written(started, now);
            started = now;
        }
    }
}
