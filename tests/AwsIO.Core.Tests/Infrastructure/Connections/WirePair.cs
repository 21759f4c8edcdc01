namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Two channels with TLS that talk over a <see cref="MemoryWire"/>: no socket, every byte under control.</summary>
internal sealed class WirePair
{
    internal required End Client { get; init; }

    internal required End Server { get; init; }

    /// <summary>Makes both channels; the handshake starts with <see cref="Start"/>.</summary>
    internal static async Task<WirePair> Create(
        ConnectionTest test,
        TlsConnectionOptions? client,
        TlsConnectionOptions? server,
        Recorder? clientApp = null,
        Recorder? serverApp = null,
        bool backPressure = true,
        TimeSpan? shutdownTimeout = null)
    {
        (MemoryWire clientWire, MemoryWire serverWire) = MemoryWire.CreatePair();
        WirePair pair = new()
        {
            Client = new End { App = clientApp ?? new() { Regrants = true }, Wire = clientWire },
            Server = new End { App = serverApp ?? new() { Regrants = true }, Wire = serverWire },
        };
        EventLoop clientLoop = test.Group[0];
        EventLoop serverLoop = test.Group[test.Group.Count - 1];
        await Task.WhenAll(
            Install(pair.Client, clientLoop, client, backPressure, shutdownTimeout),
            Install(pair.Server, serverLoop, server, backPressure, shutdownTimeout));
        test.After(pair.Stop);
        return pair;
    }

    /// <summary>Makes both channels and completes when both handshakes are over, which must succeed.</summary>
    internal static async Task<WirePair> Connect(
        ConnectionTest test, TlsConnectionOptions client, TlsConnectionOptions server, Recorder? clientApp = null, Recorder? serverApp = null)
    {
        WirePair pair = await Create(test, client, server, clientApp, serverApp);
        await pair.Start();
        await pair.Succeeded();
        return pair;
    }

    internal Task Start() => Client.Do(() => Assert.True(Client.Tls!.StartNegotiation().IsNone));

    internal async Task Succeeded()
    {
        Assert.Equal(IoError.None, await Client.Negotiated.Task.Within());
        Assert.Equal(IoError.None, await Server.Negotiated.Task.Within());
    }

    private static async Task Install(
        End end, EventLoop loop, TlsConnectionOptions? tls, bool backPressure, TimeSpan? shutdownTimeout)
    {
        Signal<IoError> ready = new();
        if (tls is not null)
        {
            tls = tls.Clone();
            tls.OnNegotiated = (_, error, _) => end.Negotiated.Set(error);
            end.Tls = new TlsChannelHandler(tls);
        }

        end.Channel = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = loop,
            EnableReadBackPressure = backPressure,
            ShutdownTimeout = shutdownTimeout ?? TimeSpan.FromSeconds(10),
            OnSetup = (channel, error, _) =>
            {
                channel.AddLast(end.Wire!);
                if (end.Tls is not null)
                {
                    channel.AddLast(end.Tls);
                }

                channel.AddLast(end.App);
                ready.Set(error);
            },
            OnShutdown = (_, error, _) => end.Ended.Set(error),
        });
        Assert.Equal(IoError.None, await ready.Task.Within());
    }

    private async Task Stop()
    {
        foreach (End end in new[] { Client, Server })
        {
            end.Channel.Abort(IoErrorCode.OperationCancelled);
            await end.Ended.Task.Within();
            Assert.Equal(1, end.Ended.Count);
            Assert.True(end.Negotiated.Count <= 1, "A handshake was reported twice.");
        }
    }
}
