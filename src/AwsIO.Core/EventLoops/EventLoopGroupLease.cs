namespace AwsIO;

/// <summary>A hold on an <see cref="EventLoopGroup"/>, which <see cref="EventLoopGroup.Acquire"/> gives. Any thread.</summary>
public sealed class EventLoopGroupLease : IDisposable
{
    private EventLoopGroup? _group;

    internal EventLoopGroupLease(EventLoopGroup group)
    {
        _group = group;
        Group = group;
    }

    /// <summary>The group that is held, or was.</summary>
    public EventLoopGroup Group { get; }

    /// <summary>
    /// Ends the hold; the group ends when it was the last (<c>aws_event_loop_group_release</c>). Never blocks; a second call does
    /// nothing.
    /// </summary>
    public void Dispose() => Interlocked.Exchange(ref _group, null)?.RemoveHolder();
}
