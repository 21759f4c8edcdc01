using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using AwsIO.Tasks;

namespace AwsIO.Tool;

/// <summary>Sends everything back.</summary>
/// <param name="listener">Whose connections it serves; ended with the server.</param>
/// <param name="log">Told of connections; null for silence.</param>
internal sealed class EchoServer(IoListener listener, Action<string>? log) : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<IoConnection, Task> _connections = new();

    /// <summary>Serves until the listener is disposed.</summary>
    internal async Task RunAsync()
    {
        int number = 0;
        await foreach (IoConnection connection in listener.AcceptAllAsync())
        {
            number++;
            _connections[connection] = Task.CompletedTask;
            Task serving = ServeAsync(connection, number);
            _ = _connections.TryUpdate(connection, serving, Task.CompletedTask);
        }
    }

    /// <summary>Stops listening and ends what is open, with time for what is on its way.</summary>
    public async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        Task[] serving = [.. _connections.Values];
        foreach (IoConnection connection in _connections.Keys)
        {
            connection.Dispose();
        }

        _ = await Task.WhenAny(Task.WhenAll(serving), Task.Delay(s_patience));
    }

    private async Task ServeAsync(IoConnection connection, int number)
    {
        Stopwatch clock = Stopwatch.StartNew();
        string peer = connection.RemoteEndpoint is { Address.Length: > 0 } remote ? remote.ToString() : "a local process";
        log?.Invoke($"#{number} {peer} connected{Describe(connection.Tls)}");
        long bytes = 0;
        string outcome = "finished";
        try
        {
            byte[] buffer = new byte[BufferSize];
            int count;
            while ((count = await connection.ReadAsync(buffer)) > 0)
            {
                await connection.WriteAsync(buffer.AsMemory(0, count));
                bytes += count;
            }
        }
        catch (IoException exception)
        {
            outcome = "failed: " + exception.Error.Detail;
        }
        catch (ObjectDisposedException)
        {
            outcome = "ended by this side";
        }

        await connection.DisposeAsync();
        _ = _connections.TryRemove(connection, out _);
        log?.Invoke(string.Create(
            CultureInfo.InvariantCulture, $"#{number} {peer} {outcome}, {bytes:N0} bytes in {clock.Elapsed.TotalSeconds:F1} s"));
    }

    private static string Describe(TlsConnectionInfo? tls) => tls is null
        ? ""
        : $", {tls.Version} {tls.CipherSuite}{(tls.Protocol is null ? "" : $", protocol {tls.Protocol}")}";
}
