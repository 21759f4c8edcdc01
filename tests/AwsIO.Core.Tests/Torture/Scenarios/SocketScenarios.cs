using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Torture;

/// <summary>An echo between two sockets, without channels.</summary>
internal sealed class SocketEchoScenario(Transport transport) : TortureScenario
{
    internal override string Name => transport == Transport.Unix ? "unix-echo" : "tcp-echo";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup() is not { } group)
        {
            return;
        }

        SocketEndpoint free = transport.FreeEndpoint();
        EchoingListener listener = new(run, group[0]);
        if (listener.Listen(transport.Options(), free) is { } endpoint)
        {
            EchoingSocket client = new(run, Bytes.Some(90_000));
            if (client.Connect(transport.Options(), endpoint, group[1]))
            {
                await run.Wait(client.Ended);
            }
        }

        await run.Wait(group[0].Call(listener.Close), "the listener's close");
        await run.WaitForAll();
        await run.End(group);
        File.Delete(free.Address);
    }
}

/// <summary>A connection to a port that nobody listens on.</summary>
internal sealed class RefusedScenario : TortureScenario
{
    internal override string Name => "refused";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup(1) is not { } group)
        {
            return;
        }

        // Bound, so that nobody else gets the port, but not listening.
        Operation binding = run.Begin("a port that nobody listens on");
        IoResult<IoSocket> bound = IoSocket.Create(new SocketOptions());
        IoError error = bound.IsSuccess ? bound.Value.Bind(SocketEndpoint.Tcp("127.0.0.1", 0)) : bound.Error;
        IoResult<SocketEndpoint> local = error.IsNone ? bound.Value.GetLocalEndpoint() : new(error);
        binding.Answer(local.Error);
        if (local.TryGetValue(out SocketEndpoint endpoint))
        {
            await Connect(run, group[0], endpoint);
        }

        if (bound.TryGetValue(out IoSocket? nobody))
        {
            nobody.Dispose();
        }

        await run.End(group);
    }

    private static async Task Connect(TortureRun run, EventLoop loop, SocketEndpoint endpoint)
    {
        Operation connecting = run.Begin("a connection that is refused");
        IoResult<IoSocket> created = IoSocket.Create(new SocketOptions());
        IoError error = created.Error;
        if (created.TryGetValue(out IoSocket? socket))
        {
            error = socket.Connect(
                endpoint,
                loop,
                (_, result, _) =>
                {
                    connecting.Answer(Expected(result));
                    socket.Dispose();
                },
                null);
        }

        if (error.IsError)
        {
            connecting.Answer(Expected(error));
            socket?.Dispose();
        }

        await run.WaitForAll();
    }

    private static IoError Expected(IoError error) => error.Code switch
    {
        IoErrorCode.SocketConnectionRefused => IoError.None,
        IoErrorCode.Success => new IoError(IoErrorCode.InvalidState, "Nobody listens, but the connection was made."),
        _ => error,
    };
}
