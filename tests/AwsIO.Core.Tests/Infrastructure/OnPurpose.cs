namespace AwsIO.Tests.Infrastructure;

/// <summary>
/// Waits that hold a loop's thread because a test wants just that: the detector of blocking calls, which is on in all tests, looks away.
/// </summary>
internal static class OnPurpose
{
    internal static T Block<T>(Func<T> wait)
    {
        SynchronizationContext? detector = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return wait();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(detector);
        }
    }

    internal static void Block(Action wait) => Block(() =>
    {
        wait();
        return 0;
    });
}
