namespace AwsIO;

/// <summary>
/// For a loop that has a way in of its own, since it has to know who schedules what: it shuts the usual one from the beginning, and gets
/// what that refuses. Other loops pay nothing for it.
/// </summary>
public abstract partial class EventLoop
{
    /// <summary>How many tasks other threads have scheduled that are not taken over; any thread.</summary>
    private protected virtual int IncomingDepth => _shared.Incoming.Depth;

    /// <summary>Shuts the usual way in, before anything is scheduled.</summary>
    private protected void ShutIncoming() => _ = _shared.Incoming.Close();

    /// <summary>Gets a task for which the usual way in is shut; on the thread that schedules it.</summary>
    private protected virtual void TakeRefused(IoTask task, bool isSerialized) => CancelLate(task);

    /// <summary>Takes over a task that has come another way. Loop thread only.</summary>
    private protected void TakeOver(IoTask task) => Adopt(task);
}
