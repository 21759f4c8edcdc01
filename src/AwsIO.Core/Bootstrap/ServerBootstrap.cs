namespace AwsIO;

/// <summary>Makes listeners whose connections come as channels, TLS included (<c>aws_server_bootstrap</c>). Used on any thread.</summary>
/// <param name="group">Whose loops the listeners and connections live on.</param>
public sealed class ServerBootstrap(EventLoopGroup group)
{
    private readonly EventLoopGroup _group = group ?? throw new ArgumentNullException(nameof(group));

    /// <summary>Starts listening (<c>aws_server_bootstrap_new_socket_listener</c>).</summary>
    /// <param name="options">Where and how; not to be changed while the listener lives.</param>
    /// <returns>
    /// The listener, which listens already; or what went wrong: <see cref="IoErrorCode.SocketAddressInUse"/>,
    /// <see cref="IoErrorCode.NoPermission"/>, <see cref="IoErrorCode.SocketInvalidAddress"/>, <see cref="IoErrorCode.InvalidArgument"/>.
    /// </returns>
    public IoResult<ServerListener> Listen(ServerListenOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.OnIncomingChannel);
        IoError invalid = options.Limits.Validate();
        if (invalid.IsNone && options.Tls is { } tls)
        {
            invalid = tls.Context.IsServer
                ? tls.Validate()
                : new IoError(IoErrorCode.InvalidArgument, "A server needs a TLS context that was made for servers.");
        }

        if (invalid.IsError)
        {
            return new(invalid);
        }

        SocketOptions socketOptions = options.SocketOptions.Freeze(options.Endpoint.Domain);
        IoError unfit = socketOptions.ValidateForChannel();
        IoResult<IoSocket> created = unfit.IsError ? new(unfit) : IoSocket.Create(socketOptions);
        if (!created.TryGetValue(out IoSocket? socket))
        {
            return new(created.Error);
        }

        IoError error = socket.Bind(options.Endpoint);
        error = error.IsNone ? socket.Listen(options.Backlog) : error;
        IoResult<SocketEndpoint> local = error.IsNone ? socket.GetLocalEndpoint() : new(error);
        if (!local.IsSuccess)
        {
            socket.Dispose();
            return new(local.Error);
        }

        ServerListener listener = new(_group, socket, options, local.Value);
        error = listener.Start();
        return error.IsNone ? new(listener) : new(error);
    }
}
