namespace AwsIO.Tasks;

/// <summary>Where code after an <c>await</c> of a connection's operation goes on.</summary>
public enum ContinuationMode
{
    /// <summary>On the thread pool: whatever the code does, no other connection waits for it. The default.</summary>
    ThreadPool = 0,

    /// <summary>
    /// On the event loop's own thread, without a change of threads: the fastest. The code must never block, and must not compute for
    /// long: all connections of the loop wait for it. It begins there with the first operation that really waits: code behind
    /// <see cref="IoListener.AcceptAsync"/> or inside a loop over <see cref="IoListener.AcceptAllAsync"/> still goes on on the thread pool
    /// until then, as does code behind an operation that had its result at once.
    /// </summary>
    Inline = 1,
}
