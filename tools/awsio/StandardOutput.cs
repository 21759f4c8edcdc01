using Microsoft.Win32.SafeHandles;

namespace AwsIO.Tool;

/// <summary>Standard output for bytes.</summary>
internal static class StandardOutput
{
    /// <summary>
    /// Opens it. The console's own stream swallows the error of a pipe that nobody reads any more, and a file stream keeps a position
    /// of its own, which is wrong for a file that others append to: each is used where it is right.
    /// </summary>
    internal static Stream Open()
    {
        FileStream stream = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek || !Console.IsOutputRedirected ? Console.OpenStandardOutput() : stream;
    }

    internal static async Task WriteAsync(Stream output, ReadOnlyMemory<byte> data)
    {
        try
        {
            await output.WriteAsync(data);
        }
        catch (IOException exception) when (output is FileStream)
        {
            throw new OutputClosedException(exception);
        }
    }
}
