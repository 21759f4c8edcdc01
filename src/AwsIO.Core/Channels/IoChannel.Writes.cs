namespace AwsIO;

/// <summary>How much waits to be sent, and who is told of it.</summary>
public sealed partial class IoChannel
{
    private readonly long _writeLowWatermark;
    private IoTask? _writabilityTask;
    private bool _toldWritable = true;

    /// <summary>
    /// Whether less waits to be sent than the channel's high-water mark; once it was passed, whether it has fallen to the low one. Nothing is
    /// refused meanwhile: it is for who writes to look at. Loop thread.
    /// </summary>
    public bool IsWritable { get; private set; } = true;

    /// <summary>Bytes that were written and that no socket has taken yet, wherever in the channel they wait. Loop thread.</summary>
    public long UnsentBytes => WriteProgress.Unsent;

    internal long WriteHighWatermark { get; }

    internal WriteProgress WriteProgress
    {
        get
        {
            WriteProgress sum = default;
            for (ChannelSlot? slot = First; slot is not null; slot = slot.Right)
            {
                if (slot.Handler is { } handler)
                {
                    WriteProgress own = handler.WriteProgress;
                    sum = new WriteProgress(sum.Sent + own.Sent, sum.Unsent + own.Unsent);
                }
            }

            return sum;
        }
    }

    /// <summary>Compares what waits to be sent with the marks. Loop thread.</summary>
    internal void OnUnsent(long bytes)
    {
        bool isWritable = IsWritable ? bytes <= WriteHighWatermark : bytes <= _writeLowWatermark;
        if (isWritable == IsWritable)
        {
            return;
        }

        IsWritable = isWritable;
        _writabilityTask ??= IoTask.Create(static (channel, status) => channel.OnWritabilityTask(status), this);
        if (!_writabilityTask.IsScheduled)
        {
            EventLoop.Schedule(_writabilityTask);
        }
    }

    private void OnWritabilityTask(IoTaskStatus status)
    {
        if (status != IoTaskStatus.Run || IsWritable == _toldWritable || _state == ChannelState.ShutDown)
        {
            return;
        }

        _toldWritable = IsWritable;
        try
        {
            First?.SendWritability(_toldWritable);
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
        }
    }
}
