namespace AwsIO;

/// <summary>
/// Told that a pipe's read end can be read, on the end's loop's thread (<c>aws_pipe_on_readable_fn</c>).
/// </summary>
/// <param name="readEnd">The read end. The callback may read, end its subscription, and close the end.</param>
/// <param name="error">
/// No error: there is something to read. <see cref="IoErrorCode.BrokenPipe"/>: the write end is closed; what was written before can
/// still be read, and a read behind that succeeds with no bytes.
/// </param>
/// <param name="state">What was given with the callback.</param>
public delegate void PipeReadableCallback(IoPipeReadEnd readEnd, IoError error, object? state);

/// <summary>
/// Told that a write to a pipe is over, on the write end's loop's thread; inside the write itself, where the pipe had room
/// (<c>aws_pipe_on_write_completed_fn</c>).
/// </summary>
/// <param name="writeEnd">The write end; null when it was closed before the write was over.</param>
/// <param name="error">
/// Why not everything was written, or no error. <see cref="IoErrorCode.BrokenPipe"/>: one of the ends was closed.
/// </param>
/// <param name="bytesWritten">How many bytes the pipe has taken: all of them, unless there is an error.</param>
/// <param name="data">The memory that was to be written; it is the caller's own again.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void PipeWriteCallback(
    IoPipeWriteEnd? writeEnd, IoError error, long bytesWritten, ReadOnlyMemory<byte> data, object? state);
