using System.Text;

namespace AwsIO.Samples;

// <snippet shout>
/// <summary>A protocol of lines: answers each one in capitals, and says goodbye to a peer that does.</summary>
internal sealed class ShoutHandler : ChannelHandler
{
    private const int LongestLine = 1024;

    private readonly StringBuilder _line = new();

    // What the peer may send before the handler has dealt with it.
    protected override long InitialWindow => LongestLine;

    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        int count = message.Length;
        string text = Encoding.ASCII.GetString(message.Data);

        // It returns no error, so the message is its own. It has room for as much again.
        message.Release();
        slot.IncrementReadWindow(count);
        foreach (char character in text)
        {
            if (character != '\n')
            {
                _line.Append(character);
                continue;
            }

            Answer(slot, _line.ToString());
            _line.Clear();
        }

        if (_line.Length > LongestLine)
        {
            slot.Channel.Shutdown(new IoError(IoErrorCode.InvalidArgument, "The peer's line has no end."));
        }

        return IoError.None;
    }

    private static void Answer(ChannelSlot slot, string line)
    {
        IoMessage answer = slot.RentMaxWriteMessage();
        answer.Append(Encoding.ASCII.GetBytes(line.ToUpperInvariant() + "!\n"));
        IoError error = slot.Send(answer, ChannelDirection.Write);
        if (error.IsError)
        {
            // Nobody has taken it.
            answer.Release();
        }

        if (error.IsError || line == "bye")
        {
            slot.Channel.Shutdown(error);
        }
    }
}
// </snippet>
