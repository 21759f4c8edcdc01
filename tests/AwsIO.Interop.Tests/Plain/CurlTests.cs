using System.Globalization;
using System.Text;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Plain;

/// <summary>Our server on a Unix domain socket with <c>curl --unix-socket</c>.</summary>
public sealed class CurlTests : ConnectionTest
{
    private static readonly byte[] s_endOfHeaders = "\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task A_page_with_a_length_comes_whole_and_curl_ends_the_connection()
    {
        byte[] page = Payload.Of(1_500_001);
        Answering handler = new(_ => (Head(200, $"Content-Length: {page.Length}\r\n"), page, false));
        (Listening listening, string path) = Serve(handler);
        string output = Places.Path(this, "page");

        ExternalProgram curl = ExternalProgram.Start(
            this, "curl", "-sS", "--unix-socket", path, "-o", output, "-w", "%{http_code} %{size_download}", "http://localhost/page");
        Dialled server = await listening.NextReady();

        Assert.Equal(0, await curl.Exited());
        Assert.Equal($"200 {page.Length}", curl.Output);
        Assert.Equal(page, await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
        Assert.StartsWith("GET /page HTTP/1.1\r\nHost: localhost\r\n", server.App.Text, StringComparison.Ordinal);
        Assert.Equal(IoErrorCode.SocketClosed, (await server.Ended.Task.Within()).Code);
    }

    [Fact]
    public async Task A_page_without_a_length_ends_with_our_half_close()
    {
        byte[] page = Payload.Of(300_000);
        Answering handler = new(_ => (Head(200, "Connection: close\r\n"), page, true));
        (_, string path) = Serve(handler);
        string output = Places.Path(this, "page");

        ExternalProgram curl = ExternalProgram.Start(this, "curl", "-sS", "--unix-socket", path, "-o", output, "http://localhost/");

        Assert.Equal(0, await curl.Exited());
        Assert.Equal(page, await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_large_upload_comes_whole_and_goes_back_whole()
    {
        byte[] file = Payload.Of(2_000_003, 7);
        string input = Places.Path(this, "input");
        string output = Places.Path(this, "output");
        await File.WriteAllBytesAsync(input, file, TestContext.Current.CancellationToken);
        Answering handler = new(body => (Head(200, $"Content-Length: {body.Length}\r\n"), body, false), bodyLength: file.Length);
        (_, string path) = Serve(handler);

        ExternalProgram curl = ExternalProgram.Start(
            this, "curl", "-sS", "--unix-socket", path, "-H", "Expect:", "--data-binary", "@" + input, "-o", output, "http://localhost/echo");

        Assert.Equal(0, await curl.Exited());
        Assert.Equal(file, await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_answer_that_is_cut_short_is_noticed_by_curl()
    {
        Answering handler = new(_ => (Head(200, "Content-Length: 10\r\n"), "short"u8.ToArray(), true));
        (Listening listening, string path) = Serve(handler);

        ExternalProgram curl = ExternalProgram.Start(this, "curl", "-sS", "--unix-socket", path, "http://localhost/");
        Dialled server = await listening.NextReady();

        // CURLE_PARTIAL_FILE
        Assert.Equal(18, await curl.Exited());
        Assert.Contains("5 bytes remaining", curl.Output, StringComparison.Ordinal);
        Assert.Equal(IoErrorCode.SocketClosed, (await server.Ended.Task.Within()).Code);
    }

    private static string Head(int status, string fields) =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} OK\r\n{fields}\r\n");

    private (Listening Listening, string Path) Serve(Answering handler)
    {
        string path = Places.Path(this, "http.sock");
        Listening listening = this.Listen(at: SocketEndpoint.Unix(path), app: handler.Create);
        return (listening, path);
    }

    /// <summary>As little of HTTP/1.1 as curl needs: answers when the request's body is there.</summary>
    private sealed class Answering(Func<byte[], (string Head, byte[] Body, bool IsLast)> answer, int bodyLength = 0)
    {
        internal Recorder Create()
        {
            Recorder recorder = new() { Regrants = true };
            bool answered = false;
            recorder.OnMessage = _ =>
            {
                byte[] request = recorder.Bytes;
                int end = request.AsSpan().IndexOf(s_endOfHeaders);
                if (answered || end < 0 || request.Length - end - s_endOfHeaders.Length < bodyLength)
                {
                    return;
                }

                answered = true;
                (string head, byte[] body, bool isLast) = answer(request[(end + s_endOfHeaders.Length)..]);
                recorder.SendNow(Encoding.ASCII.GetBytes(head), isLast: false, done: null);
                recorder.SendNow(body, isLast, done: null);
            };
            return recorder;
        }
    }
}
