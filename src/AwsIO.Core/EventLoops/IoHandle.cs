namespace AwsIO;

/// <summary>
/// A descriptor as an event loop knows it (<c>aws_io_handle</c>). It does not own the descriptor, and is subscribed on one loop at a time.
/// </summary>
/// <param name="descriptor">A file descriptor that can be polled: a socket, a pipe, an eventfd.</param>
public sealed class IoHandle(int descriptor)
{
    private SubscriptionTable? _table;

    /// <summary>The file descriptor.</summary>
    public int Descriptor { get; } = descriptor;

    // The index into the loop's subscription table; -1 while there is no subscription. Touched only by whose handle it is.
    internal int SubscriptionSlot { get; set; } = -1;

    /// <summary>Makes the handle a table's. Any thread.</summary>
    /// <returns>False for one that is another's, or this one's already.</returns>
    internal bool TryClaim(SubscriptionTable table) => Interlocked.CompareExchange(ref _table, table, null) is null;

    /// <summary>Whether the handle is a table's.</summary>
    internal bool IsOf(SubscriptionTable table) => ReferenceEquals(Volatile.Read(ref _table), table);

    /// <summary>Lets the handle be anybody's again.</summary>
    internal void Release() => Volatile.Write(ref _table, null);
}
