using System.Runtime.InteropServices;

namespace AwsIO.Native.Unix;

/// <summary>Calls of <c>signal.h</c>.</summary>
internal static unsafe partial class LibcSignals
{
    private const int BrokenPipe = 13;

    // Larger than the structures of any system.
    private const int StructureSize = 512;

    /// <summary>
    /// Keeps SIGPIPE away from the calling thread, where the process would die of it. Sockets have a flag for each call; pipes have none.
    /// </summary>
    /// <remarks>
    /// The runtime has the process ignore the signal, and then nothing is done. A program may have put the default back: there the thread
    /// blocks the signal, for good.
    /// </remarks>
    internal static void BlockBrokenPipeSignal()
    {
        const nint ignored = 1;
        byte* action = stackalloc byte[StructureSize];

        // The handler is the structure's first member everywhere.
        if (sigaction(BrokenPipe, null, action) == 0 && *(nint*)action == ignored)
        {
            return;
        }

        int block = OperatingSystem.IsLinux() ? 0 : 1;
        byte* set = stackalloc byte[StructureSize];
        _ = sigemptyset(set);
        _ = sigaddset(set, BrokenPipe);
        _ = pthread_sigmask(block, set, null);
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, void* newAction, void* oldAction);

    [LibraryImport("libc")]
    private static partial int sigemptyset(void* set);

    [LibraryImport("libc")]
    private static partial int sigaddset(void* set, int signal);

    [LibraryImport("libc")]
    private static partial int pthread_sigmask(int how, void* set, void* oldSet);
}
