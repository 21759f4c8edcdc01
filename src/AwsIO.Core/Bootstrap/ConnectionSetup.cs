namespace AwsIO;

/// <summary>
/// Makes a channel on a connected socket: socket handler, TLS handler, handshake; then tells the result once, and the end only after
/// a success. Lives on the socket's loop.
/// </summary>
internal sealed class ConnectionSetup
{
    private readonly IoSocket _socket;
    private readonly TlsConnectionOptions? _tls;
    private readonly IConnectionOwner _owner;
    private bool _reported;
    private bool _succeeded;

    private ConnectionSetup(IoSocket socket, TlsConnectionOptions? tls, IConnectionOwner owner)
    {
        _socket = socket;
        _tls = tls?.Clone();
        _owner = owner;
    }

    internal IoChannel Channel { get; private set; } = null!;

    /// <summary>Starts. The result comes later; the end, with whether the result was a success, comes last and always.</summary>
    internal static ConnectionSetup Start(
        IoSocket socket,
        TlsConnectionOptions? tls,
        in ChannelLimits limits,
        IConnectionOwner owner)
    {
        ConnectionSetup setup = new(socket, tls, owner);
        setup.Channel = IoChannel.Create(
            socket.EventLoop!,
            limits,
            static (channel, error, state) => ((ConnectionSetup)state!).OnChannel(channel, error),
            static (channel, error, state) => ((ConnectionSetup)state!).OnShutdown(channel, error),
            setup);
        return setup;
    }

    /// <summary>Gives the connection up before its result was told: none is told any more, and the end is no success's.</summary>
    internal void Abandon(IoError error)
    {
        _reported = true;
        Channel.Abort(error);
    }

    private void OnChannel(IoChannel channel, IoError error)
    {
        Channel = channel;
        if (error.IsError)
        {
            // The first reason counts, and a handler over a socket that the ending loop has closed has one of its own.
            channel.Shutdown(error);
            channel.AddLast(new SocketChannelHandler(_socket));
            return;
        }

        channel.AddLast(new SocketChannelHandler(_socket));

        if (_reported)
        {
            // Abandoned: the handler is there to close the socket.
            return;
        }

        if (_tls is { } tls)
        {
            AddTls(channel, tls);
        }
        else
        {
            Report(IoError.None);
        }
    }

    private void AddTls(IoChannel channel, TlsConnectionOptions options)
    {
        TlsNegotiationCallback? users = options.OnNegotiated;
        object? usersState = options.State;
        options.State = null;
        options.OnNegotiated = (handler, result, _) =>
        {
            users?.Invoke(handler, result, usersState);
            Report(result);
        };
        TlsChannelHandler tls = new(options);
        if (channel.AddLast(tls).Handler!.Slot is not null && !tls.IsServer && channel.State == ChannelState.Active)
        {
            _ = tls.StartNegotiation();
        }
    }

    private void OnShutdown(IoChannel channel, IoError error)
    {
        Report(error.IsNone ? new IoError(IoErrorCode.SocketClosed, "The connection was closed during its set-up.") : error);
        _owner.OnEnded(channel, error, _succeeded);
    }

    private void Report(IoError error)
    {
        if (_reported)
        {
            return;
        }

        _reported = true;
        _succeeded = error.IsNone;
        IConnectionEnd end = _owner.OnResult(error.IsNone ? Channel : null, error);
        if (_succeeded)
        {
            // From here on nothing of this is needed.
            Channel.ReplaceShutdownCallback(
                static (channel, reason, state) => ((IConnectionEnd)state!).OnEnded(channel, reason, wasSetUp: true), end);
        }
    }
}
