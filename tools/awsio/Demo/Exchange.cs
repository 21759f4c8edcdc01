using AwsIO.Tasks;

namespace AwsIO.Tool.Demo;

/// <summary>Something that a client does with an echo server. All members are the loop's, but for <see cref="Completion"/> and <see cref="Progress"/>.</summary>
internal abstract class Exchange
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _progress;

    internal Task Completion => _done.Task;

    /// <summary>How much is done, from 0 to 1. Any thread.</summary>
    internal double Progress
    {
        get => Volatile.Read(ref _progress);
        private protected set => Volatile.Write(ref _progress, value);
    }

    internal abstract void Start(EchoClient client);

    internal abstract void OnData(EchoClient client, ReadOnlySpan<byte> data);

    internal void Fail(IoError error) => _done.TrySetException(error.ToException());

    private protected void Done() => _done.TrySetResult();

    private protected void FailWith(string detail) => _done.TrySetException(new IOException(detail));
}
