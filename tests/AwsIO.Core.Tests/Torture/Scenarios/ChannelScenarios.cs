using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Torture;

/// <summary>An echo through channels that the bootstraps make, of one client or of several at once, by address or by name.</summary>
internal sealed class ChannelEchoScenario(string name, int clients = 1, bool byName = false, bool unix = false) : TortureScenario
{
    internal override string Name => name;

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup() is not { } group)
        {
            return;
        }

        using DefaultHostResolver resolver = new(group);
        SocketEndpoint? at = unix ? Transport.Unix.FreeEndpoint() : null;
        EchoServer server = new(run, group);
        if (server.TryListen(at: at))
        {
            List<EchoClient> all = [];
            for (int i = 0; i < clients; i++)
            {
                EchoClient client = new(run, Bytes.Some(100_000 / clients));
                client.Connect(
                    group, resolver, byName ? null : server.Endpoint, byName ? "localhost" : null, byName ? server.Endpoint.Port : 0);
                all.Add(client);
            }

            foreach (EchoClient client in all)
            {
                await run.Wait(client.Echoed);
            }
        }

        server.Close();
        await run.WaitForAll();
        await run.End(group);
        if (at is { } path)
        {
            File.Delete(path.Address);
        }
    }
}

/// <summary>A client writes more than fits anywhere and shuts down at once; the server reads slowly, and gets all of it.</summary>
internal sealed class GracefulCloseScenario(string name, int size, TlsVersion? version = null, bool unix = false) : TortureScenario
{
    internal override string Name => name;

    internal override bool IsLong => size > 1_000_000;

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup() is not { } group)
        {
            return;
        }

        using DefaultHostResolver resolver = new(group);
        using TlsPair tls = new(run, version);
        byte[] data = Bytes.Some(size);
        SocketEndpoint? at = unix ? Transport.Unix.FreeEndpoint() : null;
        EchoServer server = new(run, group) { Handler = _ => new SlowReader(run, data.Length) };
        if (tls.IsMade && server.TryListen(tls.Server, at))
        {
            EchoClient client = new(run, data) { OnlyWrites = true };
            client.Connect(group, resolver, server.Endpoint, tls: tls.Client);

            // Not before: a connection that has not been accepted goes with its listener.
            await run.Wait(client.Over, "the connection's end");
        }

        server.Close();
        await run.WaitForAll();
        await run.End(group);
        if (at is { } path)
        {
            File.Delete(path.Address);
        }
    }

    private sealed class SlowReader(TortureRun run, int expected) : ChannelHandler
    {
        private readonly Operation _all = run.Begin("all bytes before the end");
        private int _count;

        protected internal override long InitialWindow => 20_000;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            ArgumentNullException.ThrowIfNull(message);
            int count = message.Length;
            _count += count;
            message.Release();
            slot.Channel.EventLoop.Schedule(IoTask.Create(
                static (work, status) =>
                {
                    if (status == IoTaskStatus.Run)
                    {
                        work.slot.IncrementReadWindow(work.count);
                    }
                },
                (slot, count)));
            return IoError.None;
        }

        protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
        {
            if (direction == ChannelDirection.Read)
            {
                IoError cause = EchoServer.Orderly(reason);
                _all.Answer(_count == expected || cause.IsError
                    ? cause
                    : new IoError(IoErrorCode.SocketClosed, $"The end came after {_count} bytes of {expected}."));
            }

            base.OnShutdown(slot, direction, reason, mode);
        }
    }
}

/// <summary>A connection that is given up while it is being made.</summary>
internal sealed class CancelScenario : TortureScenario
{
    internal override string Name => "cancel";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup() is not { } group)
        {
            return;
        }

        using DefaultHostResolver resolver = new(group);
        EchoServer server = new(run, group);
        if (server.TryListen())
        {
            EchoClient client = new(run, Bytes.Some(10))
            {
                SetUpResult = static error => error.Code == IoErrorCode.OperationCancelled ? IoError.None : error,
            };
            client.Connect(group, resolver, endpoint: null, "localhost", server.Endpoint.Port);
            client.Connecting?.Cancel();
            await run.Wait(client.Echoed);
        }

        server.Close();
        await run.WaitForAll();
        await run.End(group);
    }
}

/// <summary>A group ends while connections, a listener, a timer and a look-up live on it.</summary>
internal sealed class GroupEndScenario : TortureScenario
{
    internal override string Name => "group-end";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup() is not { } group)
        {
            return;
        }

        using DefaultHostResolver resolver = new(group);
        Operation timer = run.Begin("a timer that never fires");
        group[0].ScheduleAfter(IoTask.Create(static (timer, _) => timer.Answer(IoError.None), timer), TimeSpan.FromHours(1));
        EchoServer server = new(run, group);
        if (server.TryListen())
        {
            EchoClient client = new(run, Bytes.Some(30_000)) { StaysOpen = true };
            client.Connect(group, resolver, server.Endpoint);
            await run.Wait(client.Echoed);
        }

        Operation lookUp = run.Begin("a look-up at the end");
        resolver.Resolve("localhost", (_, _, _, _) => lookUp.Answer(IoError.None), null);
        await run.End(group);

        // What had no result yet is cancelled behind the end, on another thread.
        await run.WaitForAll();
    }
}

/// <summary>Look-ups of a name, of the same at the same time, and of an address.</summary>
internal sealed class ResolverScenario : TortureScenario
{
    internal override string Name => "resolver";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup(1) is not { } group)
        {
            return;
        }

        using (DefaultHostResolver resolver = new(group, new HostResolverOptions { MaxTtl = TimeSpan.Zero }))
        {
            foreach (string host in (string[])["localhost", "localhost", "127.0.0.1", "LOCALHOST"])
            {
                Operation lookUp = run.Begin($"the look-up of {host}");
                resolver.Resolve(host, group[0], (_, error, addresses, _) => lookUp.Answer(
                    error.IsNone && addresses.Count == 0 ? IoErrorCode.DnsNoAddressForHost : error), null);
                if (host == "127.0.0.1")
                {
                    await run.WaitForAll();
                }
            }

            await run.WaitForAll();
        }

        await run.End(group);
    }
}
