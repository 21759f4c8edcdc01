namespace AwsIO.Tasks;

/// <summary>Where code after an <c>await</c> of a connection's operation goes on.</summary>
public enum ContinuationMode
{
    /// <summary>On the thread pool: whatever the code does, no other connection waits for it. The default.</summary>
    ThreadPool = 0,

    /// <summary>
    /// On the event loop's own thread, without a change of threads: the fastest. The code must never block, and must not compute for
    /// long: all connections of the loop wait for it.
    /// </summary>
    Inline = 1,
}
