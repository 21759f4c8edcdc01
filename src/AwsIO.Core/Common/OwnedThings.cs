namespace AwsIO;

/// <summary>Sockets, channels and groups of loops: what lasts until who made it ends it.</summary>
internal static class OwnedThings
{
    /// <summary>Tells of each that is made, on whatever thread: for tests, which end what a test that failed has left.</summary>
    internal static event Action<object>? Made;

    internal static void Tell(object thing) => Made?.Invoke(thing);
}
