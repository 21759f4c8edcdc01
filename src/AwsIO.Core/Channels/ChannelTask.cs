namespace AwsIO;

/// <summary>
/// Something that a channel's loop runs while the channel lives: what still waits when the channel has shut down is cancelled
/// (<c>aws_channel_task</c>). Derive from it, or make one with <see cref="Create"/>; scheduling on the loop allocates nothing.
/// </summary>
/// <remarks>
/// A task that was scheduled is called exactly once and may then be scheduled again, from its own call too. It belongs to the channel on
/// which it was scheduled first. Scheduled on a loop rather than on a channel, it is a task like any other.
/// </remarks>
public abstract class ChannelTask : IoTask
{
    // Links of the channel's list of timers.
    internal ChannelTask? NextPending;
    internal ChannelTask? PreviousPending;
    internal bool IsPending;

    private IoChannel? _channel;

    /// <summary>Makes a task from a delegate.</summary>
    /// <typeparam name="TState">What the delegate works on.</typeparam>
    /// <param name="run">Called on the loop's thread; a static lambda captures nothing.</param>
    /// <param name="state">Handed to the delegate.</param>
    /// <returns>A task that can be scheduled again and again.</returns>
    public new static ChannelTask Create<TState>(Action<TState, IoTaskStatus> run, TState state)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new DelegateTask<TState>(run, state);
    }

    /// <summary>Does the work. Runs on the loop's thread; an exception shuts the channel down.</summary>
    /// <param name="status">
    /// Whether to run, or only to let go. Canceled means that the channel has shut down, that somebody cancelled the task, or that the loop
    /// is ending.
    /// </param>
    protected abstract void OnRun(IoTaskStatus status);

    /// <inheritdoc/>
    protected sealed override void Run(IoTaskStatus status)
    {
        if (_channel is { } channel)
        {
            channel.CallTask(this, status);
        }
        else
        {
            OnRun(status);
        }
    }

    internal void Invoke(IoTaskStatus status) => OnRun(status);

    /// <summary>Makes the task a channel's.</summary>
    internal void Bind(IoChannel channel)
    {
        IoChannel? owner = Interlocked.CompareExchange(ref _channel, channel, null);
        if (owner is not null && !ReferenceEquals(owner, channel))
        {
            throw new InvalidOperationException("A task belongs to the channel on which it was scheduled first: make one for each channel.");
        }
    }

    private sealed class DelegateTask<TState>(Action<TState, IoTaskStatus> run, TState state) : ChannelTask
    {
        internal override Delegate Method => run;

        protected override void OnRun(IoTaskStatus status) => run(state, status);
    }
}
