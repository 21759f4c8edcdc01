namespace AwsIO.Testing;

/// <summary>What a <see cref="FaultPlan"/> is limited to. Uses outside the limits pass, and are not counted.</summary>
public sealed class FaultPlanOptions
{
    /// <summary>
    /// The one thread whose calls count, by its <see cref="Thread.ManagedThreadId"/>, such as an event loop's; null for all threads.
    /// </summary>
    public int? ManagedThreadId { get; init; }

    /// <summary>
    /// The descriptors on which calls count, such as an <see cref="IoSocket.Descriptor"/>; null for all. Calls that have none, such as
    /// <c>socket</c> and those of OpenSSL, do not count then. A number counts for whatever the system gives it to.
    /// </summary>
    public IReadOnlyCollection<int>? Descriptors { get; init; }
}
