using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>Connections on loops without threads. What they make of time, <see cref="ManualTimeoutTests"/> tell.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualConnectionTests
{
    // What a fault does to one connection it does not do to the other.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public void A_seed_gives_a_connection_the_same_loops_and_the_same_messages_each_time()
    {
        static string Trace(int seed)
        {
            using ManualLoopGroup loops = new(3, seed);
            using DrivenConnection connection = DrivenConnection.Open(loops);
            for (int i = 1; i < 20; i++)
            {
                _ = connection.Client!.App.Send(new byte[i * 500]);
                _ = connection.Server.App.Send(new byte[i * 700]);
                loops.Step();
            }

            loops.RunUntilIdle();
            return $"{connection.Client!.SetupLoop.Task.Result!.Name} {string.Join(' ', connection.Client.App.Sizes)} / "
                + $"{connection.Server.SetupLoop.Task.Result!.Name} {string.Join(' ', connection.Server.App.Sizes)}";
        }

        string[] traces = [.. Enumerable.Range(0, 10).Select(Trace)];
        Assert.Equal(traces, Enumerable.Range(0, 10).Select(Trace));
        Assert.True(traces.Distinct().Count() > 2);
    }

    [Fact]
    public void A_channel_echoes_whatever_the_order() => ManualLoopGroup.ForSeeds(
        30,
        static loops =>
        {
            byte[] data = Payload.Of(300_000);
            using DrivenConnection connection = DrivenConnection.Open(loops);
            Echo(connection, data);

            // At once: neither needs any time for it.
            loops.RunUntilIdle();
            Assert.Equal(data, connection.Client!.App.Bytes);
            connection.Client.Channel!.Shutdown(IoError.None);
            loops.RunUntilIdle();
            Assert.Equal((1, 1), (connection.Client.Ended.Count, connection.Server.Ended.Count));
            Assert.Equal(IoError.None, connection.Client.Ended.Task.Result);
        },
        loopCount: 3);

    [Fact]
    public void A_tcp_connection_is_driven_too()
    {
        using ManualLoopGroup loops = new(2, seed: 1);
        using DrivenConnection connection = DrivenConnection.Open(loops, Dialling.AnyPort);
        byte[] data = Payload.Of(200_000);
        Echo(connection, data);
        connection.Settle(() => connection.Client!.App.Count == data.Length);
        Assert.Equal(data, connection.Client!.App.Bytes);
        connection.Client.Channel!.Shutdown(IoError.None);
        connection.Settle(() => connection.Client.Ended.Count + connection.Server.Ended.Count == 2);
    }

    [Fact]
    public void A_group_that_ends_tells_its_connections()
    {
        using ManualLoopGroup loops = new(2, seed: 1);
        using DrivenConnection connection = DrivenConnection.Open(loops);
        loops.Dispose();
        Assert.True(connection.Client!.Ended.Task.Result.IsError);
        Assert.True(connection.Server.Ended.Task.Result.IsError);
    }

    private static void Echo(DrivenConnection connection, byte[] data)
    {
        connection.Server.App.OnMessage = bytes => connection.Server.App.SendNow(bytes, isLast: false, done: null);
        _ = connection.Client!.App.Send(data);
    }
}
