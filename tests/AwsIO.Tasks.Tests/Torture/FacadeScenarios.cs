using AwsIO.Tasks.Tests.Infrastructure;
using AwsIO.Tests.Torture;

namespace AwsIO.Tasks.Tests.Torture;

/// <summary>The scenarios of this program.</summary>
internal static class FacadeScenarios
{
    internal static IReadOnlyList<TortureScenario> All { get; } =
    [
        new EchoScenario("facade-echo", tls: false),
        new EchoScenario("facade-tls-echo", tls: true),
        new StreamScenario(),
        new AbandonScenario(),
        new NameScenario(),
        new DatagramScenario("facade-udp", isUnix: false),
        new DatagramScenario("facade-unix-datagrams", isUnix: true),
    ];

    internal static TortureScenario Find(string name) => All.Single(scenario => scenario.Name == name);
}

/// <summary>Two clients write, half-close and read to the end what the server sends back.</summary>
internal sealed class EchoScenario(string name, bool tls) : FacadeScenario
{
    internal override string Name => name;

    protected override async Task Run(TortureRun run, IoRuntime io)
    {
        if (await FacadeServer.TryListen(run, io, tls ? Certificates.ServerOptions() : null, Echo) is { } server)
        {
            byte[] data = Bytes.Random(150_000);
            await Task.WhenAll(Talk(run, io, server, data), Talk(run, io, server, data));
            await server.Stop();
        }
    }

    private async Task Talk(TortureRun run, IoRuntime io, FacadeServer server, byte[] data)
    {
        if (await server.TryConnect(io, tls ? Certificates.ClientOptions() : null) is not { } connection)
        {
            return;
        }

        Task<bool> writing = Try(run, "writes", async () =>
        {
            for (int position = 0; position < data.Length; position += 50_000)
            {
                await connection.WriteAsync(data.AsMemory(position, 50_000));
            }

            await connection.ShutdownWriteAsync();
        });
        await Try(run, "the echo", async () => await ReadAll(run, connection, data));
        await writing;
        await Close(run, connection);
    }

    private static async Task Echo(IoConnection connection)
    {
        byte[] buffer = new byte[20_000];
        for (int read; (read = await connection.ReadAsync(buffer)) > 0;)
        {
            await connection.WriteAsync(buffer.AsMemory(0, read));
        }

        await connection.ShutdownWriteAsync();
    }
}

/// <summary>Streams copy one way, and are flushed and disposed of.</summary>
internal sealed class StreamScenario : FacadeScenario
{
    internal override string Name => "facade-stream";

    protected override async Task Run(TortureRun run, IoRuntime io)
    {
        byte[] data = Bytes.Random(300_000);
        using MemoryStream received = new();
        if (await FacadeServer.TryListen(run, io, tls: null, connection => Receive(run, connection, received, data)) is not { } server)
        {
            return;
        }

        if (await server.TryConnect(io) is { } connection)
        {
            await Try(run, "the copy", async () =>
            {
                Stream stream = connection.AsStream();
                await using (stream.ConfigureAwait(false))
                {
                    using MemoryStream source = new(data);
                    await source.CopyToAsync(stream);
                    await stream.FlushAsync();
                }
            });
            await Try(run, "the connection's end", () => connection.Completion);
        }

        await server.Stop();
    }

    private static async Task Receive(TortureRun run, IoConnection connection, MemoryStream received, byte[] data)
    {
        Stream stream = connection.AsStream();
        await using (stream.ConfigureAwait(false))
        {
            await stream.CopyToAsync(received);
        }

        if (!received.ToArray().AsSpan().SequenceEqual(data))
        {
            run.Wrong($"{received.Length} bytes came of {data.Length}, or others.");
        }
    }
}

/// <summary>Connections are disposed of, or aborted, while reads and writes wait.</summary>
internal sealed class AbandonScenario : FacadeScenario
{
    internal override string Name => "facade-abandon";

    protected override async Task Run(TortureRun run, IoRuntime io)
    {
        // The server reads nothing of what it accepts: it waits for the end.
        if (await FacadeServer.TryListen(run, io, tls: null, WaitForEnd) is not { } server)
        {
            return;
        }

        IoConnection? first = await server.TryConnect(io);
        IoConnection? second = await server.TryConnect(io);
        List<Task> waiting = [];
        foreach (IoConnection? connection in (IoConnection?[])[first, second])
        {
            if (connection is not null)
            {
                waiting.Add(Abandoned(run, "a read", async () => await connection.ReadAsync(new byte[10])));
                waiting.Add(Abandoned(run, "a write", () => connection.WriteAsync(Bytes.TooMuch).AsTask()));
            }
        }

        first?.Abort();
        second?.Dispose();
        await run.Wait(Task.WhenAll(waiting), "what was abandoned");
        await server.Stop();
        foreach (IoConnection? connection in (IoConnection?[])[first, second])
        {
            await run.Wait(connection?.Completion ?? Task.CompletedTask, "an abandoned connection's end");
        }
    }

    private static async Task WaitForEnd(IoConnection connection)
    {
        try
        {
            // More than was written comes never: this ends with the connection, or with a reset.
            while (await connection.ReadAsync(new byte[100_000]) > 0)
            {
            }
        }
        catch (IoException exception) when (exception.ErrorCode == IoErrorCode.SocketClosed)
        {
            // As abrupt as it was asked for.
        }

        connection.Abort();
    }
}

/// <summary>Look-ups as tasks, and a connection by name.</summary>
internal sealed class NameScenario : FacadeScenario
{
    internal override string Name => "facade-name";

    protected override async Task Run(TortureRun run, IoRuntime io)
    {
        byte[] greeting = [.. "hello"u8];
        await Try(run, "a look-up", () => io.ResolveAsync("localhost"));
        FacadeServer? server = await FacadeServer.TryListen(run, io, tls: null, async connection =>
        {
            await connection.WriteAsync(greeting);
            await connection.ShutdownWriteAsync();
        });
        if (server is null)
        {
            return;
        }

        if (await server.TryConnect(io, host: "localhost") is { } connection)
        {
            await Try(run, "the greeting", async () => await ReadAll(run, connection, greeting));
            await Close(run, connection);
        }

        await server.Stop();
    }
}
