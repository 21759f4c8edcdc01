namespace AwsIO.Tasks.Tests.Runtimes;

/// <summary>What the other process of <see cref="ProcessExitTests"/> does: leave with everything alive.</summary>
internal static class ChildProcess
{
    internal const int ExitCode = 42;

    internal static async Task<int> Run()
    {
        IoRuntime own = new();
        foreach (IoRuntime io in new[] { own, IoRuntime.Shared })
        {
            IoListener listener = await io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0));
            Task<IoConnection> connecting = io.ConnectAsync(listener.LocalEndpoint);
            IoConnection server = await listener.AcceptAsync();
            IoConnection client = await connecting;
            client.ReadTimeout = TimeSpan.FromHours(1);
            _ = client.ReadAsync(new byte[1]).AsTask();
            _ = server.WriteAsync(new byte[64 * 1024 * 1024]).AsTask();
            _ = server.ReadAsync(new byte[1]).AsTask();
            _ = listener.AcceptAsync().AsTask();

            // A look-up that never ends.
            DefaultHostResolver stuck = new(io.Group) { Lookup = static _ => Hang() };
            stuck.Resolve("stuck", static (_, _, _, _) => { }, null);
        }

        Console.WriteLine("leaving");
        return ExitCode;
    }

    private static IoResult<IReadOnlyList<HostAddress>> Hang()
    {
        using ManualResetEventSlim never = new();
        never.Wait();
        return new(IoErrorCode.DnsQueryFailed);
    }
}
