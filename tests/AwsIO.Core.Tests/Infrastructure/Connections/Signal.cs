namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Something that happens once, and how often it was told.</summary>
internal sealed class Signal<T>
{
    private readonly TaskCompletionSource<T> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    internal Task<T> Task => _first.Task;

    internal void Set(T value)
    {
        Interlocked.Increment(ref _count);
        _first.TrySetResult(value);
    }
}
