namespace AwsIO.Samples;

/// <summary>A group refuses to have more loops than <see cref="EventLoopGroupOptions.MaxLoops"/> allows.</summary>
internal static class LoopsSample
{
    internal static Task RunAsync()
    {
        try
        {
            // <snippet loops>
            using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1000, MaxLoops = 8 });
            // </snippet>
            throw new InvalidOperationException($"A group of {group.Count} loops was made.");
        }
        catch (ArgumentOutOfRangeException exception)
        {
            Console.WriteLine(exception.Message.Split(Environment.NewLine)[0]);
        }

        return Task.CompletedTask;
    }
}
