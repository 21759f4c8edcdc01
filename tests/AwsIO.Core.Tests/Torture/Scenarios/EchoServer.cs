using System.Collections.Concurrent;

namespace AwsIO.Tests.Torture;

/// <summary>A server by the bootstrap, whose channels send back what comes.</summary>
internal sealed class EchoServer(TortureRun run, EventLoopGroup group)
{
    private readonly ConcurrentDictionary<IoChannel, Operation> _channels = [];
    private Operation? _closed;
    private Operation? _destroyed;

    /// <summary>What stands at the right end of each channel.</summary>
    internal Func<Operation, ChannelHandler> Handler { get; init; } = static _ => new EchoingHandler();

    internal ServerListener? Listener { get; private set; }

    internal SocketEndpoint Endpoint => Listener!.LocalEndpoint;

    /// <summary>Starts.</summary>
    /// <returns>Whether it listens.</returns>
    internal bool TryListen(TlsConnectionOptions? tls = null, SocketEndpoint? at = null)
    {
        Operation listening = run.Begin("the listener");
        IoResult<ServerListener> result = new ServerBootstrap(group).Listen(new ServerListenOptions
        {
            Endpoint = at ?? SocketEndpoint.Tcp("127.0.0.1", 0),
            Tls = tls,
            OnIncomingChannel = (channel, error, _) => OnIncoming(channel, error),
            OnChannelShutdown = (channel, error, _) => _channels[channel].Answer(Orderly(error)),
            OnClosed = _ => _closed!.Answer(IoError.None),
            OnDestroyed = _ => _destroyed!.Answer(IoError.None),
        });
        listening.Answer(result.Error);
        if (!result.IsSuccess)
        {
            return false;
        }

        _closed = run.Begin("the listener's close");
        _destroyed = run.Begin("the end of the listener and its channels");
        Listener = result.Value;
        return true;
    }

    internal void Close() => Listener?.Dispose();

    /// <summary>An end that the peer has asked for is as good as one of our own, and so is that of the loops.</summary>
    internal static IoError Orderly(IoError error) =>
        error is { Code: IoErrorCode.SocketClosed, NativeError: 0 } or { Code: IoErrorCode.EventLoopShutdown } ? IoError.None : error;

    private void OnIncoming(IoChannel? channel, IoError error)
    {
        if (channel is null)
        {
            run.Note(error);
            return;
        }

        Operation serving = run.Begin("a served channel");
        _channels[channel] = serving;
        channel.AddLast(Handler(serving));
    }
}

/// <summary>Sends back what comes.</summary>
internal sealed class EchoingHandler : ChannelHandler
{
    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        int count = message.Length;
        IoError error = slot.Send(message, ChannelDirection.Write);
        if (error.IsNone)
        {
            slot.IncrementReadWindow(count);
        }

        return error;
    }

    // A window that closes now and then.
    protected internal override long InitialWindow => 20_000;
}
