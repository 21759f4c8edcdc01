namespace AwsIO.Samples;

/// <summary>Told of a request, on the channel's loop's thread.</summary>
/// <param name="handler">Who wants the answer, by <see cref="PipelinedHandler.Answer"/>: now or later.</param>
/// <param name="number">The request's number, which the answer is to bear.</param>
/// <param name="request">The request; good during this call only.</param>
internal delegate void RequestCallback(PipelinedHandler handler, long number, ReadOnlySpan<byte> request);

// <snippet pipelined-server>
/// <summary>
/// Deals with many requests of a connection at the same time, and sends the answers in the requests' order, in whichever they are ready. To
/// its left, each message is one of them.
/// </summary>
internal sealed class PipelinedHandler(int mostUnderWay, int longestRequest, RequestCallback onRequest) : ChannelHandler
{
    // A ring: answers that are ready before those of requests that came earlier.
    private readonly IoMessage?[] _ready = new IoMessage?[mostUnderWay];

    // What came while as many as are allowed were under way. Its bytes are not granted again, so that the peer stops.
    private readonly Queue<IoMessage> _waiting = new();
    private long _oldest;
    private long _next;
    private bool _isTaking;
    private bool _isOver;

    /// <summary>How many requests are being dealt with. Loop thread.</summary>
    internal int UnderWay => (int)(_next - _oldest);

    protected override long InitialWindow => longestRequest;

    /// <summary>Answers a request. Loop thread; once for each request, and in any order.</summary>
    /// <param name="number">The request's number.</param>
    /// <param name="answer">What; copied.</param>
    internal void Answer(long number, ReadOnlySpan<byte> answer)
    {
        ref IoMessage? place = ref _ready[number % _ready.Length];
        if (number < _oldest || number >= _next || place is not null)
        {
            throw new InvalidOperationException($"Request {number} does not wait for an answer.");
        }

        if (_isOver)
        {
            // Nobody is there to take it.
            return;
        }

        place = Slot!.Channel.RentMessage(answer.Length);
        if (place.Append(answer) < answer.Length)
        {
            End(new IoError(IoErrorCode.InvalidArgument, $"An answer of {answer.Length} bytes does not fit one message."));
            return;
        }

        SendReady();
        TakeWaiting();
    }

    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        if (message.Length == 0)
        {
            // No window counts them: they could be without number.
            return new IoError(IoErrorCode.InvalidArgument, "A request has at least one byte.");
        }

        _waiting.Enqueue(message);
        if (_isOver)
        {
            // There is room all the same: a TLS handler ends only when it is rid of what it has decrypted.
            slot.IncrementReadWindow(Drop());
        }

        TakeWaiting();
        return IoError.None;
    }

    /// <summary>While the peer does not take its answers, no more requests of it are dealt with.</summary>
    protected override void OnWritabilityChanged(ChannelSlot slot, bool isWritable) => TakeWaiting();

    protected override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        if (direction == ChannelDirection.Write)
        {
            _isOver = true;
            Drop();
        }

        base.OnShutdown(slot, direction, reason, mode);
    }

    protected override void OnDestroyed()
    {
        _isOver = true;
        Drop();
    }

    private void TakeWaiting()
    {
        if (_isTaking)
        {
            // The callback below has answered at once.
            return;
        }

        _isTaking = true;
        while (!_isOver && UnderWay < _ready.Length && Slot!.Channel.IsWritable && _waiting.TryDequeue(out IoMessage? request))
        {
            Slot.IncrementReadWindow(request.Length);
            try
            {
                onRequest(this, _next++, request.Data);
            }
            finally
            {
                request.Release();
            }
        }

        _isTaking = false;
    }

    private void SendReady()
    {
        while (!_isOver && _oldest < _next && _ready[_oldest % _ready.Length] is { } answer)
        {
            _ready[_oldest % _ready.Length] = null;
            _oldest++;
            IoError error = Slot!.Send(answer, ChannelDirection.Write);
            if (error.IsError)
            {
                answer.Release();
                End(error);
            }
        }
    }

    private void End(IoError reason)
    {
        _isOver = true;
        Slot!.IncrementReadWindow(Drop());
        Slot.Channel.Shutdown(reason);
    }

    /// <summary>Lets go of all messages.</summary>
    /// <returns>How many bytes of requests that was.</returns>
    private int Drop()
    {
        int count = 0;
        foreach (ref IoMessage? answer in _ready.AsSpan())
        {
            answer?.Release();
            answer = null;
        }

        while (_waiting.TryDequeue(out IoMessage? request))
        {
            count += request.Length;
            request.Release();
        }

        return count;
    }
}
// </snippet>
