namespace AwsIO.Tests.Infrastructure.Scale;

/// <summary>The smallest application there is: counts what comes, and gives it back if it is to. Keeps nothing.</summary>
internal sealed class TallyHandler(Tally received, bool echoes = false) : ChannelHandler
{
    /// <summary>Called on the loop with each message's size, after it was counted.</summary>
    internal Action<int>? OnMessage { get; set; }

    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        int size = message.Length;
        if (echoes)
        {
            Write(message.Data);
        }

        message.Release();
        slot.IncrementReadWindow(size);
        received.Add(size);
        OnMessage?.Invoke(size);
        return IoError.None;
    }

    /// <summary>Writes on the loop's thread, and asks for no completion unless there is somebody to be told.</summary>
    internal void Write(ReadOnlySpan<byte> data, Action<IoError>? completed = null)
    {
        do
        {
            IoMessage message = Slot!.Channel.RentMessage(Math.Min(data.Length, MessagePool.FragmentSize));
            data = data[message.Append(data)..];
            if (data.IsEmpty && completed is not null)
            {
                message.OnCompleted(static (_, error, state) => ((Action<IoError>)state!)(error), completed);
            }

            if (Slot.Send(message, ChannelDirection.Write).IsError)
            {
                message.Release();
                return;
            }
        }
        while (!data.IsEmpty);
    }
}
