namespace AwsIO.Samples;

/// <summary>A loop group and a resolver; the answer comes by a callback on a loop.</summary>
internal static class ResolveSample
{
    internal static Task RunAsync()
    {
        // <snippet resolve>
        using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1 });
        using DefaultHostResolver resolver = new(group);
        using Future<bool> done = new();

        resolver.Resolve("localhost", (host, error, addresses) =>
        {
            Console.WriteLine(error.IsNone ? $"{host} is {string.Join(", ", addresses.Select(found => found.Address))}" : $"{error}");
            done.TrySetResult(error.IsNone);
        });
        done.Wait(TimeSpan.FromSeconds(10));
        // </snippet>
        return Task.CompletedTask;
    }
}
