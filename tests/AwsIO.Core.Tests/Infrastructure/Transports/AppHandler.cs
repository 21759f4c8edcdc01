namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>The application's end of a channel: keeps what comes, and does what a test tells it to.</summary>
internal class AppHandler : ChannelHandler
{
    private readonly List<byte> _received = [];

    internal long FirstWindow { get; init; } = long.MaxValue;

    /// <summary>Opens the window again by as much as came.</summary>
    internal bool Refill { get; init; } = true;

    /// <summary>Goes on writing when the peer has ended its direction.</summary>
    internal bool KeepOpenAtReadEnd { get; init; }

    /// <summary>Called for each message before it is kept, and released, whatever this does.</summary>
    internal Action<AppHandler, IoMessage>? Reading { get; set; }

    internal Action<AppHandler, ChannelDirection>? ShuttingDown { get; set; }

    internal Action<AppHandler>? ReadEnding { get; set; }

    internal Conditions Conditions { get; } = new();

    internal List<int> MessageSizes { get; } = [];

    internal List<IoError> ReadEnds { get; } = [];

    internal List<string> Events { get; } = [];

    internal int ReceivedCount => _received.Count;

    internal byte[] Received => [.. _received];

    protected internal override long InitialWindow => FirstWindow;

    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        int size = message.Length;
        MessageSizes.Add(size);
        try
        {
            Reading?.Invoke(this, message);
        }
        finally
        {
            KeepAndRelease(message);
        }

        if (Refill)
        {
            slot.IncrementReadWindow(size);
        }

        Conditions.Changed();
        return IoError.None;
    }

    protected internal override void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        ReadEnds.Add(reason);
        Events.Add("end");
        ReadEnding?.Invoke(this);
        if (!KeepOpenAtReadEnd)
        {
            base.OnReadEnd(slot, reason);
        }

        Conditions.Changed();
    }

    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        Events.Add($"{direction} {mode}");
        ShuttingDown?.Invoke(this, direction);
        base.OnShutdown(slot, direction, reason, mode);
        Conditions.Changed();
    }

    protected internal override void OnDestroyed()
    {
        Events.Add("destroyed");
        Conditions.Changed();
    }

    protected void KeepAndRelease(IoMessage message)
    {
        _received.AddRange(message.Data);
        message.Release();
    }

    /// <summary>Writes bytes as messages of the channel. Loop thread only.</summary>
    internal IoError Write(ReadOnlySpan<byte> data, Action<IoError>? completed = null, bool isLast = false)
    {
        do
        {
            IoMessage message = Slot!.Channel.RentMessage(Math.Min(data.Length, MessagePool.FragmentSize));
            data = data[message.Append(data)..];
            bool ends = data.IsEmpty;
            message.IsLast = isLast && ends;
            if (completed is not null && ends)
            {
                message.OnCompleted(static (_, error, state) => ((Action<IoError>)state!)(error), completed);
            }

            IoError error = SendOrRelease(message);
            if (error.IsError)
            {
                return error;
            }
        }
        while (!data.IsEmpty);
        return IoError.None;
    }

    /// <summary>Writes a message, which is gone then in any case. Loop thread only.</summary>
    internal IoError SendOrRelease(IoMessage message)
    {
        IoError error = Slot!.Send(message, ChannelDirection.Write);
        if (error.IsError)
        {
            message.Release();
        }

        return error;
    }

    internal Task WriteAsync(byte[] data, Action<IoError>? completed = null, bool isLast = false) =>
        Slot!.Channel.EventLoop.On(() => Assert.Equal(IoError.None, Write(data, completed, isLast)));

    internal Task UntilReceived(long count) => Conditions.Until(Slot!.Channel.EventLoop, () => ReceivedCount >= count);

    internal Task Grant(long size) => Slot!.Channel.EventLoop.On(() => Slot.IncrementReadWindow(size));
}
