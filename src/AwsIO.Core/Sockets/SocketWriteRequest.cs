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
}

/// <summary>Free write requests of one loop. Loop thread only.</summary>
internal sealed class SocketWriteRequestPool
{
    private const int LocalKey = 1;
    private const int MaxFree = 1024;

    private SocketWriteRequest? _first;
    private int _count;

    internal static SocketWriteRequestPool Of(EventLoop loop) =>
        loop.GetOrAddLocal(LocalKey, static _ => new SocketWriteRequestPool());

    internal SocketWriteRequest Rent()
    {
        SocketWriteRequest? request = _first;
        if (request is null)
        {
            return new SocketWriteRequest();
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
