namespace AwsIO;

/// <summary>One write on its way: queued, then completed, then kept by its loop for the next one.</summary>
internal sealed class SocketWriteRequest
{
    internal SocketWriteRequest? Next;
    internal ReadOnlyMemory<byte> Data;
    internal int Sent;
    internal bool IsPinned;
    internal SocketWriteCallback? Callback;
    internal object? State;
    internal IoError Error;

    /// <summary>Where a datagram goes; the request's own for good. Null for streams.</summary>
    internal DatagramTarget? To;
}

/// <summary>The address of a datagram on its way.</summary>
internal sealed class DatagramTarget
{
    internal DatagramAddress Value;
}

/// <summary>Free write requests of one loop. Loop thread only.</summary>
internal sealed class SocketWriteRequestPool
{
    private const int LocalKey = 1;
    private const int DatagramsLocalKey = 3;
    private const int MaxFree = 1024;

    private readonly bool _forDatagrams;
    private SocketWriteRequest? _first;
    private int _count;

    private SocketWriteRequestPool(bool forDatagrams) => _forDatagrams = forDatagrams;

    internal static SocketWriteRequestPool Of(EventLoop loop) =>
        loop.GetOrAddLocal(LocalKey, static _ => new SocketWriteRequestPool(forDatagrams: false));

    /// <summary>A pool apart: its requests have addresses.</summary>
    internal static SocketWriteRequestPool OfDatagrams(EventLoop loop) =>
        loop.GetOrAddLocal(DatagramsLocalKey, static _ => new SocketWriteRequestPool(forDatagrams: true));

    internal SocketWriteRequest Rent()
    {
        SocketWriteRequest? request = _first;
        if (request is null)
        {
            return new SocketWriteRequest { To = _forDatagrams ? new DatagramTarget() : null };
        }

        _first = request.Next;
        _count--;
        request.Next = null;
        return request;
    }

    internal void Return(SocketWriteRequest request)
    {
        request.Data = default;
        request.Callback = null;
        request.State = null;
        request.Error = default;
        request.Sent = 0;
        request.IsPinned = false;
        request.Next = null;
        if (_count < MaxFree)
        {
            request.Next = _first;
            _first = request;
            _count++;
        }
    }
}
