using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>TLS inside TLS on one channel, as through a proxy that is spoken to over TLS: transport, tls, tls, application.</summary>
public sealed class NestedTlsTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12, true, false)]
    [InlineData(TlsVersion.Tls13, true, false)]
    [InlineData(TlsVersion.Tls13, false, false)]
    [InlineData(TlsVersion.Tls13, false, true)]
    public async Task Far_more_than_the_windows_goes_both_ways_and_the_end_is_orderly(TlsVersion inner, bool overSockets, bool atOnce)
    {
        byte[] there = Payload.Of(1_000_000, 1);
        byte[] back = Payload.Of(700_000, 2);
        NestedEnd client = Client(new Recorder { FirstWindow = 5000, Regrants = true }, inner, atOnce);
        NestedEnd server = Server(new Recorder { FirstWindow = 3000, Regrants = true }, atOnce);
        NestedPair pair = await (overSockets ? NestedPair.OverSockets(this, client, server) : NestedPair.OverWire(this, client, server));
        await pair.Succeeded();

        Task<IoError> sending = client.App.Send(there);
        Assert.Equal(IoError.None, await server.App.Send(back).Within());
        Assert.Equal(IoError.None, await sending.Within());
        await server.App.Received(there.Length).Within();
        await client.App.Received(back.Length).Within();
        client.Channel.Shutdown(IoError.None);

        Assert.Equal(IoError.None, await client.Ended.Task.Within());
        Assert.Equal(IoError.None, await server.Ended.Task.Within());
        Assert.Equal(IoError.None, await server.App.ReadEnd.Task.Within());
        Assert.Equal(there, server.App.Bytes);
        Assert.Equal(back, client.App.Bytes);
        Assert.Equal(inner == TlsVersion.Tls12 ? "TLSv1.2" : "TLSv1.3", client.InnerTls!.Info!.Version);
        Assert.Equal("TLSv1.3", client.OuterTls.Info!.Version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Both_handshakes_come_through_in_the_smallest_pieces(int chunk)
    {
        NestedEnd client = Client();
        NestedEnd server = Server();
        client.MaxChunk = chunk;
        server.MaxChunk = chunk;
        await (await NestedPair.OverWire(this, client, server)).Succeeded();

        await client.App.Send("through two").Within();
        await server.App.Received(11).Within();

        Assert.Equal("through two", server.App.Text);
    }

    [Fact]
    public async Task The_overheads_of_both_are_counted_so_that_a_largest_message_is_still_one_fragment()
    {
        NestedEnd client = Client();
        NestedEnd server = Server();
        await (await NestedPair.OverWire(this, client, server)).Succeeded();
        await server.Ticks(20);
        int before = server.Wire!.Received.Length;
        int messages = client.Wire!.Written;
        int own = client.InnerTls!.MessageOverhead;
        int size = 0;

        await client.Do(() =>
        {
            Assert.Equal(0, client.OuterTls.Slot!.UpstreamMessageOverhead);
            Assert.Equal(own, client.InnerTls.Slot!.UpstreamMessageOverhead);
            Assert.Equal(2 * own, client.App.Slot!.UpstreamMessageOverhead);
            IoMessage largest = client.App.Slot.RentMaxWriteMessage();
            size = largest.Capacity;
            Assert.Equal(client.Channel.FragmentSize - (2 * own), size);
            largest.Append(new byte[size]);
            Assert.Equal(IoError.None, client.App.Slot.Send(largest, ChannelDirection.Write));
        });
        await server.App.Received(size).Within();

        Assert.Equal(1, client.Wire.Written - messages);
        Assert.InRange(server.Wire.Received.Length - before, size + 1, client.Channel.FragmentSize);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    [InlineData(100_000)]
    public async Task A_slow_reader_bounds_what_both_take_from_the_wire(int window)
    {
        NestedEnd client = Client();
        NestedEnd server = Server(new Recorder { FirstWindow = window });
        await (await NestedPair.OverWire(this, client, server)).Succeeded();

        Assert.Equal(IoError.None, await client.App.Send(Payload.Of(2_000_000)).Within());
        await server.App.Received(window).Within();
        await server.Ticks(50);

        // The window, for each of the two some room for handshake data and a record that was begun, and the overheads.
        Assert.Equal(window, server.App.Count);
        Assert.InRange(server.Wire!.Delivered, window, window + 80_000);
    }

    [Fact]
    public async Task What_waits_in_both_is_delivered_before_a_shutdown_goes_on()
    {
        byte[] payload = Payload.Of(40_000);
        NestedEnd client = Client();
        NestedEnd server = Server(new Recorder { FirstWindow = 1000 });
        await (await NestedPair.OverWire(this, client, server)).Succeeded();
        await server.Do(() => server.OuterTls.Slot!.IncrementReadWindow(1_000_000));
        Assert.Equal(IoError.None, await client.App.Send(payload).Within());
        await server.App.Received(1000).Within();
        await server.Ticks(20);
        Assert.Equal(server.Wire!.Received.Length, server.Wire.Delivered);

        await server.Do(() =>
        {
            server.Channel.Shutdown(new IoError(IoErrorCode.Unknown, "own reason"));
            server.App.Slot!.IncrementReadWindow(payload.Length);
        });

        Assert.Equal(IoErrorCode.Unknown, (await server.Ended.Task.Within()).Code);
        Assert.Equal(payload, server.App.Bytes);
    }

    [Fact]
    public async Task A_last_message_ends_one_direction_of_both_and_the_other_goes_on()
    {
        byte[] answer = Payload.Of(100_000);
        NestedEnd client = Client();
        NestedEnd server = Server(new Recorder { Regrants = true, StaysAfterReadEnd = true });
        await (await NestedPair.OverSockets(this, client, server)).Succeeded();

        Assert.Equal(IoError.None, await client.App.Send("the question", isLast: true).Within());
        Assert.Equal(IoError.None, await server.App.ReadEnd.Task.Within());
        Assert.Equal(IoError.None, await server.App.Send(answer, isLast: true).Within());
        await client.App.Received(answer.Length).Within();

        Assert.Equal(IoError.None, await client.Ended.Task.Within());
        Assert.Equal(("the question", 1), (server.App.Text, server.App.ReadEnd.Count));
        server.Channel.Shutdown(IoError.None);
        Assert.Equal(IoError.None, await server.Ended.Task.Within());
        Assert.Equal(answer, client.App.Bytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_inner_handshake_that_fails_is_told_once_at_each_end(bool overSockets)
    {
        using TlsContext distrusting = TlsContext.CreateClient(new TlsContextOptions { TrustedCertificatesPem = OtherAuthority() }).Value;
        NestedEnd client = new() { InnerOptions = distrusting.Localhosted() };
        NestedEnd server = Server();
        NestedPair pair = await (overSockets
            ? NestedPair.OverSockets(this, client, server)
            : NestedPair.OverWire(this, client, server, Timeout.InfiniteTimeSpan));

        IoError clients = await client.Inner.Task.Within();
        IoError servers = await server.Inner.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, clients.Code);
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, servers.Code);
        Assert.Equal(clients, await client.Ended.Task.Within());
        Assert.Equal(servers, await server.Ended.Task.Within());
        Assert.Equal((1, 1), (client.Inner.Count, server.Inner.Count));
        Assert.Equal((IoError.None, IoError.None), (await client.Outer.Task, await server.Outer.Task));
        Assert.Equal((0, 0), (client.App.Count, server.App.Count));
        Assert.Equal((1, 1), (pair.Client.Ended.Count, pair.Server.Ended.Count));
    }

    [Fact]
    public async Task A_peer_that_goes_on_sending_does_not_keep_a_failed_inner_connection_open()
    {
        NestedEnd client = Client(new Recorder { FirstWindow = 1000 });
        NestedEnd server = new();
        await NestedPair.OverWire(this, client, server, Timeout.InfiniteTimeSpan);
        Assert.Equal(IoError.None, await server.Outer.Task.Within());
        await server.App.Received(1).Within();

        // It speaks no TLS inside, and sends far more than a handshake has room for.
        await SendSmall(server.App, client, 2000);

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, (await client.Inner.Task.Within()).Code);
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, (await client.Ended.Task.Within()).Code);
        Assert.Equal(1, client.Inner.Count);
    }

    [Fact]
    public async Task A_peer_that_goes_on_sending_does_not_keep_a_broken_inner_connection_open()
    {
        Splice broken = new() { BreaksAfter = 5000 };
        NestedEnd client = new() { InnerOptions = TlsParts.Client().Localhosted(), Between = broken };
        NestedEnd server = Server(new Recorder { FirstWindow = 3000, Regrants = true });
        await (await NestedPair.OverWire(this, client, server, Timeout.InfiniteTimeSpan)).Succeeded();

        await SendSmall(client.App, server, 2000);

        Assert.Equal(IoErrorCode.TlsReadFailure, (await server.Ended.Task.Within()).Code);
        Assert.InRange(server.App.Count, 0, 5000);
        Assert.Equal(0, server.App.ReadEnd.Count);
    }

    [Fact]
    public async Task What_comes_behind_the_inner_goodbye_is_dropped()
    {
        Splice between = new() { KeepsOpen = true };
        NestedEnd client = new() { InnerOptions = TlsParts.Client().Localhosted(), Between = between };
        NestedEnd server = Server(new Recorder { FirstWindow = 1000, Regrants = true, StaysAfterReadEnd = true });
        await (await NestedPair.OverWire(this, client, server, Timeout.InfiniteTimeSpan)).Succeeded();
        Assert.Equal(IoError.None, await client.App.Send("all", isLast: true).Within());
        Assert.Equal(IoError.None, await server.App.ReadEnd.Task.Within());

        await client.Do(() => between.SendJunk(200_000));
        Assert.Equal(IoError.None, await server.App.Send("still here").Within());
        await client.App.Received(10).Within();
        server.Channel.Shutdown(IoError.None);

        Assert.Equal(IoError.None, await server.Ended.Task.Within());
        Assert.Equal(("all", 1), (server.App.Text, server.App.ReadEnd.Count));
    }

    [Fact]
    public async Task An_outer_goodbye_fails_the_inner_handshake_with_an_error()
    {
        NestedEnd client = Client();
        NestedEnd server = new();
        await NestedPair.OverWire(this, client, server);
        await server.App.Received(1).Within();

        server.Channel.Shutdown(IoError.None);

        IoError failure = await client.Inner.Task.Within();
        Assert.Equal(IoErrorCode.SocketClosed, failure.Code);
        Assert.Contains("carries it was closed", failure.Detail, StringComparison.Ordinal);
        Assert.Equal(failure, await client.Ended.Task.Within());
        Assert.Equal(1, client.Inner.Count);
    }

    [Fact]
    public async Task An_outer_goodbye_without_an_inner_one_is_a_truncation()
    {
        Splice between = new() { LosesGoodbye = true };
        NestedEnd client = new() { InnerOptions = TlsParts.Client().Localhosted(), Between = between };
        NestedEnd server = Server();
        await (await NestedPair.OverWire(this, client, server)).Succeeded();
        await client.App.Send("a part").Within();
        await server.App.Received(6).Within();

        client.Channel.Shutdown(IoError.None);

        IoError reason = await server.Ended.Task.Within();
        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, reason.Code);
        Assert.Equal(("a part", 0), (server.App.Text, server.App.ReadEnd.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_application_that_refuses_data_is_given_no_more_of_it(bool throws)
    {
        Refuser refuser = new(throws);
        NestedEnd client = Client();
        NestedEnd server = new() { InnerOptions = TlsParts.Server().ForServer(), Last = refuser };
        await (await NestedPair.OverWire(this, client, server, Timeout.InfiniteTimeSpan)).Succeeded();

        await client.App.Send(Payload.Of(400_000)).Within();

        Assert.Equal(throws ? IoErrorCode.Unknown : IoErrorCode.NoPermission, (await server.Ended.Task.Within()).Code);
        Assert.Equal(1, refuser.Calls);
    }

    [Fact]
    public async Task An_outer_handshake_that_fails_is_told_to_both()
    {
        NestedEnd client = Client(installsAtOnce: true);
        NestedEnd server = Server(installsAtOnce: true);
        client.Corrupt = static (position, value) => position == 10 ? (byte)(value ^ 1) : value;
        NestedPair pair = await NestedPair.OverWire(this, client, server);

        Assert.True((await client.Outer.Task.Within()).IsError);
        Assert.True((await client.Inner.Task.Within()).IsError);
        Assert.Equal(await client.Outer.Task, await client.Ended.Task.Within());
        Assert.Equal((1, 1), (pair.Client.Outer.Count, pair.Client.Inner.Count));
    }

    /// <summary>
    /// Writes in messages of 100 bytes, so that whole records wait wherever a window ends, and has them come all at once.
    /// </summary>
    private static async Task SendSmall(Recorder app, NestedEnd to, int messages)
    {
        await to.Do(() => to.Wire!.IsHeld = true);
        for (int i = 1; i < messages; i++)
        {
            _ = app.Send(new byte[100]);
        }

        Assert.Equal(IoError.None, await app.Send(new byte[100]).Within());
        await to.Do(() =>
        {
            to.Wire!.IsHeld = false;
            to.Wire.Pump();
        });
    }

    private static NestedEnd Client(Recorder? app = null, TlsVersion version = TlsVersion.Tls13, bool installsAtOnce = false) => new()
    {
        InnerOptions = TlsParts.Client(options => options.Only(version)).Localhosted(),
        App = app ?? new() { Regrants = true },
        InstallsAtOnce = installsAtOnce,
    };

    private static NestedEnd Server(Recorder? app = null, bool installsAtOnce = false) => new()
    {
        InnerOptions = TlsParts.Server().ForServer(),
        App = app ?? new() { Regrants = true },
        InstallsAtOnce = installsAtOnce,
    };

    private static string OtherAuthority()
    {
        using Testing.TestCertificateAuthority other = new();
        return other.CertificatePem;
    }

    /// <summary>Stands inside the outer connection and spoils what is written to it.</summary>
    private sealed class Splice : ChannelHandler
    {
        private long _written;
        private bool _isBroken;

        /// <summary>After how many bytes one is changed.</summary>
        internal long BreaksAfter { get; init; } = long.MaxValue;

        /// <summary>Whether the inner end does not end the outer writing direction.</summary>
        internal bool KeepsOpen { get; init; }

        /// <summary>Whether what is written during the shutdown is lost.</summary>
        internal bool LosesGoodbye { get; init; }

        protected internal override long InitialWindow => 0;

        internal void SendJunk(int size)
        {
            for (int sent = 0; sent < size;)
            {
                IoMessage message = Slot!.Channel.RentMessage(100);
                message.Advance(100);
                message.Data.Fill(7);
                sent += message.Length;
                Assert.Equal(IoError.None, Slot.Send(message, ChannelDirection.Write));
            }
        }

        protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
        {
            if (LosesGoodbye && slot.Channel.State == ChannelState.ShuttingDown)
            {
                message.Complete(IoError.None);
                return IoError.None;
            }

            if (KeepsOpen)
            {
                message.IsLast = false;
            }

            _written += message.Length;
            if (_written > BreaksAfter && !_isBroken)
            {
                _isBroken = true;
                message.Data[^1] ^= 1;
            }

            return base.OnWrite(slot, message);
        }
    }

    private sealed class Refuser(bool throws) : ChannelHandler
    {
        internal int Calls { get; private set; }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            Calls++;
            if (!throws)
            {
                return IoErrorCode.NoPermission;
            }

            message.Release();
            throw new InvalidOperationException("on purpose");
        }
    }
}
