using System.Text;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Peers that do not speak TLS, and bytes that changed on their way.</summary>
public sealed class GarbageTests : ConnectionTest
{
    public static TheoryData<string> Beginnings => new(
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\0\0\0\0\0\0\0\0",
        "\u0016\u0003\u0001\0\u0000",
        "\u0015\u0003\u0003\0\u0002\u0002\u0028",
        "\u0017\u0003\u0003\0\u0010aaaaaaaaaaaaaaaa",
        "\u0080\u002e\u0001\u0000\u0002");

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task A_server_that_is_sent_something_else_refuses_it(string beginning)
    {
        using TlsContext server = TlsParts.Server();
        WirePair pair = await WirePair.Create(this, null, server.ForServer());

        await pair.Client.App.Send([.. Encoding.Latin1.GetBytes(beginning), .. new byte[64]]).Within();
        IoError error = await pair.Server.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Equal(error, await pair.Server.Ended.Task.Within());
        Assert.Equal(0, pair.Server.App.Count);
    }

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task A_client_that_is_answered_something_else_refuses_it(string beginning)
    {
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), null);

        await pair.Start();
        await pair.Server.App.Send([.. Encoding.Latin1.GetBytes(beginning), .. new byte[64]]).Within();
        IoError error = await pair.Client.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Equal(error, await pair.Client.Ended.Task.Within());
        Assert.Equal(0, pair.Client.App.Count);
    }

    [Fact]
    public async Task Random_bytes_never_pass_for_a_handshake()
    {
        using TlsContext server = TlsParts.Server();
        for (int seed = 0; seed < 100; seed++)
        {
            WirePair pair = await WirePair.Create(this, null, server.ForServer());
            await pair.Client.App.Send(Payload.Of(300, seed)).Within();
            pair.Client.Channel.Shutdown(IoError.None);

            Assert.True((await pair.Server.Negotiated.Task.Within()).IsError);
            Assert.True((await pair.Server.Ended.Task.Within()).IsError);
        }
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_byte_that_changed_is_noticed_and_nothing_of_its_record_is_delivered(TlsVersion version)
    {
        using TlsContext server = TlsParts.Server(change: options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        await pair.Client.App.Send("good").Within();
        await pair.Server.App.Received(4).Within();

        long place = pair.Server.Wire!.Delivered + 20;
        pair.Server.Wire.Corrupt = (position, value) => position == place ? (byte)(value ^ 1) : value;
        await pair.Client.App.Send("this was changed on its way").Within();
        IoError servers = await pair.Server.Ended.Task.Within();
        IoError clients = await pair.Client.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsReadFailure, servers.Code);
        Assert.Contains("bad record mac", servers.Detail, StringComparison.Ordinal);
        Assert.Equal(IoErrorCode.TlsAlertReceived, clients.Code);
        Assert.Equal("good", pair.Server.App.Text);

        // What was cut off by an alert never looks like the end of the data.
        Assert.Equal((0, 0), (pair.Client.App.ReadEnd.Count, pair.Server.App.ReadEnd.Count));
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task An_alert_with_the_end_right_behind_it_is_no_goodbye(TlsVersion version)
    {
        for (int round = 0; round < 10; round++)
        {
            using TlsContext server = TlsParts.Server(change: options => options.Only(version));
            using TlsContext client = TlsParts.Client(options => options.Only(version));
            WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
            pair.Client.Wire!.IsHeld = true;
            long place = pair.Server.Wire!.Delivered + 20;
            pair.Server.Wire.Corrupt = (position, value) => position == place ? (byte)(value ^ 1) : value;
            await pair.Client.App.Send("this was changed on its way").Within();
            await pair.Server.Ended.Task.Within();

            // The alert and the end of the connection come in the same breath.
            await pair.Client.Do(() =>
            {
                pair.Client.Wire.IsHeld = false;
                pair.Client.Wire.Pump();
            });

            Assert.Equal(IoErrorCode.TlsAlertReceived, (await pair.Client.Ended.Task.Within()).Code);
            Assert.Equal(0, pair.Client.App.ReadEnd.Count);
        }
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_handshake_in_which_a_byte_changed_ends_with_an_error(TlsVersion version)
    {
        int changed = 0;
        for (int offset = 4; offset < 1200; offset += 41)
        {
            using TlsContext server = TlsParts.Server(change: options => options.Only(version));
            using TlsContext client = TlsParts.Client(options => options.Only(version));
            WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());
            Corrupter corrupter = new(offset);
            pair.Client.Wire!.Corrupt = corrupter.Change;

            await pair.Start();
            if (!corrupter.IsDone)
            {
                await Task.WhenAny(pair.Client.Ended.Task, pair.Client.Negotiated.Task).Within();
            }

            pair.Server.Channel.Shutdown(IoError.None);
            IoError end = await pair.Client.Ended.Task.Within();
            await pair.Server.Ended.Task.Within();

            Assert.True(end.IsError || !corrupter.IsDone, $"A change at {offset} went unnoticed.");
            changed += corrupter.IsDone ? 1 : 0;
        }

        Assert.True(changed > 10, $"Only {changed} handshakes were long enough to be changed.");
    }

    /// <summary>Changes one byte of what the records carry, never of their lengths: a wrong length only makes the reader wait.</summary>
    private sealed class Corrupter(int offset)
    {
        private readonly byte[] _header = new byte[5];
        private int _inHeader;
        private int _inRecord;
        private int _left;
        private int _seen;

        internal bool IsDone { get; private set; }

        internal byte Change(long position, byte value)
        {
            if (_left == 0)
            {
                _header[_inHeader++] = value;
                if (_inHeader == 5)
                {
                    _inHeader = 0;
                    _inRecord = 0;
                    _left = (_header[3] << 8) + _header[4];
                }

                return value;
            }

            _left--;
            _seen++;

            // The first bytes of a handshake message are its own length.
            if (_inRecord++ >= 4 && _seen >= offset && !IsDone)
            {
                IsDone = true;
                return (byte)(value ^ 0x10);
            }

            return value;
        }
    }
}
