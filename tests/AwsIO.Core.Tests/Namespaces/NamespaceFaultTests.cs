using System.Globalization;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Namespaces;

namespace AwsIO.Tests.Namespaces;

/// <summary>
/// Two processes with a network of their own between them, and what networks do: lose, starve, fall silent, come back, reset. A transfer
/// arrives whole or ends with an error that says why.
/// </summary>
[Trait("Category", "Slow")]
[Collection(LoopTestCollection.Name)]
public sealed class NamespaceFaultTests
{
    private const int Size = 2 * 1024 * 1024;

    /// <summary>How a network falls silent.</summary>
    public enum Silence
    {
        LinkDown,
        Dropping,
    }

    [Fact]
    public async Task Over_a_good_link_a_transfer_arrives_whole()
    {
        using NetworkPair network = NetworkPair.Make();
        (NamespaceChild client, NamespaceChild server) = await Connect(network);

        await ArrivesWhole(client, server);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Over_a_link_that_loses_packets_a_transfer_arrives_whole(int percent)
    {
        using NetworkPair network = NetworkPair.Make();
        network.DropAtRandom(percent);
        (NamespaceChild client, NamespaceChild server) = await Connect(network);

        await ArrivesWhole(client, server);
    }

    [Fact]
    public async Task Over_a_thin_link_a_transfer_arrives_whole()
    {
        using NetworkPair network = NetworkPair.Make();
        network.Thin("10mbit");
        (NamespaceChild client, NamespaceChild server) = await Connect(network);

        await ArrivesWhole(client, server);
    }

    [Theory]
    [InlineData(Silence.LinkDown)]
    [InlineData(Silence.Dropping)]
    public async Task Over_a_link_that_comes_back_a_transfer_arrives_whole(Silence silence)
    {
        using NetworkPair network = NetworkPair.Make();

        // So that there is something on its way when the link goes.
        network.Thin("20mbit");
        (NamespaceChild client, NamespaceChild server) = await Connect(network);
        await server.Says("half");
        Begin(network, silence);

        // The length of the outage: some repetitions, and far from what ends a connection.
        await Task.Delay(TimeSpan.FromMilliseconds(900), TestContext.Current.CancellationToken);
        End(network, silence);

        await ArrivesWhole(client, server, isHalf: true);
    }

    /// <summary>The writing side gives up by its repetitions, the reading side by its probes.</summary>
    [Theory]
    [InlineData(Silence.LinkDown)]
    [InlineData(Silence.Dropping)]
    public async Task A_link_that_is_gone_for_good_ends_both_sides_with_an_error(Silence silence)
    {
        using NetworkPair network = NetworkPair.Make();
        network.GiveUpAfter(3);
        network.Thin("20mbit");
        (NamespaceChild client, NamespaceChild server) = await Connect(network);
        await server.Says("half");
        Begin(network, silence);

        AssertGone(await server.Says("ended"));
        Assert.StartsWith("0 ", await client.Says("received"), StringComparison.Ordinal);
        AssertGone(await client.Says("ended"));
        await client.Ended();
        await server.Ended();
    }

    [Theory]
    [InlineData(Silence.LinkDown)]
    [InlineData(Silence.Dropping)]
    public async Task A_connect_without_an_answer_ends_by_its_timeout(Silence silence)
    {
        using NetworkPair network = NetworkPair.Make();
        Begin(network, silence);
        NamespaceChild client = StartClient(network, connectTimeout: 700);
        await client.Says("connecting");

        Assert.Equal($"{IoErrorCode.SocketTimeout} 0", await client.Says("connected"));
        await client.Ended();
    }

    /// <summary>The kernel repeats its first packet a second later.</summary>
    [Fact]
    public async Task A_connect_waits_for_a_link_that_comes_up_in_time()
    {
        using NetworkPair network = NetworkPair.Make();
        NamespaceChild server = network.Start(network.Server, typeof(NamespacePrograms), nameof(NamespacePrograms.Server), Sized);
        await server.Says("listening");
        network.DropAll();
        NamespaceChild client = StartClient(network, connectTimeout: 20_000);
        await client.Says("connecting");
        network.RemoveFilters();

        Assert.Equal("Success 0", await client.Says("connected"));
        await ArrivesWhole(client, server);
    }

    [Fact]
    public async Task A_firewall_that_resets_in_the_middle_ends_the_writer_with_that()
    {
        using NetworkPair network = NetworkPair.Make();
        network.Thin("20mbit");
        (NamespaceChild client, NamespaceChild server) = await Connect(network);
        await server.Says("half");
        network.RejectWithReset();

        await client.Says("received");
        Assert.Equal($"{IoErrorCode.SocketClosed} 104", await client.Says("ended"));
        await client.Ended();

        // The server hears of nothing but the silence.
        AssertGone(await server.Says("ended"));
        await server.Ended();
    }

    private static (string Name, string Value) Sized => (NamespacePrograms.Size, Size.ToString(CultureInfo.InvariantCulture));

    private static NamespaceChild StartClient(NetworkPair network, int connectTimeout) => network.Start(
        network.Client,
        typeof(NamespacePrograms),
        nameof(NamespacePrograms.Client),
        Sized,
        (NamespacePrograms.ConnectTimeout, connectTimeout.ToString(CultureInfo.InvariantCulture)));

    private static async Task<(NamespaceChild Client, NamespaceChild Server)> Connect(NetworkPair network)
    {
        NamespaceChild server = network.Start(network.Server, typeof(NamespacePrograms), nameof(NamespacePrograms.Server), Sized);
        await server.Says("listening");
        NamespaceChild client = StartClient(network, connectTimeout: 20_000);
        await client.Says("connecting");
        Assert.Equal("Success 0", await client.Says("connected"));
        return (client, server);
    }

    private static async Task ArrivesWhole(NamespaceChild client, NamespaceChild server, bool isHalf = false)
    {
        string whole = NamespacePrograms.Whole(Size);
        if (!isHalf)
        {
            await server.Says("half");
        }

        Assert.Equal(whole, await server.Says("received"));
        Assert.Equal(whole, await client.Says("received"));
        Assert.Equal($"{IoErrorCode.SocketClosed} 0", await client.Says("ended"));
        Assert.Equal("Success 0", await server.Says("ended"));
        await client.Ended();
        await server.Ended();
    }

    private static void AssertGone(string end)
    {
        // ETIMEDOUT; or what the routes said in the meantime: ENETUNREACH, EHOSTUNREACH.
        int native = int.Parse(end.Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.True(native is 110 or 101 or 113, end);
        Assert.NotEqual(nameof(IoErrorCode.Success), end.Split(' ')[0]);
    }

    private static void Begin(NetworkPair network, Silence silence)
    {
        if (silence == Silence.LinkDown)
        {
            network.LinkDown();
        }
        else
        {
            network.DropAll();
        }
    }

    private static void End(NetworkPair network, Silence silence)
    {
        if (silence == Silence.LinkDown)
        {
            network.LinkUp();
        }
        else
        {
            network.RemoveFilters();
        }
    }
}
