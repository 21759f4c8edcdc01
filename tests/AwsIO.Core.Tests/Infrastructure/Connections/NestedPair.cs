namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Two channels with a TLS connection inside another one, over sockets or over a <see cref="MemoryWire"/>.</summary>
internal sealed class NestedPair
{
    internal required NestedEnd Client { get; init; }

    internal required NestedEnd Server { get; init; }

    /// <summary>Makes both channels over a wire; the outer handshake starts, and the inner one behind it.</summary>
    internal static async Task<NestedPair> OverWire(ConnectionTest test, NestedEnd client, NestedEnd server, TimeSpan? shutdownTimeout = null)
    {
        (MemoryWire clientWire, MemoryWire serverWire) = MemoryWire.CreatePair();
        Prepare(client, clientWire);
        Prepare(server, serverWire);
        NestedPair pair = new() { Client = client, Server = server };
        await Install(server, test.Group[test.Group.Count - 1], TlsParts.Server().ForServer(), shutdownTimeout);
        await Install(client, test.Group[0], TlsParts.Client().Localhosted(), shutdownTimeout);
        test.After(pair.Stop);
        return pair;
    }

    /// <summary>Makes both channels by the bootstraps, with the outer handshake; the inner one starts behind it.</summary>
    internal static async Task<NestedPair> OverSockets(ConnectionTest test, NestedEnd client, NestedEnd server)
    {
        NestedPair pair = new() { Client = client, Server = server };
        IoResult<ServerListener> listener = new ServerBootstrap(test.Group).Listen(new ServerListenOptions
        {
            Endpoint = Dialling.AnyPort,
            Tls = TlsParts.Server().ForServer(),
            OnIncomingChannel = (channel, error, _) => server.OnOuter(channel, error),
            OnChannelShutdown = (_, error, _) => server.Ended.Set(error),
        });
        Assert.True(listener.IsSuccess, listener.Error.ToString());
        test.After(listener.Value.Dispose);
        IoResult<ConnectOperation> connecting = new ClientBootstrap(test.Group, test.Resolver).Connect(new ClientConnectOptions
        {
            Endpoint = listener.Value.LocalEndpoint,
            Tls = TlsParts.Client().Localhosted(),
            OnSetup = (channel, error, _) => client.OnOuter(channel, error),
            OnShutdown = (_, error, _) => client.Ended.Set(error),
        });
        Assert.True(connecting.IsSuccess, connecting.Error.ToString());
        Assert.Equal(IoError.None, await client.Outer.Task.Within());
        Assert.Equal(IoError.None, await server.Outer.Task.Within());
        test.After(pair.Stop);
        return pair;
    }

    /// <summary>Waits for both inner handshakes, which must succeed.</summary>
    internal async Task<NestedPair> Succeeded()
    {
        Assert.Equal(IoError.None, await Client.Inner.Task.Within());
        Assert.Equal(IoError.None, await Server.Inner.Task.Within());
        return this;
    }

    private static void Prepare(NestedEnd end, MemoryWire wire)
    {
        end.Wire = wire;
        wire.MaxChunk = end.MaxChunk;
        wire.Corrupt = end.Corrupt;
    }

    private static async Task Install(NestedEnd end, EventLoop loop, TlsConnectionOptions outer, TimeSpan? shutdownTimeout)
    {
        Signal<IoError> ready = new();
        outer.OnNegotiated = (handler, error, _) => end.OnOuter(error.IsNone ? handler.Slot!.Channel : null, error);
        end.Channel = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = loop,
            ShutdownTimeout = shutdownTimeout ?? TimeSpan.FromSeconds(10),
            OnSetup = (channel, error, _) =>
            {
                channel.AddLast(end.Wire!);
                TlsChannelHandler tls = new(outer);
                channel.AddLast(tls);
                if (end.InstallsAtOnce)
                {
                    end.AddInner(channel);
                }

                if (!tls.IsServer)
                {
                    _ = tls.StartNegotiation();
                }

                ready.Set(error);
            },
            OnShutdown = (_, error, _) => end.Ended.Set(error),
        });
        Assert.Equal(IoError.None, await ready.Task.Within());
    }

    private async Task Stop()
    {
        foreach (NestedEnd end in new[] { Client, Server })
        {
            end.Channel.Abort(IoErrorCode.OperationCancelled);
            await end.Ended.Task.Within();
            Assert.Equal(1, end.Ended.Count);
            Assert.True(end.Outer.Count <= 1, "The outer handshake was reported twice.");
            Assert.True(end.Inner.Count <= 1, "The inner handshake was reported twice.");
        }
    }
}

/// <summary>One end of a <see cref="NestedPair"/>.</summary>
internal sealed class NestedEnd
{
    /// <summary>How the inner connection is made; null for none: then the application stands inside the outer one.</summary>
    internal TlsConnectionOptions? InnerOptions { get; init; }

    internal Recorder App { get; init; } = new() { Regrants = true };

    /// <summary>The last handler, where it is not <see cref="App"/>.</summary>
    internal ChannelHandler? Last { get; init; }

    /// <summary>Stands between the two TLS handlers.</summary>
    internal ChannelHandler? Between { get; init; }

    /// <summary>Whether the inner handler stands there from the beginning, rather than from the outer handshake's end on.</summary>
    internal bool InstallsAtOnce { get; init; }

    /// <summary>The most bytes that come in one message.</summary>
    internal int MaxChunk { get; set; } = int.MaxValue;

    /// <summary>Changes bytes that come; given their position.</summary>
    internal Func<long, byte, byte>? Corrupt { get; set; }

    internal IoChannel Channel { get; set; } = null!;

    internal MemoryWire? Wire { get; set; }

    internal TlsChannelHandler? InnerTls { get; private set; }

    internal TlsChannelHandler OuterTls => (TlsChannelHandler)Channel.First!.Right!.Handler!;

    /// <summary>The outer handshake's result.</summary>
    internal Signal<IoError> Outer { get; } = new();

    /// <summary>The inner handshake's result.</summary>
    internal Signal<IoError> Inner { get; } = new();

    internal Signal<IoError> Ended { get; } = new();

    internal Task Do(Action action) => Channel.EventLoop.Do(action);

    internal Task Ticks(int count) => Channel.EventLoop.AfterTicks(count, static () => { }).Within();

    internal void OnOuter(IoChannel? channel, IoError error)
    {
        if (channel is not null)
        {
            Channel = channel;
            if (!InstallsAtOnce)
            {
                AddInner(channel);
            }

            if (InnerTls is { IsServer: false } client)
            {
                Assert.Equal(IoError.None, client.StartNegotiation());
            }
        }

        Outer.Set(error);
    }

    internal void AddInner(IoChannel channel)
    {
        if (Between is not null)
        {
            channel.AddLast(Between);
        }

        if (InnerOptions is not null)
        {
            TlsConnectionOptions options = InnerOptions.Clone();
            options.OnNegotiated = (_, error, _) => Inner.Set(error);
            InnerTls = new TlsChannelHandler(options);
            channel.AddLast(InnerTls);
        }

        channel.AddLast(Last ?? App);
    }
}
