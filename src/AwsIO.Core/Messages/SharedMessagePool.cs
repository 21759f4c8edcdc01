namespace AwsIO;

/// <summary>Messages for threads that are not a loop's: what a caller writes from elsewhere is copied into one of these.</summary>
internal sealed class SharedMessagePool : MessagePool
{
    private readonly object _gate = new();
    private readonly FreeMessages _free = new();

    private SharedMessagePool()
    {
    }

    internal static SharedMessagePool Instance { get; } = new();

    private protected override void CountOutstanding(ref int outstanding, int change) =>
        Interlocked.Add(ref outstanding, change);

    private protected override IoMessage? TakeFree(int sizeClass)
    {
        lock (_gate)
        {
            return _free.Take(sizeClass);
        }
    }

    private protected override void KeepFree(IoMessage message)
    {
        lock (_gate)
        {
            _free.Keep(message);
        }
    }
}
