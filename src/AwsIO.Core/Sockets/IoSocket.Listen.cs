using System.Diagnostics.CodeAnalysis;
using AwsIO.Native.Unix;
using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>Binding, listening, accepting.</summary>
public sealed partial class IoSocket
{
    // Connections accepted in one turn; what is left waits behind the loop's other work.
    private const int AcceptBatch = 64;

    private static readonly TimeSpan s_firstAcceptDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestAcceptDelay = TimeSpan.FromSeconds(1);

    // From StartAccept on, until accepting ends.
    private AcceptSession? _accepting;

    /// <summary>Gives the socket its address (<c>aws_socket_bind</c>). Any thread, once, on a socket that is new.</summary>
    /// <param name="endpoint">The address; port 0 has a free one chosen, which <see cref="GetLocalEndpoint"/> tells.</param>
    /// <returns>
    /// <see cref="IoErrorCode.SocketAddressInUse"/>, <see cref="IoErrorCode.NoPermission"/>,
    /// <see cref="IoErrorCode.SocketInvalidAddress"/>, <see cref="IoErrorCode.SocketIllegalOperationForState"/>, or no error.
    /// </returns>
    public IoError Bind(in SocketEndpoint endpoint)
    {
        if (_state != SocketStates.Init)
        {
            return new IoError(IoErrorCode.SocketIllegalOperationForState, $"A socket that is {_state} cannot be bound.");
        }

        IoError error = ValidateFor(endpoint, endpoint.ValidateForBind());
        if (error.IsError)
        {
            return error;
        }

        Span<byte> buffer = stackalloc byte[SockAddr.MaxSize];
        error = SocketAddressText.TryWrite(endpoint, buffer, out int length);
        if (error.IsError)
        {
            return error;
        }

        AllowRebinding();
        int result;
        unsafe
        {
            fixed (byte* address = buffer)
            {
                result = Libc.Bind(_handle.Descriptor, address, length);
            }
        }

        if (result < 0)
        {
            _state = SocketStates.Error;
            return Errno.ToSocketError(-result, $"Binding to {endpoint}");
        }

        // As upstream: a socket for datagrams receives from now on.
        _state = IsDatagram ? SocketStates.ConnectedRead : SocketStates.Bound;
        return IoError.None;
    }

    /// <summary>Makes a bound socket listen (<c>aws_socket_listen</c>). Any thread.</summary>
    /// <param name="backlog">How many connections may wait to be accepted; the system may allow fewer.</param>
    /// <returns><see cref="IoErrorCode.SocketIllegalOperationForState"/>, what the system answered, or no error.</returns>
    public IoError Listen(int backlog)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(backlog);
        if (_state != SocketStates.Bound)
        {
            return new IoError(
                IoErrorCode.SocketIllegalOperationForState,
                IsDatagram ? "A socket for datagrams does not listen." : $"A socket that is {_state} cannot listen: bind it first.");
        }

        IoError error = ApplyListenerOptions();
        if (error.IsError)
        {
            return error;
        }

        int result = Libc.Listen(_handle.Descriptor, backlog);
        if (result < 0)
        {
            _state = SocketStates.Error;
            return Errno.ToSocketError(-result, "Listening");
        }

