using System.Runtime.InteropServices;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Writing over TLS to a peer that has gone is an error and no signal.</summary>
public sealed class BrokenPipeTests : ConnectionTest
{
    private const int SigPipe = 13;

    [Fact]
    public async Task Writing_over_TLS_to_a_closed_peer_kills_no_process_that_has_left_SIGPIPE_at_its_default()
    {
        await Infrastructure.ChildTest.Passes(typeof(BrokenPipeTests), nameof(Child_with_SIGPIPE_at_its_default));
    }

    [Fact(Explicit = true)]
    public async Task Child_with_SIGPIPE_at_its_default()
    {
        signal(SigPipe, 0);
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        Listening listening = this.Listen(serverContext.ForServer());
        for (int i = 0; i < 10; i++)
        {
            // Reads nothing, so that what is written is in the way when its peer goes.
            Dialled client = await this.Dial(listening.Port, clientContext.Localhosted(), new Recorder { FirstWindow = 0 }).Ready();
            Dialled server = await listening.NextReady();
            Task<IoError> written = client.App.Send(new byte[16 * 1024 * 1024]);
            server.Channel!.Abort(IoErrorCode.OperationCancelled);

            Assert.Equal(IoErrorCode.SocketClosed, (await client.Ended.Task.Within()).Code);
            Assert.True((await written.Within()).IsError);
            Assert.True((await client.App.Send("more").Within()).IsError);
        }

        string ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        Assert.Equal(0L, Convert.ToInt64(ignored[7..].Trim(), 16) & (1L << (SigPipe - 1)));
    }

    [DllImport("libc")]
    private static extern nint signal(int number, nint handler);
}
