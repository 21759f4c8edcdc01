using System.Text;

namespace AwsIO.Samples;

/// <summary>Frames: a server that sends each one back.</summary>
internal static class FramesSample
{
    internal static Task RunAsync() => Loopback.RunAsync(
        static channel =>
        {
            // <snippet echo-frames>
            channel.AddLast(new LengthPrefixHandler(longestFrame: 64 * 1024));
            channel.AddLast(new Echo());
            // </snippet>
        },
        static (channel, heard) =>
        {
            channel.AddLast(new LengthPrefixHandler(longestFrame: 64 * 1024));
            channel.AddLast(new FrameCounter(["one", "", new string('x', 50_000)], heard));
        });

    /// <summary>Sends frames, and tells how long those are that come back.</summary>
    private sealed class FrameCounter(string[] frames, Future<string> heard) : ChannelHandler
    {
        private readonly List<int> _lengths = [];

        protected override IoError OnInstalled(ChannelSlot slot)
        {
            foreach (string frame in frames)
            {
                IoMessage message = slot.Channel.RentMessage(frame.Length);
                message.Append(Encoding.ASCII.GetBytes(frame));
                IoError error = slot.Send(message, ChannelDirection.Write);
                if (error.IsError)
                {
                    message.Release();
                    return error;
                }
            }

            return IoError.None;
        }

        protected override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            slot.IncrementReadWindow(message.Length);
            _lengths.Add(message.Length);
            message.Release();
            if (_lengths.Count == frames.Length)
            {
                heard.TrySetResult($"frames of {string.Join(", ", _lengths)} bytes");
                slot.Channel.Shutdown(IoError.None);
            }

            return IoError.None;
        }
    }
}
