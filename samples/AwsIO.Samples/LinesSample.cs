using System.Text;

namespace AwsIO.Samples;

/// <summary>Lines: a server that answers each one in capitals, and says goodbye to a peer that does.</summary>
internal static class LinesSample
{
    internal static Task RunAsync() => Loopback.RunAsync(
        static channel => channel.AddLast(new LineHandler(longestLine: 1024, Shout)),
        static (channel, heard) =>
        {
            List<string> answers = [];
            LineHandler lines = new(longestLine: 1024, (handler, line) =>
            {
                answers.Add(Encoding.ASCII.GetString(line));
                if (answers.Count == 3)
                {
                    heard.TrySetResult(string.Join(", ", answers));
                }
            });
            channel.AddLast(lines);
            foreach (string line in new[] { "hello", "how are you", "bye" })
            {
                _ = lines.WriteLine(Encoding.ASCII.GetBytes(line));
            }
        });

    // <snippet shout-lines>
    private static void Shout(LineHandler handler, ReadOnlySpan<byte> line)
    {
        Span<byte> capitals = stackalloc byte[line.Length];
        _ = Ascii.ToUpper(line, capitals, out int length);
        IoError error = handler.WriteLine(capitals[..length]);
        if (error.IsError || line.SequenceEqual("bye"u8))
        {
            handler.Close(error);
        }
    }
    // </snippet>
}
