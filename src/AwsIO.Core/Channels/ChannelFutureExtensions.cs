namespace AwsIO;

/// <summary>Futures that call back on channels.</summary>
public static class ChannelFutureExtensions
{
    /// <summary>
    /// Calls back on a channel's thread once the future is done, always by a task, even from that very thread
    /// (<c>aws_future_register_channel_callback</c>). Any thread.
    /// </summary>
    /// <remarks>
    /// The channel is held until then (<see cref="IoChannel.AcquireHold"/>), and its group: neither are the channel's handlers destroyed, nor
    /// does releasing the group end the loop, whether the channel has shut down or not. When the group is disposed all the same the callback
    /// comes too, at the latest on a thread of the pool. When the future is disposed before it
    /// is done, or nobody can complete it any more, the callback never comes and the group is held no longer.
    /// </remarks>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="future">The future.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="callback">Given the future.</param>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public static void OnComplete<T>(this Future<T> future, IoChannel channel, Action<Future<T>> callback)
    {
        ArgumentNullException.ThrowIfNull(future);
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(callback);
        ChannelCallback<T> pending = new(future, channel, callback);
        try
        {
            future.OnComplete(pending.OnDone, pending.Dispose);
        }
        catch
        {
            pending.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Calls back on a channel's thread once the future is done, always by a task, even from that very thread
    /// (<c>aws_future_register_channel_callback</c>). Any thread.
    /// </summary>
    /// <remarks>The channel and its group are held until then, as they are for a future with a result.</remarks>
    /// <param name="future">The future.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="callback">Given the future.</param>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public static void OnComplete(this Future future, IoChannel channel, Action<Future> callback)
    {
        ArgumentNullException.ThrowIfNull(future);
        future.Inner.OnComplete(channel, future.WithThis(callback));
    }

    /// <summary>One callback that is to come, and the holds until it has.</summary>
    private sealed class ChannelCallback<T> : IoTask, ICallbackHolder, IDisposable
    {
        private readonly Future<T> _future;
        private readonly EventLoop _loop;
        private readonly Action<Future<T>> _callback;
        private IoChannel? _heldChannel;
        private EventLoopGroup? _heldGroup;

        internal ChannelCallback(Future<T> future, IoChannel channel, Action<Future<T>> callback)
        {
            _future = future;
            _loop = channel.EventLoop;
            _callback = callback;

            // The channel holds its group. One whose handlers are destroyed has let go of it.
            _heldChannel = channel.TryAddHold() ? channel : null;
            _heldGroup = _heldChannel is null && _loop.Group is { } group && group.TryAddHolder() ? group : null;
        }

        // Of a future that nobody has any more, which can never be done.
        ~ChannelCallback() => Dispose();

        public Delegate? UserCallback => _callback;

        internal void OnDone(Future<T> future) => _loop.Schedule(this);

        public void Dispose()
        {
            Interlocked.Exchange(ref _heldChannel, null)?.ReleaseHold();
            Interlocked.Exchange(ref _heldGroup, null)?.RemoveHolder();
            GC.SuppressFinalize(this);
        }

        // Canceled or not: whoever waits for the future must learn of it.
        protected override void Run(IoTaskStatus status)
        {
            try
            {
                _callback(_future);
            }
            finally
            {
                Dispose();
            }
        }
    }
}
