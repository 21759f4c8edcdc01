using System.Buffers;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>The application's end of a channel: keeps what comes, and writes from any thread.</summary>
internal sealed class Recorder : ChannelHandler
{
    private const int MessageSize = 16 * 1024;

    private readonly object _gate = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<(long Count, TaskCompletionSource Done)> _waiters = [];
    private readonly List<int> _sizes = [];
    private long _count;

    /// <summary>How many bytes are taken at first.</summary>
    internal long FirstWindow { get; init; } = long.MaxValue;

    /// <summary>Whether each message's bytes are granted again.</summary>
    internal bool Regrants { get; init; }

    /// <summary>Whether the peer's end is kept to itself, so that writing can go on.</summary>
    internal bool StaysAfterReadEnd { get; init; }

    /// <summary>Called on the loop with each message's bytes.</summary>
    internal Action<byte[]>? OnMessage { get; set; }

    /// <summary>What is answered to data, which is then not kept.</summary>
    internal IoError Refusal { get; set; }

    internal Signal<IoError> ReadEnd { get; } = new();

    internal Signal<bool> Destroyed { get; } = new();

    protected internal override long InitialWindow => FirstWindow;

    internal long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    internal IReadOnlyList<int> Sizes
    {
        get
        {
            lock (_gate)
            {
                return [.. _sizes];
            }
        }
    }

    internal byte[] Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes.WrittenSpan.ToArray();
            }
        }
    }

    internal string Text => System.Text.Encoding.UTF8.GetString(Bytes);

    /// <summary>Completes when so many bytes have come in all.</summary>
    internal Task Received(long count)
    {
        lock (_gate)
        {
            if (_count >= count)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, done));
            return done.Task;
        }
    }

    /// <summary>Writes, and gives the completion's error, or the send's.</summary>
    internal Task<IoError> Send(byte[] data, bool isLast = false)
    {
        TaskCompletionSource<IoError> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChannelSlot slot = Slot ?? throw new InvalidOperationException("The handler is in no channel.");
        slot.Channel.EventLoop.Schedule(IoTask.Create(
            static (work, status) =>
            {
                if (status != IoTaskStatus.Run)
                {
                    work.done.TrySetResult(IoErrorCode.EventLoopShutdown);
                    return;
                }

                work.self.SendNow(work.data, work.isLast, work.done);
            },
            (self: this, data, isLast, done)));
        return done.Task;
    }

    internal Task<IoError> Send(string text, bool isLast = false) => Send(System.Text.Encoding.UTF8.GetBytes(text), isLast);

    internal Task Grant(long size) => Slot!.Channel.EventLoop.Do(() => Slot!.IncrementReadWindow(size));

    /// <summary>Writes on the loop's thread.</summary>
    internal void SendNow(byte[] data, bool isLast, TaskCompletionSource<IoError>? done)
    {
        int position = 0;
        do
        {
            IoMessage message = Slot!.Channel.RentMessage(Math.Min(MessageSize, Math.Max(data.Length - position, 1)));
            position += message.Append(data.AsSpan(position));
            bool final = position == data.Length;
            message.IsLast = final && isLast;
            if (final && done is not null)
            {
                message.OnCompleted(static (_, error, state) => ((TaskCompletionSource<IoError>)state!).TrySetResult(error), done);
            }

            IoError failure = Slot.Send(message, ChannelDirection.Write);
            if (failure.IsError)
            {
                message.Release();
                done?.TrySetResult(failure);
                return;
            }
        }
        while (position < data.Length);
    }

    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        if (Refusal.IsError)
        {
            return Refusal;
        }

        byte[] data = message.Data.ToArray();
        message.Release();
        List<TaskCompletionSource> reached = [];
        lock (_gate)
        {
            _bytes.Write(data);
            _count += data.Length;
            _sizes.Add(data.Length);
            for (int i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].Count <= _count)
                {
                    reached.Add(_waiters[i].Done);
                    _waiters.RemoveAt(i);
                }
            }
        }

        reached.ForEach(static done => done.TrySetResult());
        if (Regrants)
        {
            slot.IncrementReadWindow(data.Length);
        }

        OnMessage?.Invoke(data);
        return IoError.None;
    }

    protected internal override void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        ReadEnd.Set(reason);
        if (!StaysAfterReadEnd)
        {
            base.OnReadEnd(slot, reason);
        }
    }

    protected internal override void OnDestroyed() => Destroyed.Set(true);
}
