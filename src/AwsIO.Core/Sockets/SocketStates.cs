namespace AwsIO;

/// <summary>
/// What a socket is, as flags: Init → Connecting → ConnectedRead | ConnectedWrite → Closed;
/// Init → Bound → Listening → Closed; any → Error → Closed.
/// </summary>
[Flags]
internal enum SocketStates
{
    Init = 1,
    Connecting = 2,
    ConnectedRead = 4,
    ConnectedWrite = 8,
    Bound = 16,
    Listening = 32,
    Error = 64,
    Closed = 128,
}
