using System.Net;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Tasks;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.OpenSsl;

/// <summary>
/// A ticket that <c>openssl s_server</c> sends in several records, of which only the first has come: OpenSSL refuses to write in the
/// middle of a message, so our writes have to wait.
/// </summary>
public sealed class SplitTicketTests : ConnectionTest
{
    private const byte Encrypted = 23;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Writes_wait_for_the_rest_of_a_ticket_and_nothing_fails(int writes)
    {
        (ExternalProgram program, Relay relay) = await ServeThroughRelay();
        Dialled client = await this.Dial("127.0.0.1", relay.Port, ClientWithCertificate()).Ready();
        RelayRecord held = await relay.ToClient.Stopped.Task.Within();
        await HasRead(client.Channel!.EventLoop, relay);
        int passed = relay.ToServer.Passed.Count;

        Task<IoError>[] sending = [.. Enumerable.Range(0, writes).Select(i => client.App.Send($"line {i}\n"))];
        await client.Channel!.EventLoop.AfterTicks(5, static () => { }).Within();

        // The first record is as full as it may be, so that the ticket goes on in the one that is held.
        RelayRecord first = relay.ToClient.Passed[^1];
        Assert.InRange(first.Length, 512, 512 + 5 + 1 + 16);
        Assert.True(held.Length > 5 + 1 + 16);
        Assert.All(sending, static task => Assert.False(task.IsCompleted));
        Assert.Equal(passed, relay.ToServer.Passed.Count);
        Assert.Equal(0, client.Ended.Count);

        relay.ToClient.Release();
        string echo = string.Concat(Enumerable.Range(0, writes).Select(i => $"{i} enil\n"));
        await client.App.Received(echo.Length).Within();

        Assert.Equal(echo, client.App.Text);
        Assert.All(await Task.WhenAll(sending).Within(), static error => Assert.Equal(IoError.None, error));
        client.Channel.Shutdown(IoError.None);
        Assert.Equal(IoError.None, await client.Ended.Task.Within());
        Assert.Equal(0, await program.Exited());
    }

    [Fact]
    public async Task A_write_that_waits_is_failed_when_the_connection_ends_before_the_rest_comes()
    {
        (_, Relay relay) = await ServeThroughRelay();
        Dialled client = await this.Dial("127.0.0.1", relay.Port, ClientWithCertificate()).Ready();
        await relay.ToClient.Stopped.Task.Within();
        await HasRead(client.Channel!.EventLoop, relay);
        Task<IoError> sending = client.App.Send("never\n");
        await client.Channel!.EventLoop.AfterTicks(2, static () => { }).Within();

        relay.ToClient.ResetDestination();

        IoError error = await sending.Within();
        Assert.Equal(IoErrorCode.TlsWriteFailure, error.Code);
        Assert.Contains("before a waiting write could go out", error.Detail, StringComparison.Ordinal);
        Assert.Equal(IoErrorCode.SocketClosed, (await client.Ended.Task.Within()).Code);
    }

    [Fact]
    public async Task Awaited_writes_wait_as_soon_as_too_much_waits_for_the_ticket()
    {
        (_, Relay relay) = await ServeThroughRelay();
        TestCertificate own = OwnCertificate();
        await using IoRuntime io = new();
        await using IoConnection connection = await io.ConnectAsync("127.0.0.1", relay.Port, new()
        {
            Tls = new()
            {
                ServerName = "localhost",
                TrustedCertificatesPem = TlsParts.Authority.CertificatePem,
                CertificatePem = own.CertificatePem,
                PrivateKeyPem = own.PrivateKeyPem,
            },
        });
        await relay.ToClient.Stopped.Task.Within();
        await HasRead(connection.EventLoop, relay);
        const int lines = 300;
        byte[] line = System.Text.Encoding.ASCII.GetBytes(new string('x', 999) + '\n');
        int written = 0;
        Task writing = Task.Run(async () =>
        {
            for (; Volatile.Read(ref written) < lines; Interlocked.Increment(ref written))
            {
                await connection.WriteAsync(line);
            }

            await connection.FlushAsync();
        });

        // It goes on to the high-water mark of 64 KiB, and not much further.
        long limit = Environment.TickCount64 + 20_000;
        while (Volatile.Read(ref written) < 60 && Environment.TickCount64 < limit)
        {
            await connection.EventLoop.AfterTicks(1, static () => { }).Within();
        }

        await connection.EventLoop.AfterTicks(200, static () => { }).Within();
        Assert.InRange(Volatile.Read(ref written), 60, 200);
        Assert.False(writing.IsCompleted);
        relay.ToClient.Release();
        byte[] buffer = new byte[64 * 1024];
        for (int count = 0; count < lines * line.Length;)
        {
            int now = await connection.ReadAsync(buffer).AsTask().Within();
            Assert.NotEqual(0, now);
            count += now;
        }

        await writing.Within();
    }

    private static TestCertificate OwnCertificate() => TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048 });

    private static TlsConnectionOptions ClientWithCertificate() => new(TlsParts.Client(options =>
    {
        // The ticket holds the certificate: so it is larger than a record of 512 bytes.
        TestCertificate own = OwnCertificate();
        options.CertificatePem = own.CertificatePem;
        options.PrivateKeyPem = own.PrivateKeyPem;
    }));

    /// <summary>Completes when the client has read everything that the relay has sent: both ends' queues in the kernel are empty.</summary>
    private static async Task HasRead(EventLoop loop, Relay relay)
    {
        int from = ((IPEndPoint)relay.ToClient.Destination.LocalEndPoint!).Port;
        int to = ((IPEndPoint)relay.ToClient.Destination.RemoteEndPoint!).Port;
        string[] ends = [FormattableString.Invariant($":{from:X4} 0100007F:{to:X4} 01 "), FormattableString.Invariant($":{to:X4} 0100007F:{from:X4} 01 ")];
        long limit = Environment.TickCount64 + 20_000;
        while (true)
        {
            string[] all = await File.ReadAllLinesAsync("/proc/net/tcp", TestContext.Current.CancellationToken);
            string[] lines = [.. all.Where(line => ends.Any(end => line.Contains(end, StringComparison.Ordinal)))];
            if (lines.Length == 2 && lines.All(static line => line.Contains(" 01 00000000:00000000 ", StringComparison.Ordinal)))
            {
                return;
            }

            Assert.True(Environment.TickCount64 < limit, string.Join('\n', lines));
            await loop.Do(static () => { });
        }
    }

    private async Task<(ExternalProgram Program, Relay Relay)> ServeThroughRelay()
    {
        PemFiles files = PemFiles.Write(this);
        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(
            this, files, "-tls1_3", "-rev", "-max_send_frag", "512", "-Verify", "1", "-CAfile", files.Authority, "-naccept", "1");

        // The server says nothing between its Finished and the client's: what comes after the client's first encrypted record is the
        // ticket, and its second record is held.
        int before = -1;
        Relay? relay = null;
        relay = Relay.Start(this, port, toClient: record =>
        {
            if (before < 0 && relay!.ToServer.Passed.Any(static passed => passed.Type == Encrypted))
            {
                before = record.Index;
            }

            return before >= 0 && record.Index == before + 1 ? 0 : null;
        });
        return (program, relay);
    }
}
