namespace AwsIO;

/// <summary>
/// Turns the ciphertext of its left into the plaintext of its right and back (<c>aws_tls_client_handler_new</c>,
/// <c>aws_tls_server_handler_new</c>).
/// </summary>
/// <remarks>
/// A client's handshake starts with <see cref="StartNegotiation"/>, a server's with the peer's first bytes. What was decrypted and
/// waits for the application's window survives a graceful shutdown.
/// </remarks>
public sealed partial class TlsChannelHandler : ChannelHandler
{
    // Room for handshake data and alerts while the application takes nothing.
    private const long HandshakeWindow = 7 * 1024;
    private const int RecordOverhead = 53;
    private const int RecordSize = 16 * 1024;

    // A flight of ordinary size, or all tickets of a server with a client's certificate in each, in one message.
    private const int HandshakeOutput = 8 * 1024;

    private readonly TlsConnectionOptions _options;
    private readonly Transport _transport;
    private TlsSession? _session;
    private NegotiationState _negotiation;
    private TlsConnectionInfo? _info;
    private bool _isDestroyed;
    private IoTask? _timeoutTask;

    /// <summary>Makes a handler for one connection.</summary>
    /// <param name="options">How; copied. Its context decides whether this is the client's or the server's end.</param>
    public TlsChannelHandler(TlsConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Clone();
        _transport = new Transport(this);
    }

    private enum NegotiationState
    {
        NotStarted,
        Ongoing,
        Done,
        Failed,
    }

    /// <summary>Whether this is the server's end.</summary>
    public bool IsServer => _options.Context.IsServer;

    /// <summary>Whether the handshake is done.</summary>
    public bool IsNegotiated => _negotiation == NegotiationState.Done;

    /// <summary>What the handshake agreed on; null before it is done.</summary>
    public TlsConnectionInfo? Info => _info;

    /// <inheritdoc/>
    protected internal override long InitialWindow => HandshakeWindow;

    /// <inheritdoc/>
    protected internal override int MessageOverhead => RecordOverhead;

    private IoChannel Channel => Slot!.Channel;

    /// <summary>Starts a client's handshake (<c>aws_tls_client_handler_start_negotiation</c>). Any thread, once the handler has its slot.</summary>
    /// <returns><see cref="IoErrorCode.InvalidState"/> for a server, or before the handler is installed; or no error.</returns>
    public IoError StartNegotiation()
    {
        if (IsServer || Slot is null)
        {
            return new IoError(IoErrorCode.InvalidState, "Only a client's handler that has been installed starts a handshake.");
        }

        if (Channel.EventLoop.IsOnLoop)
        {
            DriveHandshake();
        }
        else
        {
            Channel.EventLoop.Schedule(IoTask.Create(static (handler, _) => handler.DriveHandshake(), this));
        }

        return IoError.None;
    }

    /// <inheritdoc/>
    protected internal override IoError OnInstalled(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        IoError error = _options.Validate();
        if (error.IsNone)
        {
            IoResult<TlsSession> session = _options.Context.CreateSession(_options, _transport);
            error = session.Error;
            _session = session.IsSuccess ? session.Value : null;
        }

        if (error.IsNone && _options.HandshakeTimeout != Timeout.InfiniteTimeSpan)
        {
            _timeoutTask = IoTask.Create(static (handler, status) => handler.OnTimeout(status), this);
            slot.Channel.EventLoop.ScheduleAfter(_timeoutTask, _options.HandshakeTimeout);
        }

        return error;
    }

    /// <inheritdoc/>
    protected internal override void OnDestroyed()
    {
        // A handler may be taken out of a living channel, in the middle of a delivery too: nothing touches the session after this.
        _readDown = true;
        _isDestroyed = true;
        CancelTimeout();
        if (_shutdownTimer is { IsScheduled: true } timer)
        {
            Channel.EventLoop.Cancel(timer);
        }

        FailDeferredWrites();
        _transport.ReleaseAll();
        _session?.Dispose();
    }

