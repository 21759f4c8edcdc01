namespace AwsIO;

/// <summary>A descriptor as an event loop knows it (<c>aws_io_handle</c>). It does not own the descriptor.</summary>
/// <param name="descriptor">A file descriptor that can be polled: a socket, a pipe, an eventfd.</param>
public sealed class IoHandle(int descriptor)
{
    /// <summary>The file descriptor.</summary>
    public int Descriptor { get; } = descriptor;

    // The index into the loop's subscription table; -1 while there is no subscription.
    internal int SubscriptionSlot { get; set; } = -1;
}
