namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>Waits for states that a loop's callbacks bring about. Whoever changes something says so by <see cref="Changed"/>.</summary>
internal sealed class Conditions
{
    private readonly List<(Func<bool> Holds, TaskCompletionSource<bool> Source)> _waiting = [];

    /// <summary>Completes when the condition holds; it is looked at on the loop's thread only.</summary>
    internal async Task Until(EventLoop loop, Func<bool> holds)
    {
        TaskCompletionSource<bool> source = Waits.NewSource<bool>();
        await loop.On(() =>
        {
            _waiting.Add((holds, source));
            Changed();
        });
        await source.Task.Within();
    }

    /// <summary>Loop thread only.</summary>
    internal void Changed()
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            if (_waiting[i].Holds())
            {
                _waiting[i].Source.SetResult(true);
                _waiting.RemoveAt(i);
            }
        }
    }
}
