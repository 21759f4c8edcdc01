namespace AwsIO;

/// <summary>Told of a socket's result or state, on its loop's thread.</summary>
/// <param name="socket">The socket.</param>
/// <param name="error">Why it failed, or no error.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void SocketCallback(IoSocket socket, IoError error, object? state);

/// <summary>Told when a write is over, on the socket's loop's thread, never inside the write.</summary>
/// <param name="socket">The socket.</param>
/// <param name="error">Why it failed, or no error.</param>
/// <param name="bytesWritten">How many of the write's bytes the kernel has taken.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void SocketWriteCallback(IoSocket socket, IoError error, long bytesWritten, object? state);

/// <summary>Told of a connection that was accepted, or of a failure to accept, on the listener's loop's thread.</summary>
/// <param name="listener">The listening socket.</param>
/// <param name="error">Why no connection could be accepted, or no error. The listener goes on either way.</param>
/// <param name="accepted">The connected socket, which belongs to the callback and to no loop yet; null after a failure.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void SocketAcceptCallback(IoSocket listener, IoError error, IoSocket? accepted, object? state);

/// <summary>Told of datagrams that were received, or of an error, on the socket's loop's thread.</summary>
/// <param name="socket">The socket.</param>
/// <param name="error">Why nothing could be received, or no error. The socket goes on either way.</param>
/// <param name="datagrams">The datagrams, until the callback returns; none with an error.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void DatagramCallback(IoSocket socket, IoError error, DatagramBatch datagrams, object? state);
