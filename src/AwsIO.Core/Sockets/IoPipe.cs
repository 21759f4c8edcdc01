using System.Diagnostics.CodeAnalysis;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>
/// A pipe of the system, whose ends live on event loops: on one, or on two different ones (<c>aws_pipe</c>).
/// </summary>
/// <remarks>
/// Either end closes itself when its loop ends. Both are non-blocking, and no child process inherits them. A pipe differs from a
/// socket: a write completes inside the call where there is room, and the end of what is read is no error.
/// </remarks>
public sealed class IoPipe : IDisposable
{
    private IoPipe(IoPipeReadEnd readEnd, IoPipeWriteEnd writeEnd)
    {
        ReadEnd = readEnd;
        WriteEnd = writeEnd;
    }

    /// <summary>The end that is read. Any thread.</summary>
    public IoPipeReadEnd ReadEnd { get; }

    /// <summary>The end that is written to. Any thread.</summary>
    public IoPipeWriteEnd WriteEnd { get; }

    /// <summary>Makes a pipe (<c>aws_pipe_init</c>). Any thread.</summary>
    /// <param name="readLoop">The loop that the read end lives on.</param>
    /// <param name="writeLoop">The loop that the write end lives on; may be the same.</param>
    /// <returns>
    /// The pipe, or <see cref="IoErrorCode.MaxFileDescriptorsExceeded"/>, <see cref="IoErrorCode.OutOfMemory"/>,
    /// <see cref="IoErrorCode.NoPermission"/>, <see cref="IoErrorCode.SystemCallFailure"/> for anything else that the kernel refuses, or
    /// <see cref="IoErrorCode.EventLoopShutdown"/> when the write end's loop is ending. A read end whose loop is ending closes itself
    /// soon.
    /// </returns>
    /// <exception cref="ArgumentNullException">There is no loop for one of the ends.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns both ends.")]
    public static unsafe IoResult<IoPipe> Create(EventLoop readLoop, EventLoop writeLoop)
    {
        ArgumentNullException.ThrowIfNull(readLoop);
        ArgumentNullException.ThrowIfNull(writeLoop);
        int* descriptors = stackalloc int[2];
        int result = Libc.Pipe(descriptors);
        if (result < 0)
        {
            return new(Errno.ToSystemError(-result, "Making a pipe"));
        }

        IoPipeWriteEnd writeEnd = new(descriptors[1], writeLoop);
        IoError error = writeEnd.Open();
        if (error.IsError)
        {
            _ = Libc.Close(descriptors[0]);
            _ = Libc.Close(descriptors[1]);
            return new(error);
        }

        IoPipeReadEnd readEnd = new(descriptors[0], readLoop);
        readEnd.Open();
        return new(new IoPipe(readEnd, writeEnd));
    }

    /// <summary>Closes both ends, as <see cref="IoPipeEnd.Dispose"/> of each does. Any thread, any number of times.</summary>
    public void Dispose()
    {
        WriteEnd.Dispose();
        ReadEnd.Dispose();
    }
}
