using System.Buffers;

namespace AwsIO;

/// <summary>One write to a pipe on its way: queued, then kept by its write end for the next one.</summary>
internal sealed class PipeWriteRequest
{
    internal PipeWriteRequest? Next;
    internal ReadOnlyMemory<byte> Data;
    internal MemoryHandle Pin;
    internal int Sent;
    internal PipeWriteCallback? Callback;
    internal object? State;

    /// <summary>How many bytes the pipe has not taken.</summary>
    internal int Left => Data.Length - Sent;
}

/// <summary>The writes of one pipe that are not over, in order, and spent requests for those to come. Loop thread only.</summary>
internal sealed class PipeWriteQueue
{
    private const int MaxFree = 1024;

    private PipeWriteRequest? _last;
    private PipeWriteRequest? _free;
    private int _freeCount;

    /// <summary>The write whose turn it is; null when all are over.</summary>
    internal PipeWriteRequest? First { get; private set; }

    internal int Count { get; private set; }

    /// <summary>Puts a write behind all others. Its memory stays where it is until it is taken out.</summary>
    internal void Add(ReadOnlyMemory<byte> data, PipeWriteCallback? callback, object? state)
    {
        // May throw where the memory is a manager's that has been disposed: nothing is queued then.
        MemoryHandle pin = data.Pin();
        PipeWriteRequest request = Rent();
        request.Data = data;
        request.Pin = pin;
        request.Callback = callback;
        request.State = state;
        if (_last is null)
        {
            First = request;
        }
        else
        {
            _last.Next = request;
        }

        _last = request;
        Count++;
    }

    /// <summary>Takes the first write out. It stays whole until it is given back to <see cref="Free"/>.</summary>
    internal PipeWriteRequest Take()
    {
        PipeWriteRequest request = First!;
        First = request.Next;
        request.Next = null;
        if (First is null)
        {
            _last = null;
        }

        Count--;
        return request;
    }

    /// <summary>Keeps a request for a write to come.</summary>
    internal void Free(PipeWriteRequest request)
    {
        request.Data = default;
        request.Pin = default;
        request.Sent = 0;
        request.Callback = null;
        request.State = null;
        if (_freeCount < MaxFree)
        {
            request.Next = _free;
            _free = request;
            _freeCount++;
        }
    }

    private PipeWriteRequest Rent()
    {
        if (_free is not { } request)
        {
            return new PipeWriteRequest();
        }

        _free = request.Next;
        _freeCount--;
        request.Next = null;
        return request;
    }
}
