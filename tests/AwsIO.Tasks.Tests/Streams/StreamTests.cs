using System.Text;
using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Streams;

public sealed class StreamTests : RuntimeTest
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task All_forms_of_reading_and_writing_do_the_same(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        await using Stream from = client.AsStream();
        await using Stream to = server.AsStream();
        byte[] data = Bytes.Random(100);

        from.Write(data, 0, 20);
        from.Write(data.AsSpan(20, 20));
        from.WriteByte(data[40]);
#pragma warning disable CA1835 // The forms with arrays are what is tested.
        await from.WriteAsync(data, 41, 19);
#pragma warning restore CA1835
        await from.WriteAsync(data.AsMemory(60, 20));
        from.EndWrite(from.BeginWrite(data, 80, 20, null, null));
        from.Flush();
        await from.FlushAsync();

        byte[] got = new byte[100];
        to.ReadExactly(got, 0, 20);
        to.ReadExactly(got.AsSpan(20, 20));
        got[40] = (byte)to.ReadByte();
        await to.ReadExactlyAsync(got, 41, 19);
        await to.ReadExactlyAsync(got.AsMemory(60, 20));
        for (int at = 80; at < 100;)
        {
            at += to.EndRead(to.BeginRead(got, at, 100 - at, null, null));
        }

        Assert.Equal(data, got);
        await client.ShutdownWriteAsync().Within();
        Assert.Equal(-1, to.ReadByte());
    }

    [Fact]
    public async Task Readers_and_writers_of_text_work_on_it()
    {
        (IoConnection client, IoConnection server) = await Pair();
        Task<string?> echoed = Task.Run(async () =>
        {
            using StreamReader reader = new(server.AsStream(), Encoding.UTF8, leaveOpen: true);
            await using StreamWriter writer = new(server.AsStream(), leaveOpen: true) { AutoFlush = true };
            for (string? line; (line = await reader.ReadLineAsync()) is not null;)
            {
                await writer.WriteLineAsync(line.ToUpperInvariant());
            }

            return (string?)null;
        });
        using StreamReader answers = new(client.AsStream(), Encoding.UTF8, leaveOpen: true);
        await using StreamWriter questions = new(client.AsStream(), leaveOpen: true) { AutoFlush = true };
        for (int i = 0; i < 100; i++)
        {
            await questions.WriteLineAsync($"line {i}");
            Assert.Equal($"LINE {i}", await answers.ReadLineAsync().Within());
        }

        await client.ShutdownWriteAsync().Within();
        Assert.Null(await echoed.Within());
    }

    [Fact]
    public async Task A_synchronous_call_on_the_loop_is_refused_and_starts_nothing()
    {
        (IoConnection client, IoConnection server) = await Pair();
        Stream stream = client.AsStream();
        await client.EventLoop.Call(() =>
        {
            Assert.Throws<InvalidOperationException>(() => stream.Read(new byte[1], 0, 1));
            Assert.Throws<InvalidOperationException>(() => stream.Write(new byte[] { 66 }, 0, 1));
        });

        await server.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal([1], await client.Read(1));
        await client.WriteAsync(new byte[] { 2 }).Within();
        Assert.Equal([2], await server.Read(1));
    }

    [Fact]
    public async Task It_says_what_it_can_and_disposes_the_connection()
    {
        (IoConnection client, IoConnection server) = await Pair();
        Stream stream = client.AsStream();
        Assert.True(stream is { CanRead: true, CanWrite: true, CanSeek: false, CanTimeout: true });
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Equal(Timeout.Infinite, stream.ReadTimeout);
        stream.ReadTimeout = 10;
        Assert.Equal(TimeSpan.FromMilliseconds(10), client.ReadTimeout);
        Assert.Throws<IoException>(() => stream.Read(new byte[1], 0, 1));
        stream.ReadTimeout = Timeout.Infinite;
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read(new byte[1], 1, 1));

        stream.Dispose();
        Assert.True(stream is { CanRead: false, CanWrite: false });
        Assert.Throws<ObjectDisposedException>(() => stream.Read(new byte[1], 0, 1));
        Assert.Equal(0, await server.ReadAsync(new byte[1]).Within());
        await client.Completion.Within();
    }

    [Fact]
    public async Task Tokens_are_honoured()
    {
        (IoConnection client, IoConnection _) = await Pair();
        Stream stream = client.AsStream();
        CancellationToken cancelled = new(canceled: true);
        await stream.ReadAsync(new byte[1], cancelled).Fails<OperationCanceledException>();
        await stream.WriteAsync(new byte[1], cancelled).Fails<OperationCanceledException>();
        await stream.FlushAsync(cancelled).Fails<OperationCanceledException>();
    }
}
