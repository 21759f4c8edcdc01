namespace AwsIO.Samples;

/// <summary>Told once of a request's answer, or of why there is none, on the channel's loop's thread.</summary>
/// <param name="error">Why there is none; no error with an answer.</param>
/// <param name="answer">The answer; good during this call only.</param>
/// <param name="state">What was given with the request.</param>
internal delegate void AnswerCallback(IoError error, ReadOnlySpan<byte> answer, object? state);

// <snippet pipelined-client>
/// <summary>
/// Sends requests without waiting for the answers to those before, and matches the answers, which come in the same order. To its left,
/// each message is one of them.
/// </summary>
internal sealed class PipelinedClient(int mostUnderWay) : ChannelHandler
{
    // A ring: the oldest request that has no answer stands first.
    private readonly (AnswerCallback OnAnswer, object? State)[] _pending = new (AnswerCallback, object?)[mostUnderWay];
    private int _first;
    private IoError? _end;

    /// <summary>How many requests have no answer yet. Loop thread.</summary>
    internal int UnderWay { get; private set; }

    /// <summary>Whether one more request may be sent. Loop thread.</summary>
    internal bool HasRoom => UnderWay < _pending.Length && _end is null;

    /// <summary>Sends a request. Loop thread.</summary>
    /// <param name="request">What; copied.</param>
    /// <param name="onAnswer">Called once, later, unless this answers an error.</param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// <see cref="IoErrorCode.InvalidState"/> while as many as are allowed are under way: every answer makes room for one. Or why nothing
    /// can be sent any more.
    /// </returns>
    internal IoError Request(ReadOnlySpan<byte> request, AnswerCallback onAnswer, object? state)
    {
        if (!HasRoom)
        {
            return _end ?? new IoError(IoErrorCode.InvalidState, $"{UnderWay} requests are under way, and no more are allowed.");
        }

        IoMessage message = Slot!.Channel.RentMessage(request.Length);
        IoError error = message.Append(request) == request.Length
            ? Slot.Send(message, ChannelDirection.Write)
            : new IoError(IoErrorCode.InvalidArgument, $"A request of {request.Length} bytes does not fit one message.");
        if (error.IsError)
        {
            message.Release();
            return error;
        }

        _pending[(_first + UnderWay) % _pending.Length] = (onAnswer, state);
        UnderWay++;
        return IoError.None;
    }

    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        if (UnderWay == 0)
        {
            // The message stays with who sent it, and the channel is shut down.
            return new IoError(IoErrorCode.InvalidState, "The peer has answered what nobody asked.");
        }

        int count = message.Length;
        try
        {
            Complete(IoError.None, message.Data);
        }
        finally
        {
            message.Release();
        }

        slot.IncrementReadWindow(count);
        return IoError.None;
    }

    protected override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        // From the first direction on nothing comes any more.
        Fail(reason);
        base.OnShutdown(slot, direction, reason, mode);
    }

    protected override void OnDestroyed() => Fail(IoError.None);

    private void Fail(IoError reason)
    {
        // Before the callbacks, which may want to send the next request.
        _end ??= reason.IsError ? reason : new IoError(IoErrorCode.SocketClosed, "The connection was closed before the answer came.");
        while (UnderWay > 0)
        {
            Complete(_end.Value, default);
        }
    }

    private void Complete(IoError error, ReadOnlySpan<byte> answer)
    {
        (AnswerCallback onAnswer, object? state) = _pending[_first];
        _pending[_first] = default;
        _first = (_first + 1) % _pending.Length;
        UnderWay--;
        onAnswer(error, answer, state);
    }
}
// </snippet>
