namespace AwsIO;

/// <summary>Makes connections from names: look-up, dialling, channel, TLS (<c>aws_client_bootstrap</c>). Used on any thread.</summary>
/// <param name="group">Whose loops the connections live on.</param>
/// <param name="resolver">Who looks names up.</param>
public sealed class ClientBootstrap(EventLoopGroup group, HostResolver resolver)
{
    private readonly EventLoopGroup _group = group ?? throw new ArgumentNullException(nameof(group));
    private readonly HostResolver _resolver = resolver ?? throw new ArgumentNullException(nameof(resolver));

    /// <summary>
    /// Starts connecting (<c>aws_client_bootstrap_new_socket_channel</c>). The host's addresses are tried in turn, each a little after
    /// the one before, families alternating; the first that answers counts, the others are dropped.
    /// </summary>
    /// <param name="options">What and how; not to be changed until the connection is set up.</param>
    /// <returns>
    /// The operation, which can be cancelled and whose set-up callback comes exactly once; or, without any callback, what is wrong with
    /// the options: <see cref="IoErrorCode.InvalidArgument"/>, <see cref="IoErrorCode.SocketInvalidAddress"/>,
    /// <see cref="IoErrorCode.SocketInvalidOptions"/>, <see cref="IoErrorCode.PinnedEventLoopMismatch"/>.
    /// </returns>
    public IoResult<ConnectOperation> Connect(ClientConnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.OnSetup);
        IoError invalid = options.Validate();
        TlsConnectionOptions? tls = options.Tls?.Clone();
        if (invalid.IsNone && tls is not null)
        {
            tls.ServerName ??= options.Host;
            invalid = tls.Context.IsServer
                ? new IoError(IoErrorCode.InvalidArgument, "A client needs a TLS context that was made for clients.")
                : tls.Validate();
        }

        if (invalid.IsNone && options.EventLoop is { } pinned && !_group.Contains(pinned))
        {
            invalid = new IoError(
                IoErrorCode.PinnedEventLoopMismatch, $"{pinned.Name} does not belong to the group of the bootstrap.");
        }

        if (invalid.IsError)
        {
            return new(invalid);
        }

        ConnectOperation operation = new(options, tls, options.EventLoop ?? _group.GetNextLoop(), _resolver);
        operation.Start();
        return new(operation);
    }
}
