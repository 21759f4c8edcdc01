using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Datagrams: what they have in common.</summary>
public sealed partial class IoSocket
{
    // Null for a stream, which there are many more of.
    private readonly DatagramState? _datagram;

    private bool IsDatagram => _datagram is not null;

    /// <summary>Whether the socket's stream is one of TCP.</summary>
    private bool IsTcp => IsIP && !IsDatagram;

    private void OnDatagramEvents(IoEvents events)
    {
        if ((events & (IoEvents.Readable | IoEvents.Error)) != 0)
        {
            _mayRead = true;
        }

        if ((events & IoEvents.Readable) != 0)
        {
            NotifyReadable(IoError.None);
            ReceiveOnEvent();
        }

        if ((events & IoEvents.Writable) != 0 && _writeFirst is not null && IsOpen)
        {
            SendQueuedDatagrams();
        }

        if ((events & IoEvents.Error) != 0 && (_state & SocketStates.ConnectedRead) != 0)
        {
            // As a rule an earlier datagram that was refused. Whoever received or sent meanwhile has been told, and then there is none.
            int errno = Libc.TakePendingError(_handle.Descriptor);
            if (errno != 0)
            {
                IoError error = DatagramFailure(errno, "Exchanging datagrams", "with");
                NotifyReadable(error);
                NotifyDatagrams(error);
            }
        }
    }

    /// <summary>What a failure with a datagram is called; the socket goes on.</summary>
    private IoError DatagramFailure(int errno, string operation, string preposition) =>
        DatagramFailure(errno, Describe(operation, preposition));

    private static IoError DatagramFailure(int errno, string operation) => errno switch
    {
        Errno.EMSGSIZE => new IoError(
            IoErrorCode.InvalidArgument, Errno.ToNative(errno), $"{operation} failed: the datagram is too large for the socket or its way."),
        Errno.EINVAL => new IoError(
            IoErrorCode.SocketInvalidAddress, Errno.ToNative(errno), $"{operation} failed: {Errno.Describe(errno)}"),
        _ => Errno.ToSocketError(errno, operation),
    };

    private IoError CheckDatagram(string action) =>
        _loop is null || !_loop.IsOnLoop ? IoErrorCode.EventLoopThreadOnly
        : !IsDatagram ? new IoError(
            IoErrorCode.SocketInvalidOperationForType, $"A stream has no datagrams that could be {action}; the socket's type must be Datagram.")
        : IoError.None;

    /// <summary>What only a socket for datagrams needs.</summary>
    private sealed class DatagramState
    {
        // Where received ones go, and who is told.
        internal DatagramBatch? Batch;
        internal DatagramCallback? Callback;
        internal object? CallbackState;

        internal IoTask? ReceiveAgain;
        internal TimeSpan ReceiveDelay;

        // What the system had to say behind datagrams that it had: told next.
        internal int LaterErrno;

        internal IoTask? SendAgain;
        internal TimeSpan SendDelay;
    }
}