        _state = SocketStates.Listening;
        return IoError.None;
    }

    /// <summary>Accepts connections from now on (<c>aws_socket_start_accept</c>). Any thread.</summary>
    /// <param name="loop">The loop that the listener is to live on; accepted sockets may go to others.</param>
    /// <param name="onAccept">
    /// Told of each connection. It may close the listener, or stop it. A failure, such as
    /// <see cref="IoErrorCode.MaxFileDescriptorsExceeded"/>, is told once; accepting goes on by itself when the cause has gone. Only
    /// <see cref="IoErrorCode.EventLoopShutdown"/> is the last call.
    /// </param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// <see cref="IoErrorCode.SocketIllegalOperationForState"/>, <see cref="IoErrorCode.EventLoopAlreadyAssigned"/>, or no error.
    /// </returns>
    public IoError StartAccept(EventLoop loop, SocketAcceptCallback onAccept, object? state) => StartAccept(loop, onAccept, null, state);

    /// <summary>Accepts connections from now on, and tells when that has begun (<c>aws_socket_start_accept</c>). Any thread.</summary>
    /// <param name="loop">The loop that the listener is to live on; accepted sockets may go to others.</param>
    /// <param name="onAccept">As for the other form.</param>
    /// <param name="onStarted">
    /// Told once, on the loop's thread, before the first connection: that connections are accepted from now on, or why none will be, and
    /// then the socket belongs to no loop. Not told when the call itself fails, or when the listener is closed or stopped before. Null
    /// for nobody: then the call itself tells of such a failure.
    /// </param>
    /// <param name="state">Handed to both callbacks.</param>
    /// <returns>
    /// <see cref="IoErrorCode.SocketIllegalOperationForState"/>, <see cref="IoErrorCode.EventLoopAlreadyAssigned"/>, or no error.
    /// </returns>
    public IoError StartAccept(EventLoop loop, SocketAcceptCallback onAccept, SocketCallback? onStarted, object? state) =>
        StartAccept(loop, onAccept, onStarted, state, mayAccept: null);

    /// <param name="loop">As for the public forms, like the rest.</param>
    /// <param name="onAccept">Told of each connection.</param>
    /// <param name="onStarted">Told that accepting has begun.</param>
    /// <param name="state">Handed to both.</param>
    /// <param name="mayAccept">
    /// Asked on the loop before each connection is accepted; null for always yes. After a no nothing is accepted, and what comes waits in
    /// the system, until <see cref="ResumeAccept"/>.
    /// </param>
    internal IoError StartAccept(
        EventLoop loop, SocketAcceptCallback onAccept, SocketCallback? onStarted, object? state, Func<bool>? mayAccept)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(onAccept);
        if ((_state & SocketStates.Listening) == 0)
        {
            return new IoError(IoErrorCode.SocketIllegalOperationForState, $"A socket that is {_state} cannot accept: let it listen first.");
        }

        if (_loop is not null)
        {
            return new IoError(IoErrorCode.EventLoopAlreadyAssigned, $"The socket belongs to {_loop.Name} already.");
        }

        AcceptSession session = new(this, onAccept, state, mayAccept);
        _accepting = session;
        SetLoop(loop);
        if (onStarted is null)
        {
            return BeginAccepting(loop);
        }

        loop.Schedule(IoTask.Create(
            static (start, status) => start.Socket.OnStart(start.Session, start.OnStarted, status),
            (Socket: this, Session: session, OnStarted: onStarted)));
        return IoError.None;
    }

    /// <summary>
    /// Accepts no more connections (<c>aws_socket_stop_accept</c>); what comes waits in the system until <see cref="StartAccept(EventLoop,
    /// SocketAcceptCallback, object?)"/> is called again, on the same loop or another. Does nothing when nothing is accepted.
    /// </summary>
    /// <remarks>
    /// Any thread. Elsewhere than on the listener's loop the call waits for that loop, and no callback comes once it has returned; on
    /// another loop's thread it does not wait, and accepting stops soon.
    /// </remarks>
    /// <returns><see cref="IoErrorCode.SocketIllegalOperationForState"/> for a socket that does not listen, or no error.</returns>
    public IoError StopAccept()
    {
        if ((_state & SocketStates.Listening) == 0)
        {
            return new IoError(IoErrorCode.SocketIllegalOperationForState, $"A socket that is {_state} accepts nothing that could be stopped.");
        }

        if (_loop is { IsOnLoop: false, IsCancellingLate: false } loop)
        {
            RunOn(loop, static socket => socket.StopNow());
        }
        else
        {
            StopNow();
        }

        return IoError.None;
    }

    private void StopNow()
    {
        if ((_state & SocketStates.Listening) == 0 || _loop is null)
        {
            return;
        }

        EndAccepting();
        UnsubscribeIfSubscribed();
        _loop = null;
    }

    private void EndAccepting()
    {
        if (_accepting is { } session)
        {
            _accepting = null;
            _loop!.Cancel(session);
        }
    }

    private IoError BeginAccepting(EventLoop loop)
    {
        IoError error = loop.Subscribe(_handle, IoEvents.Readable, this);
        if (error.IsError)
        {
            EndAccepting();
            _loop = null;
            return error;
        }

        LogListening();
        return IoError.None;
    }

    private void OnStart(AcceptSession session, SocketCallback onStarted, IoTaskStatus status)
    {
        // Closed or stopped meanwhile, or even started anew.
        if (!ReferenceEquals(_accepting, session) || _loop is not { } loop)
        {
            return;
        }

        IoError error;
        if (status == IoTaskStatus.Run)
        {
            error = BeginAccepting(loop);
        }
        else
        {
            error = new IoError(IoErrorCode.EventLoopShutdown, $"{loop.Name} is ending.");
            StopNow();
        }

        onStarted(this, error, session.State);
    }

    /// <summary>
    /// Goes on after it was said that no connection may be accepted. Any thread: whatever came meanwhile is fetched, as its edge is spent.
    /// </summary>
    internal void ResumeAccept() => _loop?.Schedule(IoTask.Create(
        static (socket, status) =>
        {
            // One that is scheduled comes by itself, after its delay.
            if (socket._loop is { IsOnLoop: true } && socket._accepting is { IsScheduled: false })
            {
                socket.OnAcceptAgain(status);
            }
        },
        this));

    private void LogListening()
    {
        if (_logger.IsEnabled(LogLevel.Information)
            && GetLocalEndpoint().TryGetValue(out SocketEndpoint local))
        {
            IoLog.SocketListening(_logger, local);
        }
    }

    private void OnAcceptAgain(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && IsOpen)
        {
            AcceptMany();
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The callback owns the accepted socket.")]
    private unsafe void AcceptMany()
    {
        byte* address = stackalloc byte[SockAddr.MaxSize];
        AcceptSession session = _accepting!;
        for (int i = 0; i < AcceptBatch; i++)
        {
            if (!session.MayAccept)
            {
                return;
            }

            int length = SockAddr.MaxSize;
            int descriptor = Libc.Accept(_handle.Descriptor, address, ref length);
            if (descriptor >= 0)
            {
                session.Delay = TimeSpan.Zero;
                IoSocket accepted = new(descriptor, Options, SocketStates.ConnectedRead | SocketStates.ConnectedWrite)
                {
                    _peer = PeerAddress.Keep(new ReadOnlySpan<byte>(address, length)),
                };
                accepted.ApplyAcceptedOptions();
                ReportAccept(session, IoError.None, accepted);
            }
            else if (descriptor == -Errno.EAGAIN)
            {
                // Whatever had failed before has passed: its next time is told again.
                session.Delay = TimeSpan.Zero;
                return;
            }
            else if (descriptor is not (-Errno.ECONNABORTED or -Errno.EPROTO))
            {
                // One that gave up while it waited is no failure of ours; anything else is.
                BackOff(session, -descriptor);
                return;
            }

            if (!ReferenceEquals(_accepting, session))
            {
                // The callback has closed the listener, or stopped it. It may be another loop's by now.
                return;
            }
        }

        // Edges tell of new connections only: what is still waiting must be fetched unasked, and now, though a failure that has
        // passed may have put it off.
        if (session.IsScheduled)
        {
            _loop!.Cancel(session);
        }

        _loop!.Schedule(session);
    }

    private void BackOff(AcceptSession session, int errno)
    {
        bool first = session.Delay == TimeSpan.Zero;
        session.Delay = RetryDelay.Longer(session.Delay, s_firstAcceptDelay, s_longestAcceptDelay);
        _loop!.ScheduleOnce(session, session.Delay);
        if (first)
        {
            IoError error = Errno.ToSocketError(errno, "Accepting a connection");
            if (_logger.IsEnabled(LogLevel.Warning))
            {
                object where = GetLocalEndpoint().TryGetValue(out SocketEndpoint local) ? local : "a socket";
                IoLog.AcceptFailed(_logger, where, error, session.Delay);
            }

            ReportAccept(session, error, null);
        }
    }

    private void ReportAccept(AcceptSession session, in IoError error, IoSocket? accepted)
    {
        string loop = _loop!.Name;
        try
        {
            session.Tell(this, error, accepted);
        }
        catch (Exception exception)
        {
            // The connections behind this one wait without an edge of their own: they are accepted all the same.
            IoLog.CallbackFailed(_logger, exception, loop);
            if (accepted is { EventLoop: null })
            {
                // Nobody has taken it, and nobody else knows it.
                accepted.Dispose();
            }
        }
    }

    /// <summary>
    /// Accepting, from its start to its end: who is told, and the task by which it goes on where no event tells of what there is.
    /// </summary>
    private sealed class AcceptSession(IoSocket socket, SocketAcceptCallback onAccept, object? state, Func<bool>? mayAccept) : IoTask
    {
        internal TimeSpan Delay;

        internal object? State => state;

        internal bool MayAccept => mayAccept?.Invoke() != false;

        internal void Tell(IoSocket listener, in IoError error, IoSocket? accepted) => onAccept(listener, error, accepted, state);

        protected override void Run(IoTaskStatus status) => socket.OnAcceptAgain(status);
    }
}
