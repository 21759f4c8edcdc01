namespace AwsIO.Tool.Demo;

/// <summary>The client's end of the demonstration: a channel handler, on the right of TLS, that carries exchanges out.</summary>
internal sealed class EchoClient : ChannelHandler
{
    private static readonly IoError s_closed = new(IoErrorCode.SocketClosed, "The server ended the connection.");

    private Exchange? _exchange;
    private IoError _end;

    /// <summary>Carries an exchange out. Any thread, one at a time.</summary>
    internal Task RunAsync(Exchange exchange)
    {
        Slot!.Channel.EventLoop.Schedule(IoTask.Create(static (work, _) => work.Client.Begin(work.Exchange), (Client: this, Exchange: exchange)));
        return exchange.Completion;
    }

    /// <summary>Sends bytes. Loop thread.</summary>
    /// <returns>False when the connection has failed, and the exchange with it.</returns>
    internal bool Send(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            IoMessage message = Slot!.Channel.RentMessage(data.Length);
            data = data[message.Append(data)..];
            IoError error = Slot.Send(message, ChannelDirection.Write);
            if (error.IsError)
            {
                message.Release();
                End(error);
                return false;
            }
        }

        return true;
    }

    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        _exchange?.OnData(this, message.Data);
        slot.IncrementReadWindow(message.Length);
        message.Release();
        return IoError.None;
    }

    protected override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        End(reason.IsError ? reason : s_closed);
        slot.CompleteShutdown(direction, reason, mode);
    }

    private void Begin(Exchange exchange)
    {
        _exchange = exchange;
        if (_end.IsError)
        {
            exchange.Fail(_end);
        }
        else
        {
            exchange.Start(this);
        }
    }

    private void End(IoError error)
    {
        _end = _end.IsError ? _end : error;
        _exchange?.Fail(error);
    }
}
