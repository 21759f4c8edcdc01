using System.Diagnostics.CodeAnalysis;

namespace AwsIO;

/// <summary>Every thread that the library has started and that has not left yet. All members may be used on any thread.</summary>
internal static class ManagedThreads
{
    private static readonly object s_gate = new();
    private static readonly List<Thread> s_threads = [];

    /// <summary>How many there are.</summary>
    internal static int Count
    {
        get
        {
            lock (s_gate)
            {
                ForgetThoseThatLeft();
                return s_threads.Count;
            }
        }
    }

    /// <summary>Whether this thread is one of them.</summary>
    internal static bool IsCurrent
    {
        get
        {
            lock (s_gate)
            {
                return s_threads.Contains(Thread.CurrentThread);
            }
        }
    }

    /// <summary>Starts a thread. The flow of the caller, whose work it does not do, does not leak into it.</summary>
    /// <param name="thread">A background thread: none of them keeps a process alive.</param>
    /// <exception cref="OutOfMemoryException">The system has no thread.</exception>
    /// <exception cref="ThreadStartException">The system has no thread.</exception>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "This is where threads are started.")]
    internal static void Start(Thread thread)
    {
        lock (s_gate)
        {
            ForgetThoseThatLeft();
            thread.UnsafeStart();
            s_threads.Add(thread);
        }
    }

    /// <summary>Waits until none is left, those included that are started meanwhile. Not on one of them.</summary>
    /// <param name="timeout">How long at most; infinite and what the clock cannot count mean without end.</param>
    /// <returns>Whether none is left.</returns>
    internal static bool WaitForAll(TimeSpan timeout)
    {
        long deadline = IoClock.After(IoClock.Now, timeout);
        while (true)
        {
            Thread thread;
            lock (s_gate)
            {
                ForgetThoseThatLeft();
                if (s_threads.Count == 0)
                {
                    return true;
                }

                thread = s_threads[^1];
            }

            if (deadline == long.MaxValue)
            {
                thread.Join();
                continue;
            }

            long left = deadline - IoClock.Now;
            if (left <= 0)
            {
                return false;
            }

            _ = thread.Join(IoClock.ToMillisecondsUp(left));
        }
    }

    private static void ForgetThoseThatLeft() => s_threads.RemoveAll(static thread => !thread.IsAlive);
}
