namespace AwsIO;

/// <summary>Reports of what the handlers have counted.</summary>
public sealed partial class IoChannel
{
    private static readonly TimeSpan s_leastInterval = TimeSpan.FromMilliseconds(1);

    private ChannelStatisticsHandler? _statisticsHandler;
    private List<ChannelStatistics>? _statistics;
    private IoTask? _statisticsTask;
    private long _intervalBegin;
    private bool _isDestroyed;

    /// <summary>
    /// Sets who is given what the channel's handlers count (<c>aws_channel_set_statistics_handler</c>). The one before is destroyed at once,
    /// the last one with the channel's handlers. No report comes once the channel has begun to shut down. Loop thread only.
    /// </summary>
    /// <param name="handler">From now on the channel's; null for nobody.</param>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public void SetStatisticsHandler(ChannelStatisticsHandler? handler)
    {
        EventLoop.AssertOnLoop();
        StopStatistics();
        ChannelStatisticsHandler? before = _statisticsHandler;
        _statisticsHandler = handler;
        if (!ReferenceEquals(before, handler))
        {
            DestroyStatisticsHandler(before);
        }

        if (_isDestroyed)
        {
            _statisticsHandler = null;
            DestroyStatisticsHandler(handler);
        }
        else if (handler is not null && _state <= ChannelState.Active)
        {
            _intervalBegin = EventLoop.CurrentTime;
            ResetStatistics();
            ScheduleStatistics(handler);
        }
    }

    private void ScheduleStatistics(ChannelStatisticsHandler handler)
    {
        TimeSpan interval;
        try
        {
            interval = handler.ReportInterval;
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
            return;
        }

        _statisticsTask ??= IoTask.Create(static (channel, status) => channel.OnStatisticsTask(status), this);
        EventLoop.ScheduleAt(
            _statisticsTask,
            interval == Timeout.InfiniteTimeSpan
                ? long.MaxValue
                : IoClock.After(_intervalBegin, interval < s_leastInterval ? s_leastInterval : interval));
    }

    private void OnStatisticsTask(IoTaskStatus status)
    {
        if (status != IoTaskStatus.Run || _statisticsHandler is not { } handler || _state != ChannelState.Active)
        {
            return;
        }

        long now = EventLoop.CurrentTime;
        StatisticsInterval interval = new(_intervalBegin, now);
        _statistics ??= [];
        try
        {
            for (ChannelSlot? slot = First; slot is not null; slot = slot.Right)
            {
                slot.Handler?.GatherStatistics(_statistics);
            }

            handler.Process(in interval, _statistics, this);
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
        }

        _statistics.Clear();
        if (ReferenceEquals(handler, _statisticsHandler) && _statisticsTask is { IsScheduled: false })
        {
            _intervalBegin = now;
            ResetStatistics();
            ScheduleStatistics(handler);
        }
    }

    private void ResetStatistics()
    {
        try
        {
            for (ChannelSlot? slot = First; slot is not null; slot = slot.Right)
            {
                slot.Handler?.ResetStatistics();
            }
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
        }
    }

    private void StopStatistics()
    {
        if (_statisticsTask is { IsScheduled: true } task)
        {
            EventLoop.Cancel(task);
        }
    }

    private void DestroyStatisticsHandler(ChannelStatisticsHandler? handler)
    {
        try
        {
            handler?.OnDestroyed();
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
        }
    }
}
