namespace AwsIO.Bench.Running;

/// <summary>What the connections do. The names, in lower case, are the commands.</summary>
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

    /// <summary>
    /// A client connects, sends a message once the connection is set up, and closes once the message is back; the next
    /// connection goes out when this one has been shut down. One operation is one such cycle.
    /// </summary>
    Connect,

    /// <summary>Each connection echoes one message, and is then left alone. What is measured is memory.</summary>
    Idle,

    /// <summary>
    /// Each connection echoes a message from time to time, and one more beside them sends as much as it can. What is
    /// measured is what the quiet ones wait.
    /// </summary>
    Fairness,
}
