using System.Text;
using AwsIO.Tasks;
using AwsIO.Testing;

namespace AwsIO.Samples;

/// <summary>A conversation that the system does not make easy.</summary>
internal static class FaultsSample
{
    internal static async Task RunAsync()
    {
        // <snippet faults>
        using FaultPlan plan = FaultPlan.Start("accept4:1=EMFILE; send:1=short(1); recv:*2=EINTR");
        await using IoRuntime io = new();
        await using IoListener listener = await io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0));
        await using IoConnection client = await io.ConnectAsync(listener.LocalEndpoint);
        await using IoConnection server = await listener.AcceptAsync();

        await client.WriteAsync("hello"u8.ToArray());
        byte[] received = new byte[5];
        for (int count = 0; count < received.Length;)
        {
            count += await server.ReadAsync(received.AsMemory(count));
        }

        Console.WriteLine($"{Encoding.UTF8.GetString(received)}, in spite of {plan.Taken[0]} and {plan.TakenCount - 1} more");
        // </snippet>
    }
}