    private void DriveHandshake()
    {
        if (_session is null || _readDown || _negotiation is NegotiationState.Done or NegotiationState.Failed)
        {
            return;
        }

        if (_negotiation == NegotiationState.NotStarted)
        {
            _negotiation = NegotiationState.Ongoing;
            _handshakeStart = Channel.EventLoop.CurrentTime;
        }

        // In one write, too: a client that has sent its last flight, its data and its goodbye, and closed, answers the first ticket
        // with a reset. A second write would fail then, and a handshake that is over with it.
        _transport.OutputHint = HandshakeOutput;
        TlsStep step = _session.Handshake();
        IoError error = Flush();
        if (step == TlsStep.Failed)
        {
            FailNegotiation(_session.Error);
        }
        else if (step == TlsStep.Closed)
        {
            FailNegotiation(new IoError(IoErrorCode.TlsClosedGraceful, "The peer said goodbye during the handshake."));
        }
        else if (error.IsError)
        {
            FailNegotiation(error);
        }
        else if (step == TlsStep.Done)
        {
            FinishNegotiation(_session);
        }
        else
        {
            TopUpWindow();
        }
    }

    private void FinishNegotiation(TlsSession session)
    {
        CancelTimeout();
        _negotiation = NegotiationState.Done;
        _handshakeEnd = Channel.EventLoop.CurrentTime;
        _info = session.Info;
        IoLog.TlsNegotiated(Channel.EventLoop.Loggers.Tls, _info.Version, _info.CipherSuite, _info.Protocol, _info.ServerName);
        try
        {
            _options.OnNegotiated?.Invoke(this, IoError.None, _options.State);
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
        }

        if (!_readDown)
        {
            // Application data may have come with the last flight: nobody will tell of it again.
            ScheduleRead();
            TopUpWindow();
        }
    }

    private void FailNegotiation(IoError reason)
    {
        CancelTimeout();
        if (_negotiation == NegotiationState.Failed)
        {
            return;
        }

        _negotiation = NegotiationState.Failed;
        _handshakeEnd = Channel.EventLoop.CurrentTime;
        IoError error = new(ToNegotiationCode(reason), reason.NativeError, Describe("TLS handshake", $"failed: {reason.Detail}"));
        IoLog.TlsFailed(Channel.EventLoop.Loggers.Tls, error);
        try
        {
            _options.OnNegotiated?.Invoke(this, error, _options.State);
        }
        finally
        {
            Channel.Shutdown(error);
            DropInput();
        }
    }

    // As upstream: one code for whatever the handshake itself fails of; what happened to the connection keeps its own.
    private static IoErrorCode ToNegotiationCode(IoError reason) =>
        reason.IsTls && reason.Code is not (IoErrorCode.TlsNegotiationTimeout or IoErrorCode.TlsAlertNotGraceful)
            ? IoErrorCode.TlsNegotiationFailure
            : reason.Code;

    /// <summary>What, with which peer, under which name, how it went: for error sentences.</summary>
    private string Describe(string subject, string outcome)
    {
        SocketEndpoint? peer = (Channel.First?.Handler as SocketChannelHandler)?.Socket.RemoteEndpoint;
        string with = peer is null ? "" : $" with {peer}";
        string name = _options.ServerName is { } serverName ? $" (server name {serverName})" : "";
        return $"{subject}{with}{name} {outcome}";
    }

    private void OnTimeout(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && _negotiation is NegotiationState.NotStarted or NegotiationState.Ongoing)
        {
            FailNegotiation(new IoError(
                IoErrorCode.TlsNegotiationTimeout, $"it took longer than {_options.HandshakeTimeout.TotalMilliseconds} ms."));
        }
    }

    private void CancelTimeout()
    {
        if (_timeoutTask is { IsScheduled: true } task)
        {
            Channel.EventLoop.Cancel(task);
        }
    }
}
