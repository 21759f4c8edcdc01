using System.Text;
using AwsIO.Testing;

namespace AwsIO.Samples;

/// <summary>A handler, tested without a socket, a thread or real time.</summary>
internal static class ChannelsSample
{
    internal static Task RunAsync()
    {
        // <snippet testing-channel>
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { ReadTimeout = TimeSpan.FromMinutes(5) }));
        channel.Add(new ShoutHandler());
        channel.RunUntilIdle();

        channel.Feed("hel"u8);
        channel.Feed("lo\nhow are "u8);
        Console.Write(Encoding.ASCII.GetString(channel.TakeWritten()));
        channel.Feed("you\n"u8);
        Console.Write(Encoding.ASCII.GetString(channel.TakeWritten()));

        channel.Advance(TimeSpan.FromMinutes(5));
        Console.WriteLine($"{channel.ShutdownReason?.Code}, {channel.MessagesHeld} messages kept");
        // </snippet>
        return Task.CompletedTask;
    }
}
