namespace AwsIO;

/// <summary>A connection that is being made by <see cref="ClientBootstrap.Connect"/>.</summary>
/// <remarks>Everything but <see cref="Cancel"/> happens on one loop, in order: look-up, attempts, channel.</remarks>
public sealed class ConnectOperation : IConnectionOwner
{
    private readonly ClientConnectOptions _options;
    private readonly TlsConnectionOptions? _tls;
    private readonly HostResolver _resolver;
    private List<IoSocket>? _pending;
    private Queue<SocketEndpoint>? _candidates;
    private IoTask? _nextTask;
    private IoTask? _cancelTask;
    private ConnectionSetup? _setup;
    private IoError _lastFailure;
    private bool _dialled;
    private bool _reported;

    internal ConnectOperation(ClientConnectOptions options, TlsConnectionOptions? tls, EventLoop loop, HostResolver resolver)
    {
        _options = options;
        _tls = tls;
        _resolver = resolver;
        EventLoop = loop;
    }

    /// <summary>The loop that the connection lives on.</summary>
    public EventLoop EventLoop { get; }

    /// <summary>
    /// Gives the connection up: unless the set-up callback came already, it comes with <see cref="IoErrorCode.OperationCancelled"/>. Any
    /// thread, any number of times. A connection that was set up is not touched.
    /// </summary>
    public void Cancel()
    {
        IoTask cancel = IoTask.Create(static (operation, _) => operation.OnCancel(), this);
        if (Interlocked.CompareExchange(ref _cancelTask, cancel, null) is null)
        {
            EventLoop.Schedule(cancel);
        }
    }

    internal void Start()
    {
        if (_options.Endpoint is not null)
        {
            EventLoop.Schedule(IoTask.Create(static (operation, status) => operation.OnStart(status), this));
        }
        else
        {
            _resolver.Resolve(
                _options.Host!,
                EventLoop,
                static (_, error, addresses, state) => ((ConnectOperation)state!).OnResolved(error, addresses),
                this);
        }
    }

    private void OnStart(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Canceled)
        {
            Fail(new IoError(IoErrorCode.EventLoopShutdown, $"{EventLoop.Name} is ending."));
        }
        else if (!TryDial(_options.Endpoint!.Value))
        {
            Fail(_lastFailure);
        }
    }

    private void OnResolved(IoError error, IReadOnlyList<HostAddress> addresses)
    {
        if (error.IsError)
        {
            Fail(error);
            return;
        }

        if (addresses.Count == 0)
        {
            Fail(new IoError(IoErrorCode.DnsNoAddressForHost, $"'{_options.Host}' has no address to connect to."));
            return;
        }

        _candidates = Interleave(addresses, _options.Port);
        DialNext();
    }

    /// <summary>Alternates the families, beginning with the resolver's first choice (RFC 8305, section 4).</summary>
    private static Queue<SocketEndpoint> Interleave(IReadOnlyList<HostAddress> addresses, int port)
    {
        Queue<HostAddress> first = new(addresses.Where(address => address.Kind == addresses[0].Kind));
        Queue<HostAddress> second = new(addresses.Where(address => address.Kind != addresses[0].Kind));
        Queue<SocketEndpoint> order = new();
        while (first.Count + second.Count > 0)
        {
            if (first.TryDequeue(out HostAddress? next))
            {
                order.Enqueue(SocketEndpoint.Tcp(next.Address, port));
            }

            (first, second) = second.Count > 0 ? (second, first) : (first, second);
        }

        return order;
    }

    private void DialNext()
    {
        while (!_dialled && !_reported && _candidates is not null && _candidates.TryDequeue(out SocketEndpoint endpoint))
        {
            if (!TryDial(endpoint))
            {
                continue;
            }

            if (_candidates.Count == 0)
            {
                return;
            }

            if (_options.AttemptDelay > TimeSpan.Zero)
            {
                _nextTask ??= IoTask.Create(static (operation, status) => operation.OnDelayOver(status), this);
                EventLoop.ScheduleAfter(_nextTask, _options.AttemptDelay);
                return;
            }
        }

        if (!_dialled && _pending is null or { Count: 0 })
        {
            Fail(_lastFailure);
        }
    }

    private bool TryDial(in SocketEndpoint endpoint)
    {
        SocketOptions options = _options.SocketOptions.Freeze(endpoint.Domain);
        IoError invalid = options.ValidateForChannel();
        IoResult<IoSocket> socket = invalid.IsError ? new(invalid) : IoSocket.Create(options);
        IoError error = socket.Error;
        if (socket.TryGetValue(out IoSocket? created))
        {
            error = created.Connect(
                endpoint,
                EventLoop,
                static (result, failure, state) => ((ConnectOperation)state!).OnConnected(result, failure),
                this);
            if (error.IsNone)
            {
                (_pending ??= new(1)).Add(created);
                return true;
            }

            created.Dispose();
        }

        _lastFailure = error;
        return false;
    }

    private void OnDelayOver(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run)
        {
            DialNext();
        }
    }

    private void OnConnected(IoSocket socket, IoError error)
    {
        _ = _pending?.Remove(socket);
        if (error.IsError)
        {
            socket.Dispose();
            _lastFailure = error;

            // A refusal need not wait for the next one's turn.
            CancelNext();
            DialNext();
            return;
        }

        _dialled = true;
        DropPending();
        _setup = ConnectionSetup.Start(socket, _tls, _options.Limits, this);
    }

    IConnectionEnd IConnectionOwner.OnResult(IoChannel? channel, IoError error)
    {
        Report(channel, error);

        // Of this nothing is needed any more.
        return _options;
    }

    void IConnectionEnd.OnEnded(IoChannel channel, IoError reason, bool wasSetUp)
    {
        // It was given up before its result; or the callback that was given the result has thrown.
        ((IConnectionEnd)_options).OnEnded(channel, reason, wasSetUp);
    }

    private void OnCancel()
    {
        if (!_reported)
        {
            string target = _options.Endpoint?.ToString() ?? $"{_options.Host}:{_options.Port}";
            IoError error = new(IoErrorCode.OperationCancelled, $"Connecting to {target} was cancelled.");
            _setup?.Abandon(error);
            Fail(error);
        }
    }

    private void Fail(IoError error)
    {
        DropPending();
        Report(null, error);
    }

    private void DropPending()
    {
        CancelNext();
        List<IoSocket>? pending = _pending;
        _pending = null;
        foreach (IoSocket socket in pending ?? [])
        {
            socket.Dispose();
        }
    }

    private void CancelNext()
    {
        if (_nextTask is { IsScheduled: true } next)
        {
            EventLoop.Cancel(next);
        }
    }

    private void Report(IoChannel? channel, IoError error)
    {
        if (!_reported)
        {
            _reported = true;
            _candidates = null;
            _setup = null;
            _options.OnSetup(channel, error, _options.State);
        }
    }
}
