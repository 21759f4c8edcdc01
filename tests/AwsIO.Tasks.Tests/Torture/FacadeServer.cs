using AwsIO.Tests.Torture;

namespace AwsIO.Tasks.Tests.Torture;

/// <summary>A listener of a scenario, what it serves, and the clients that it has.</summary>
internal sealed class FacadeServer(TortureRun run, IoListener listener, SemaphoreSlim came)
{
    private readonly List<Task> _served = [];
    private Task _serving = Task.CompletedTask;
    private int _connected;

    internal SocketEndpoint Endpoint => listener.LocalEndpoint;

    /// <summary>Makes a listener; null where that fails.</summary>
    internal static async Task<FacadeServer?> TryListen(TortureRun run, IoRuntime io, TlsServerOptions? tls, Func<IoConnection, Task> serve)
    {
        SemaphoreSlim came = new(0);
        IoListener? listener = null;
        await FacadeScenario.Try(run, "the listener", async () => listener = await io.ListenAsync(
            SocketEndpoint.Tcp("127.0.0.1", 0),
            new ListenOptions
            {
                Tls = tls,
                OnConnectionFailed = exception =>
                {
                    run.Note(exception.Error);
                    came.Release();
                },
            }));
        if (listener is null)
        {
            return null;
        }

        FacadeServer server = new(run, listener, came);
        server._serving = server.Serve(serve);
        return server;
    }

    /// <summary>Makes a connection; null where that fails.</summary>
    internal async Task<IoConnection?> TryConnect(IoRuntime io, TlsClientOptions? tls = null, string? host = null)
    {
        ConnectOptions options = new() { Tls = tls, Timeout = TimeSpan.FromSeconds(60) };
        IoConnection? connection = null;
        await FacadeScenario.Try(run, "a connection", async () => connection = host is null
            ? await io.ConnectAsync(listener.LocalEndpoint, options)
            : await io.ConnectAsync(host, listener.LocalEndpoint.Port, options));
        if (connection is not null)
        {
            Interlocked.Increment(ref _connected);
        }

        return connection;
    }

    /// <summary>Stops, once each client's connection has come here or has failed here: a listener drops what nobody has taken.</summary>
    internal async Task Stop()
    {
        for (int i = 0; i < _connected; i++)
        {
            await run.Wait(came.WaitAsync(), "a client's connection at the server");
        }

        await run.Wait(listener.DisposeAsync().AsTask(), "the listener's end");
        await run.Wait(_serving, "the end of the accepting");
        await run.Wait(Task.WhenAll(_served), "the server");
        // The semaphore is left to the collector: a handshake that fails later still tells.
    }

    private async Task Serve(Func<IoConnection, Task> serve)
    {
        await foreach (IoConnection connection in listener.AcceptAllAsync())
        {
            _served.Add(ServeOne(connection, serve));
            came.Release();
        }
    }

    private async Task ServeOne(IoConnection connection, Func<IoConnection, Task> serve)
    {
        Operation serving = run.Begin("a served connection");
        try
        {
            await serve(connection);
            await connection.DisposeAsync();
            serving.Answer(IoError.None);
        }
        catch (IoException exception)
        {
            serving.Answer(exception.Error);
            await connection.DisposeAsync();
        }
    }
}
