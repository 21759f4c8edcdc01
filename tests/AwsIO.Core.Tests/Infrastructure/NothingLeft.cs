namespace AwsIO.Tests.Infrastructure;

/// <summary>
/// For a class whose tests make their own groups: when the class is over, no descriptor and no thread is left that was not there before.
/// </summary>
public sealed class NothingLeft : IDisposable
{
    private readonly HashSet<string> _descriptors = Descriptors.Open();
    private readonly HashSet<string> _threads = Descriptors.Threads();

    public void Dispose()
    {
        // A group that was disposed of without being waited for takes a moment.
        Waiting.Until(() => !Descriptors.Threads().Except(_threads).Any(), "The threads have left");
        Assert.Empty(Descriptors.Open().Except(_descriptors));
    }
}
