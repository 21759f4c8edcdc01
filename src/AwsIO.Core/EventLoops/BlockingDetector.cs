using System.Diagnostics;

namespace AwsIO;

/// <summary>Refuses a wait that would block a loop's thread, with advice. The runtime asks it before each wait of the thread.</summary>
/// <remarks>
/// The runtime asks a thread's synchronization context, so a loop's thread has one while it detects. An <c>await</c> in a callback would
/// resume through it: it resumes on the thread pool, as it mostly does without it. Entering a lock is let pass: locks are held for a
/// moment. <c>Thread.Sleep</c> asks nobody, and nothing managed can be put in its way: <see cref="LoopWatch"/> names who sleeps for long.
/// </remarks>
internal sealed class BlockingDetector : SynchronizationContext
{
    private readonly EventLoop _loop;

    internal BlockingDetector(EventLoop loop)
    {
        _loop = loop;
        SetWaitNotificationRequired();
    }

    /// <inheritdoc/>
    public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        if (millisecondsTimeout == 0 || IsEnteringLock(out string caller))
        {
            return WaitHelper(waitHandles, waitAll, millisecondsTimeout);
        }

        throw new InvalidOperationException(
            $"{caller} blocks the thread of {_loop.Name}, and everything else on that loop with it. Use a callback, or await it: "
            + "or do it on another thread, and schedule a task on the loop when it is done.");
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.d(work.state), (d, state), preferLocal: false);

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Whether the thread waits for a lock; otherwise, what makes it wait.</summary>
    private static bool IsEnteringLock(out string caller)
    {
        // Text, because a trimmed program keeps no methods for a stack frame to show.
        caller = "Something";
        bool isWait = false;
        foreach (string line in new StackTrace(1).ToString().Split('\n'))
        {
            int start = line.IndexOf("at ", StringComparison.Ordinal) + 3;
            int end = line.IndexOf('(', StringComparison.Ordinal);
            if (start < 3 || end < start)
            {
                continue;
            }

            string method = line[start..end];
            if (method.StartsWith("AwsIO.BlockingDetector.", StringComparison.Ordinal)
                || method.StartsWith("System.Threading.SynchronizationContext.", StringComparison.Ordinal))
            {
                continue;
            }

            if (!method.StartsWith("System.", StringComparison.Ordinal))
            {
                caller = method;
                break;
            }

            if (method.StartsWith("System.Threading.Lock.", StringComparison.Ordinal)
                || method.StartsWith("System.Threading.Monitor.Enter", StringComparison.Ordinal)
                || method.StartsWith("System.Threading.Monitor.TryEnter", StringComparison.Ordinal)
                || method.StartsWith("System.Threading.Monitor.ReliableEnter", StringComparison.Ordinal))
            {
                return true;
            }

            isWait = true;
        }

        // A lock that the runtime enters by itself shows no method of its own.
        return !isWait;
    }
}
