namespace AwsIO;

/// <summary>Futures that call back on channels.</summary>
public static class ChannelFutureExtensions
{
    /// <summary>
    /// Calls back on a channel's thread once the future is done, always by a task, even from that very thread
    /// (<c>aws_future_register_channel_callback</c>). Any thread.
    /// </summary>
    /// <remarks>
    /// The channel's group is held until then: releasing it does not end the loop, whether the channel has shut down or not. When the
    /// group is disposed all the same the callback comes too, at the latest on a thread of the pool. When the future is disposed before it
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
        ChannelCallback<T> pending = new(future, channel.EventLoop, callback);
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
    /// <remarks>The channel's group is held until then, as it is for a future with a result.</remarks>
    /// <param name="future">The future.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="callback">Given the future.</param>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public static void OnComplete(this Future future, IoChannel channel, Action<Future> callback)
    {
        ArgumentNullException.ThrowIfNull(future);
        future.Inner.OnComplete(channel, future.WithThis(callback));
    }

    /// <summary>One callback that is to come, and the hold on the group until it has.</summary>
    private sealed class ChannelCallback<T> : IoTask, IDisposable
    {
        private readonly Future<T> _future;
        private readonly EventLoop _loop;
        private readonly Action<Future<T>> _callback;
        private EventLoopGroup? _heldGroup;

        internal ChannelCallback(Future<T> future, EventLoop loop, Action<Future<T>> callback)
        {
            _future = future;
            _loop = loop;
            _callback = callback;
            _heldGroup = loop.Group is { } group && group.TryAddHolder() ? group : null;
        }

        // Of a future that nobody has any more, which can never be done.
        ~ChannelCallback() => Dispose();

        internal void OnDone(Future<T> future) => _loop.Schedule(this);

        public void Dispose()
        {
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
