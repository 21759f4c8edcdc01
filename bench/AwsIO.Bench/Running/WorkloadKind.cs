namespace AwsIO.Bench.Running;

/// <summary>What the connections do.</summary>
internal enum WorkloadKind
{
    /// <summary>
    /// The server echoes each chunk as it reads it; a client counts a message back and then sends the next. One
    /// operation is one round trip.
    /// </summary>
    Echo,

    /// <summary>
    /// Clients send, with a fixed number of messages in flight; the server counts bytes. One operation is one message
    /// received.
    /// </summary>
    Bulk,
}
