namespace AwsIO;

/// <summary>How a loop ends.</summary>
public abstract partial class EventLoop
{
    /// <summary>Whether the caller must not block: it is on a loop's thread, or cancels what came after a loop's end.</summary>
    internal static bool IsOnAnyLoop => s_current is not null || s_lateLoop is not null;

    /// <summary>Asks the loop to end: everything left is cancelled on its thread, which then leaves for good.</summary>
    internal void BeginEnd()
    {
        _endAsked = true;
        if (_stopped.IsSet && !_ended)
        {
            StartToEnd();
        }

        Stop();
    }

    /// <summary>Waits until the loop has ended, which <see cref="BeginEnd"/> has begun.</summary>
    internal void WaitForEnd()
    {
        WaitForStop();
        while (!_ended)
        {
            // It was about to stop for another reason, and did not see any more that it should end.
            StartToEnd();
            Stop();
            WaitForStop();
        }
    }

    /// <summary>
    /// Has a loop that stopped run once more, for its end. Where the system has no thread for it the end is here, or on a thread of the
    /// pool when this one is a loop's: what waits there is answered all the same.
    /// </summary>
    private void StartToEnd()
    {
        try
        {
            // Somebody else may start it just now: then it ends there.
            _ = TryStart();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            IoLog.NoThreadForEnd(Logger, exception, Name);
            if (!TryTake())
            {
                return;
            }

            if (IsOnAnyLoop)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.EndHere(), this, preferLocal: false);
            }
            else
            {
                EndHere();
            }
        }
    }

    private void EndHere()
    {
        using (EnterThread())
        {
            try
            {
                StopNow();
            }
            catch (Exception exception)
            {
                FailFast(exception);
            }
        }
    }

    private void End()
    {
        List<(IoHandle Handle, IIoEventHandler Handler)> standing = CloseSubscriptions();
        foreach ((IoHandle handle, _) in standing)
        {
            _ = Unsubscribe(handle);
        }

        foreach ((IoHandle handle, IIoEventHandler handler) in standing)
        {
            NoteCallback(handler);
            try
            {
                handler.OnLoopEnding(this, handle);
            }
            catch (Exception exception)
            {
                ReportFailure(exception);
            }
        }

        const int MostLocalRounds = 1000;
        CancelEverything();
        for (int round = 0; round < MostLocalRounds && RemoveLocals(); round++)
        {
            // What was told of its removal may have scheduled something.
            CancelEverything();
        }

        _ended = true;
        DrainCancelQueue();
        _running = null;
        _clock?.Dispose();
        CloseBackend();
        AdmitLate();
    }
}
