using System.Diagnostics.CodeAnalysis;

namespace AwsIO.Native.Faults;

/// <summary>Starts threads, which the system can refuse as it can anything else.</summary>
internal static class NativeThread
{
    /// <summary>Starts a thread as <see cref="ManagedThreads.Start"/> does.</summary>
    /// <exception cref="OutOfMemoryException">The system has no thread; what the runtime throws then.</exception>
    [SuppressMessage("Usage", "CA2201", Justification = "The runtime's own exception, where the runtime is not called.")]
    [SuppressMessage("Design", "MA0012", Justification = "As CA2201.")]
    internal static void Start(Thread thread)
    {
        if (NativeFaults.IsOn && NativeFaults.Fails(NativeCall.PthreadCreate))
        {
            throw new OutOfMemoryException("pthread_create was failed on purpose.");
        }

        ManagedThreads.Start(thread);
    }
}
