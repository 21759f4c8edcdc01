using System.Diagnostics.CodeAnalysis;
using AwsIO.Native.Unix;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AwsIO;

/// <summary>A non-blocking socket for a stream, or for datagrams, on an event loop (<c>aws_socket</c>).</summary>
/// <remarks>
/// Until it is assigned to a loop a socket may be used on any thread, by one at a time. From then on its members are its loop's,
/// except where they say otherwise. All callbacks come on the loop's thread.
/// </remarks>
public sealed partial class IoSocket : IIoEventHandler, IDisposable
{
    private readonly IoHandle _handle;
    private SocketStates _state;
    private EventLoop? _loop;
    private ILogger _logger = NullLogger.Instance;

    // A SocketEndpoint; or a PeerAddress, until somebody asks; null where there is no peer yet.
    private object? _peer;

    private IoSocket(int descriptor, SocketOptions options, SocketStates state)
    {
        _handle = new IoHandle(descriptor);
        Options = options;
        _state = state;
        _datagram = options.Type == IoSocketType.Datagram ? new DatagramState() : null;
        OwnedThings.Tell(this);
    }

    /// <summary>The loop that the socket belongs to; null before it is assigned to one (<c>aws_socket_get_event_loop</c>).</summary>
    public EventLoop? EventLoop => _loop;

    /// <summary>Whether the socket has not been closed (<c>aws_socket_is_open</c>).</summary>
    public bool IsOpen => (_state & SocketStates.Closed) == 0;

    /// <summary>The file descriptor, for options that AwsIO does not name; -1 once closed. Do not close it.</summary>
    public int Descriptor => IsOpen ? _handle.Descriptor : -1;

    /// <summary>The kind of address.</summary>
    public SocketDomain Domain => Options.Domain;

    /// <summary>The peer's address; null where there is no peer yet.</summary>
    public SocketEndpoint? RemoteEndpoint
    {
        get
        {
            if (_peer is PeerAddress address)
            {
                _peer = address.ToEndpoint();
            }

            return (SocketEndpoint?)_peer;
        }
    }

    internal SocketOptions Options { get; private set; }

    /// <summary>Makes a socket that is neither bound nor connected (<c>aws_socket_init</c>). Any thread.</summary>
    /// <param name="options">How; copied.</param>
    /// <returns>
    /// The socket, or <see cref="IoErrorCode.SocketInvalidOptions"/>, <see cref="IoErrorCode.PlatformNotSupported"/>,
    /// <see cref="IoErrorCode.NoPermission"/>, <see cref="IoErrorCode.MaxFileDescriptorsExceeded"/>,
    /// <see cref="IoErrorCode.SocketUnsupportedAddressFamily"/>.
    /// </returns>
    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns the socket.")]
    public static IoResult<IoSocket> Create(SocketOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IoError invalid = options.Validate();
        if (invalid.IsError)
        {
            return new(invalid);
        }

        int family = options.Domain switch
        {
            SocketDomain.IPv4 => SocketConstants.FamilyIPv4,
            SocketDomain.IPv6 => SocketConstants.FamilyIPv6,
            SocketDomain.Vsock => Native.Platform.Abi.Current.Addresses.FamilyVsock!.Value,
            _ => SocketConstants.FamilyUnix,
        };
        int descriptor = Libc.Socket(
            family, options.Type == IoSocketType.Datagram ? SocketConstants.TypeDatagram : SocketConstants.TypeStream);
        if (descriptor < 0)
        {
            return new(Errno.ToSocketError(-descriptor, $"Making an {options.Domain} socket"));
        }

        IoSocket socket = new(descriptor, options.Freeze(options.Domain), SocketStates.Init);
        IoError error = socket.ApplyOptions();
        if (error.IsError)
        {
            socket.Dispose();
            return new(error);
        }

        return new(socket);
    }

