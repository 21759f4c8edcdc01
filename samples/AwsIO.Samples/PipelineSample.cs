using System.Globalization;
using System.Text;

namespace AwsIO.Samples;

/// <summary>Pipelined requests: a server that squares numbers, and is done with the last one first.</summary>
internal static class PipelineSample
{
    internal static Task RunAsync() => Loopback.RunAsync(
        static channel =>
        {
            // <snippet pipeline-server>
            channel.AddLast(new LengthPrefixHandler(longestFrame: 1024));
            channel.AddLast(new PipelinedHandler(mostUnderWay: 16, longestRequest: 1024, static (handler, number, request) =>
            {
                int value = int.Parse(request, CultureInfo.InvariantCulture);
                string square = string.Create(CultureInfo.InvariantCulture, $"{value * value}");

                // The first takes the longest.
                handler.Slot!.Channel.ScheduleAfter(
                    ChannelTask.Create((_, status) => handler.Answer(number, Encoding.ASCII.GetBytes(square)), 0),
                    TimeSpan.FromMilliseconds(20 - (2 * number)));
            }));
            // </snippet>
        },
        static (channel, heard) =>
        {
            // <snippet pipeline-client>
            List<string> answers = [];
            PipelinedClient client = new(mostUnderWay: 16);
            channel.AddLast(new LengthPrefixHandler(longestFrame: 1024));
            channel.AddLast(client);
            for (int i = 1; i <= 9; i++)
            {
                byte[] request = Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture));
                _ = client.Request(
                    request, (error, answer, state) => answers.Add(error.IsNone ? Encoding.ASCII.GetString(answer) : $"{error.Code}"), null);
            }
            // </snippet>

            _ = client.Request("10"u8, (error, answer, state) =>
            {
                heard.TrySetResult($"{string.Join(' ', answers)} {Encoding.ASCII.GetString(answer)}");
                channel.Shutdown(IoError.None);
            }, null);
        });
}
