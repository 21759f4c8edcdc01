namespace AwsIO;

/// <summary>Told of a subscribed descriptor's events (<c>aws_event_loop_on_event_fn</c>).</summary>
public interface IIoEventHandler
{
    /// <summary>
    /// Something happened. Runs on the loop's thread. Events are edges: what is not read or written to the end now is not reported
    /// again until more happens.
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="handle">The descriptor.</param>
    /// <param name="events">What happened, one or more flags.</param>
    void OnEvents(EventLoop loop, IoHandle handle, IoEvents events);

    /// <summary>
    /// The loop ends while the subscription stands: let go of the descriptor now. Runs on the loop's thread, after the last event.
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="handle">The descriptor, unsubscribed already.</param>
    void OnLoopEnding(EventLoop loop, IoHandle handle);
}
