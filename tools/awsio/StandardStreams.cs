using Microsoft.Win32.SafeHandles;

namespace AwsIO.Tool;

/// <summary>Standard input and output for bytes.</summary>
internal static class StandardStreams
{
    // O_CLOEXEC, as Linux shows it.
    private const int CloseOnExec = 0x80000;

    internal static Stream OpenInput() => IsInherited(0) ? Console.OpenStandardInput() : Stream.Null;

    /// <summary>
    /// Opens standard output. The console's own stream swallows the error of a pipe that nobody reads any more, and a file stream keeps
    /// a position of its own, which is wrong for a file that others append to: each is used where it is right.
    /// </summary>
    internal static Stream OpenOutput()
    {
        if (!IsInherited(1))
        {
            throw new IOException("Standard output is closed.");
        }

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

    /// <summary>
    /// Whether a descriptor came from whoever started the tool. Where the shell closed it, the runtime has opened something of its own
    /// under that number; what the runtime opens is closed on exec, and what was inherited cannot be.
    /// </summary>
    private static bool IsInherited(int descriptor)
    {
        try
        {
            string? flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}")
                .FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal))?["flags:".Length..].Trim();
            return flags is null || (Convert.ToInt32(flags, 8) & CloseOnExec) == 0;
        }
        catch (IOException)
        {
            return !Directory.Exists("/proc/self/fdinfo");
        }
    }
}
