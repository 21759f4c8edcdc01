namespace AwsIO;

/// <summary>
/// Watches what goes through its place in a channel, and tells when nothing has for too long. It passes everything on; put it behind the
/// socket's handler, or behind TLS to watch the plaintext.
/// </summary>
public sealed class ChannelTimeoutHandler : ChannelHandler
{
    private const long Never = long.MaxValue;

    private readonly ChannelTimeoutOptions _options;
    private readonly long _readSpan;
    private readonly long _writeSpan;
    private readonly long _idleSpan;
    private readonly ChannelTask _timer;
    private long _lastRead;
    private long _lastActive;
    private long _stuckSince = Never;
    private long _sentThen;
    private bool _readEnded;
    private bool _isDown;
    private bool _rearming;

    /// <summary>Makes a handler.</summary>
    /// <param name="options">How long, and what then.</param>
    /// <exception cref="ArgumentOutOfRangeException">A span is neither positive nor infinite.</exception>
    public ChannelTimeoutHandler(ChannelTimeoutOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
        _readSpan = ToSpan(options.ReadTimeout);
        _writeSpan = ToSpan(options.WriteTimeout);
        _idleSpan = ToSpan(options.IdleTimeout);
        _timer = ChannelTask.Create(static (handler, status) => handler.OnTimer(status), this);
    }

    /// <inheritdoc/>
    protected internal override long InitialWindow => 0;

    private IoChannel Channel => Slot!.Channel;

    private long Now => Channel.EventLoop.CurrentTime;

    /// <inheritdoc/>
    protected internal override IoError OnInstalled(ChannelSlot slot)
    {
        _lastRead = Now;
        _lastActive = _lastRead;
        Arm();
        return IoError.None;
    }

    /// <inheritdoc/>
    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        _lastRead = Now;
        _lastActive = _lastRead;
        return base.OnRead(slot, message);
    }

    /// <inheritdoc/>
    protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
    {
        _lastActive = Now;
        IoError error = base.OnWrite(slot, message);
        if (_writeSpan != Never && _stuckSince == Never && error.IsNone)
        {
            LookAtWrites(_lastActive);
            if (_stuckSince != Never)
            {
                Arm();
            }
        }

        return error;
    }

    /// <inheritdoc/>
    protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (slot.DownstreamWindow <= size)
        {
            // Until now nothing could come.
            _lastRead = Now;
        }

        base.OnWindowIncrement(slot, size);
    }

    /// <inheritdoc/>
    protected internal override void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        _readEnded = true;
        base.OnReadEnd(slot, reason);
    }

    /// <inheritdoc/>
    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        // From now on the channel's own limit counts.
        StopTimer();
        base.OnShutdown(slot, direction, reason, mode);
    }

    /// <inheritdoc/>
    protected internal override void OnDestroyed() => StopTimer();

    private static long ToSpan(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? Never : IoClock.ToNanoseconds(span);

    private static long Add(long time, long span) => span == Never || time > Never - span ? Never : time + span;

    private void StopTimer()
    {
        _isDown = true;
        if (_timer.IsScheduled)
        {
            Channel.Cancel(_timer);
        }
    }

    /// <summary>Has the timer come at the next moment at which something may be too late.</summary>
    private void Arm()
    {
        long read = _readEnded ? Never : Add(_lastRead, _readSpan);
        long write = _stuckSince == Never ? Never : Add(Now, Math.Max(_writeSpan / 4, 1));
        long next = Math.Min(Math.Min(read, write), Add(_lastActive, _idleSpan));
        if (_isDown || next == Never)
        {
            return;
        }

        if (_timer.IsScheduled)
        {
            _rearming = true;
            Channel.Cancel(_timer);
            _rearming = false;
        }

        Channel.ScheduleAt(_timer, next);
    }

    private void OnTimer(IoTaskStatus status)
    {
        if (status != IoTaskStatus.Run || _isDown || _rearming)
        {
            return;
        }

        long now = Now;
        if (Slot!.DownstreamWindow <= 0)
        {
            _lastRead = now;
        }

        if (_stuckSince != Never && LookAtWrites(now))
        {
            _stuckSince = now;
            Tell(ChannelTimeoutKind.Write);
        }

        if (!_readEnded && now >= Add(_lastRead, _readSpan))
        {
            _lastRead = now;
            Tell(ChannelTimeoutKind.Read);
        }

        if (now >= Add(_lastActive, _idleSpan))
        {
            _lastActive = now;
            Tell(ChannelTimeoutKind.Idle);
        }

        Arm();
    }

    /// <summary>Notes whether anything waits to be sent, and since when it has made no progress.</summary>
    /// <returns>Whether that is too long.</returns>
    private bool LookAtWrites(long now)
    {
        WriteProgress progress = Channel.WriteProgress;
        if (progress.Unsent == 0)
        {
            _stuckSince = Never;
        }
        else if (_stuckSince == Never || progress.Sent != _sentThen)
        {
            _stuckSince = now;
            _sentThen = progress.Sent;
        }

        return _stuckSince != Never && now >= Add(_stuckSince, _writeSpan);
    }

    private void Tell(ChannelTimeoutKind kind)
    {
        if (_isDown)
        {
            return;
        }

        if (_options.OnTimeout is { } callback)
        {
            callback(Channel, kind);
            return;
        }

        TimeSpan span = kind switch
        {
            ChannelTimeoutKind.Read => _options.ReadTimeout,
            ChannelTimeoutKind.Write => _options.WriteTimeout,
            _ => _options.IdleTimeout,
        };
        string what = kind switch
        {
            ChannelTimeoutKind.Read => "Nothing came from the peer",
            ChannelTimeoutKind.Write => "The peer took nothing of what was written",
            _ => "Nothing came from the peer and nothing was written",
        };
        IoError error = new(IoErrorCode.SocketTimeout, $"{what} for {span.TotalMilliseconds} ms.");
        if (kind == ChannelTimeoutKind.Write)
        {
            Channel.Abort(error);
        }
        else
        {
            Channel.Shutdown(error);
        }
    }
}