    /// <summary>
    /// Gives a connected socket, such as an accepted one, or one for datagrams that is bound or new, to a loop
    /// (<c>aws_socket_assign_to_event_loop</c>). Any thread, before anything else is done with the socket.
    /// </summary>
    /// <param name="loop">The loop that owns the socket from now on.</param>
    /// <returns><see cref="IoErrorCode.EventLoopAlreadyAssigned"/>, a failure to subscribe, or no error.</returns>
    public IoError AssignTo(EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        if (_loop is not null)
        {
            return new IoError(IoErrorCode.EventLoopAlreadyAssigned, $"The socket belongs to {_loop.Name} already.");
        }

        if (!IsOpen)
        {
            return IoErrorCode.SocketClosed;
        }

        SetLoop(loop);
        IoError error = loop.Subscribe(_handle, ConnectionEvents, this);
        if (error.IsError)
        {
            _loop = null;
        }

        return error;
    }

    /// <summary>The socket's own address: what it is bound to, or what the system chose (<c>aws_socket_get_bound_address</c>).</summary>
    /// <returns>The address, or <see cref="IoErrorCode.SocketIllegalOperationForState"/> before there is one.</returns>
    public IoResult<SocketEndpoint> GetLocalEndpoint()
    {
        const SocketStates named = SocketStates.Bound | SocketStates.Listening | SocketStates.ConnectedRead | SocketStates.ConnectedWrite;
        if (!IsOpen || (_state & named) == 0)
        {
            return new(new IoError(
                IoErrorCode.SocketIllegalOperationForState, "The socket is neither bound nor connected: it has no address."));
        }

        Span<byte> buffer = stackalloc byte[SockAddr.MaxSize];
        int length = buffer.Length;
        unsafe
        {
            fixed (byte* address = buffer)
            {
                int result = Libc.GetLocalAddress(_handle.Descriptor, address, ref length);
                if (result < 0)
                {
                    return new(Errno.ToSocketError(-result, "Reading the socket's address"));
                }
            }
        }

        return new(SocketAddressText.Read(buffer[..length]));
    }

    /// <summary>The error that the kernel holds for the socket, which reading it clears (<c>aws_socket_get_error</c>).</summary>
    /// <returns>The error, or no error.</returns>
    public IoError GetError()
    {
        int errno = TakePendingErrno();
        return errno == 0 ? IoError.None : Errno.ToSocketError(errno, Describe("The connection"));
    }

    void IIoEventHandler.OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
    {
        if ((_state & (SocketStates.ConnectedRead | SocketStates.ConnectedWrite)) != 0)
        {
            if (IsDatagram)
            {
                OnDatagramEvents(events);
            }
            else
            {
                OnConnectedEvents(events);
            }
        }
        else if ((_state & SocketStates.Connecting) != 0)
        {
            OnConnectingEvents(events);
        }
        else if ((_state & SocketStates.Listening) != 0)
        {
            AcceptMany();
        }
        else if (IsDatagram && (_state & SocketStates.Init) != 0)
        {
            // It was given to a loop to send from it, and nothing has left yet.
            OnDatagramEvents(events);
        }
        else if (_lingering is not null)
        {
            // Both directions were ended before the close.
            OnConnectedEvents(events);
        }
    }

    void IIoEventHandler.OnLoopEnding(EventLoop loop, IoHandle handle)
    {
        IoError ending = new(IoErrorCode.EventLoopShutdown, $"{loop.Name} is ending.");
        try
        {
            if ((_state & SocketStates.Connecting) != 0)
            {
                FinishConnect(ending);
            }
            else if ((_state & SocketStates.ConnectedRead) != 0 && _readable is { } readable)
            {
                readable(this, ending, _readableState);
            }
            else if (_datagram?.Callback is not null)
            {
                NotifyDatagrams(ending);
            }
            else if ((_state & SocketStates.Listening) != 0)
            {
                _accepting?.Tell(this, ending, null);
            }
        }
        finally
        {
            // Whatever the callback does: nobody would close it later.
            Close();
        }
    }

    /// <summary>"Operation with peer", for error sentences.</summary>
    private string Describe(string subject, string preposition = "with") =>
        new PeerSentence(subject, preposition, _peer).ToString();

    private int TakePendingErrno()
    {
        int errno = Libc.TakePendingError(_handle.Descriptor);
        NoteBroken(errno);
        return errno;
    }

    private void SetLoop(EventLoop loop)
    {
        _loop = loop;
        _logger = loop.Loggers.Socket;
        _readsStopShort = !loop.ReportsUrgentData;
    }
}
