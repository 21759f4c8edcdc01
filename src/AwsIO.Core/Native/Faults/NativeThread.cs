using System.Diagnostics.CodeAnalysis;

namespace AwsIO.Native.Faults;

/// <summary>Starts threads, which the system can refuse as it can anything else.</summary>
internal static class NativeThread
{
    /// <summary>Starts a thread without the flow of its starter.</summary>
    /// <exception cref="OutOfMemoryException">The system has no thread; what the runtime throws then.</exception>
    internal static void Start(Thread thread)
    {
        ThrowIfToFail();
        thread.UnsafeStart();
    }

    /// <summary>Starts a thread without the flow of its starter.</summary>
    /// <exception cref="OutOfMemoryException">The system has no thread; what the runtime throws then.</exception>
    internal static void Start(Thread thread, object? state)
    {
        ThrowIfToFail();
        thread.UnsafeStart(state);
    }

    [SuppressMessage("Usage", "CA2201", Justification = "The runtime's own exception, where the runtime is not called.")]
    [SuppressMessage("Design", "MA0012", Justification = "As CA2201.")]
    private static void ThrowIfToFail()
    {
        if (NativeFaults.IsOn && NativeFaults.Fails(NativeCall.PthreadCreate))
        {
            throw new OutOfMemoryException("pthread_create was failed on purpose.");
        }
    }
}
