using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;
using AwsIO.Tests.Torture;
using static AwsIO.Tests.Infrastructure.Transports.Datagrams;

namespace AwsIO.Tests.Sockets.Datagrams;

public sealed class DatagramFaultTests
{
    [Fact]
    public async Task Datagrams_stand_what_the_system_may_do()
    {
        (int exitCode, string output) = await ChildTest.Run(typeof(DatagramFaultEffects), "*", environment: Torturer.FaultsOn);
        Assert.True(exitCode == 0, output);
        Assert.Matches("Total: [1-9][0-9]+, Errors: 0, Failed: 0, Skipped: 0", output);
    }
}

/// <summary>Run by <see cref="DatagramFaultTests"/> in a process where faults are on.</summary>
public sealed class DatagramFaultEffects(LoopFixture fixture) : TransportTest(fixture)
{
    private const int Many = 50;

    public static TheoryData<Transport, string> Unnoticed
    {
        get
        {
            TheoryData<Transport, string> rows = [];
            foreach (Transport transport in new[] { Transport.Tcp4, Transport.Tcp6, Transport.Unix })
            {
                rows.Add(transport, "sendto:*3=EINTR; sendmmsg:*2=EINTR; recvmsg:*2=EINTR; recvmmsg:*2=EINTR");
                rows.Add(transport, "sendto:1=EAGAIN; recvmmsg:*3=EAGAIN");
                rows.Add(transport, "sendto:*4=EAGAIN; sendmmsg:1-4=EAGAIN; recvmmsg:1-2=EAGAIN");
                rows.Add(transport, "sendto:2-4=ENOBUFS; sendmmsg:1-3=ENOBUFS");
                rows.Add(transport, "sendmmsg:*=short(1); recvmmsg:*=short(1)");
                rows.Add(transport, "sendmmsg:*=short(3); recvmmsg:*=short(2); sendto:*5=EAGAIN");
                rows.Add(transport, "sendmmsg:*=ENOSYS; recvmmsg:*=ENOSYS");
                rows.Add(transport, "sendmmsg:*=ENOSYS; recvmmsg:*=ENOSYS; sendto:*3=EAGAIN; recvmsg:*4=EAGAIN");
                rows.Add(transport, "sendmmsg:*=ENOSYS; recvmmsg:*=ENOSYS; sendto:*5=ENOBUFS; recvmsg:*2=EINTR");
            }

            return rows;
        }
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Unnoticed))]
    public async Task Everything_arrives_in_order_and_is_told_once(Transport transport, string rules)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = Unbound(transport, Fixture.OtherLoop);
        Inbox inbox = await Inbox.Of(server, capacity: 4);
        DatagramAddress to = AddressOf(server);
        List<int> told = [];
        using (FaultPlan plan = FaultPlan.Start(rules))
        {
            await Fixture.OtherLoop.On(() =>
            {
                SocketWriteCallback count = (_, error, _, state) => told.Add(error.IsNone ? (int)state! : -1);
                OutgoingDatagram[] second = [.. Enumerable.Range(Many, Many).Select(i => new OutgoingDatagram(Bytes($"{i}"), to, i))];
                for (int i = 0; i < Many; i++)
                {
                    Assert.Equal(IoError.None, client.SendTo(Bytes($"{i}"), to, count, i));
                }

                Assert.Equal(IoError.None, client.SendMany(second, count));
                Assert.Empty(told);
            });
            for (int i = 0; i < 2 * Many; i++)
            {
                Received received = await inbox.Next();
                Assert.Equal((IoError.None, $"{i}"), (received.Error, received.Text));
            }

            Assert.True(plan.TakenCount > 0);
        }

        await Fixture.OtherLoop.Ticks(2);
        Assert.Equal(Enumerable.Range(0, 2 * Many), await Fixture.OtherLoop.On(() => told));
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory(Explicit = true)]
    [InlineData("recvmmsg:1-5=ENOMEM", 5)]
    [InlineData("recvmmsg:*=ENOSYS; recvmsg:1-3=ENOBUFS", 3)]
    public async Task An_error_that_stays_a_while_is_told_and_then_datagrams_come(string rules, int errors)
    {
        IoSocket server = Bound(Transport.Tcp4, Loop);
        IoSocket client = await Connected(Transport.Tcp4, EndpointOf(server), Loop);
        using FaultPlan plan = FaultPlan.Start(rules);
        Inbox inbox = await Inbox.Of(server);
        Assert.Equal(IoError.None, await Send(client, Bytes("there")));
        for (int i = 0; i < errors; i++)
        {
            Assert.Equal(IoErrorCode.OutOfMemory, (await inbox.Next()).Error.Code);
        }

        Assert.Equal("there", (await inbox.Next()).Text);
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory(Explicit = true)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_each_is_received_alone_an_error_in_between_is_told_in_its_place(bool byHand)
    {
        IoSocket server = Bound(Transport.Tcp4, Loop);
        IoSocket client = await Connected(Transport.Tcp4, EndpointOf(server), Loop);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(IoError.None, await Send(client, Bytes($"{i}")));
        }

        using FaultPlan plan = FaultPlan.Start("recvmmsg:*=ENOSYS; recvmsg:3=ECONNREFUSED");
        if (byHand)
        {
            await Loop.On(() =>
            {
                DatagramBatch batch = new(8);
                Assert.Equal(IoError.None, server.Receive(batch));
                Assert.Equal(2, batch.Count);
                Assert.Equal(IoErrorCode.SocketConnectionRefused, server.ReceiveFrom(new byte[1], out _).Code);
                Assert.Equal(IoError.None, server.Receive(batch));
                Assert.Equal(2, batch.Count);
                Assert.Equal("2"u8.ToArray(), batch[0].Memory.ToArray());
            });
        }
        else
        {
            Inbox inbox = await Inbox.Of(server);
            Assert.Equal("0", (await inbox.Next()).Text);
            Assert.Equal("1", (await inbox.Next()).Text);
            Assert.Equal(IoErrorCode.SocketConnectionRefused, (await inbox.Next()).Error.Code);
            Assert.Equal("2", (await inbox.Next()).Text);
            Assert.Equal("3", (await inbox.Next()).Text);
        }

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Fact(Explicit = true)]
    public async Task What_fails_in_a_batch_fails_alone_and_the_rest_is_sent()
    {
        IoSocket server = Bound(Transport.Tcp4, Loop);
        IoSocket client = await Connected(Transport.Tcp4, EndpointOf(server), Loop);
        Inbox inbox = await Inbox.Of(server);
        List<string> told = [];
        using FaultPlan plan = FaultPlan.Start("sendmmsg:1=ENOMEM; sendmmsg:2=EAGAIN; sendmmsg:3=ECONNREFUSED");
        await Loop.On(() => Assert.Equal(IoError.None, client.SendMany(
            [.. Enumerable.Range(0, 5).Select(i => new OutgoingDatagram(Bytes($"{i}"), default, i))],
            (_, error, _, state) => told.Add($"{state} {error.Code}"))));
        for (int i = 2; i < 5; i++)
        {
            Assert.Equal($"{i}", (await inbox.Next()).Text);
        }

        await Loop.Ticks(2);
        Assert.Equal(["0 OutOfMemory", "1 SocketConnectionRefused", "2 Success", "3 Success", "4 Success"], await Loop.On(() => told));
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Fact(Explicit = true)]
    public async Task A_close_ends_the_waiting_for_room()
    {
        IoSocket client = Bound(Transport.Tcp4, Loop);
        DatagramAddress to = AddressOf(client);
        List<IoErrorCode> told = [];
        using FaultPlan plan = FaultPlan.Start("sendto:*=ENOBUFS");
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, client.SendTo(Bytes("x"), to, (_, error, _, _) => told.Add(error.Code), null));
            Assert.Equal(1, client.QueuedBytes);
            client.Dispose();
            Assert.Equal([IoErrorCode.SocketClosed], told);
        });
        await Loop.Ticks(3);
        Assert.Single(told);
    }

    [Fact(Explicit = true)]
    public async Task Memory_that_was_taken_back_fails_its_datagram_alone()
    {
        IoSocket server = Bound(Transport.Tcp4, Loop);
        IoSocket client = await Connected(Transport.Tcp4, EndpointOf(server), Loop);
        Inbox inbox = await Inbox.Of(server);
        List<string> told = [];
        ReturnedMemory returned = new();
        await Loop.On(() => Assert.Equal(IoError.None, client.SendMany(
            [new(Bytes("a"), default, "a"), new(returned.Memory, default, "gone"), new(Bytes("b"), default, "b"), new(returned.Memory, default, "last")],
            (_, error, _, state) => told.Add($"{state} {error.Code}"))));
        Assert.Equal("a", (await inbox.Next()).Text);
        Assert.Equal("b", (await inbox.Next()).Text);
        await Loop.Ticks(2);
        Assert.Equal(["a Success", "gone InvalidArgument", "b Success", "last InvalidArgument"], await Loop.On(() => told));
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    private sealed class ReturnedMemory : System.Buffers.MemoryManager<byte>
    {
        // Its length is known, but not its bytes any more.
        public override Memory<byte> Memory => CreateMemory(10);

        public override Span<byte> GetSpan() => throw new ObjectDisposedException("the memory");

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new ObjectDisposedException("the memory");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
