using System.Threading.Channels;
using AwsIO.Tests.Torture;

namespace AwsIO.Tasks.Tests.Torture;

/// <summary>
/// Datagrams go out, one alone and the others together; each that was taken arrives, and is answered to its sender. Then a receive is
/// given up, and the sockets are closed while receives and sends wait.
/// </summary>
internal sealed class DatagramScenario(string name, bool isUnix) : FacadeScenario
{
    private const int Together = 20;

    // A fault that stays has each receive fail.
    private const int MostFailures = 3;

    // More than a Unix domain socket that nobody receives from has room for.
    private const int TooMany = 100;

    internal override string Name => name;

    protected override async Task Run(TortureRun run, IoRuntime io)
    {
        SocketEndpoint[] addresses = [.. Enumerable.Range(0, 2).Select(_ => Free())];
        IoDatagramSocket? server = await TryOpen(run, "the server", () => io.BindDatagramsAsync(addresses[0], new() { MaxWaiting = 2 }));
        IoDatagramSocket? client = server is null ? null : await TryOpen(run, "the client", () => io.ConnectDatagramsAsync(
            server.LocalEndpoint, new() { MaxWaiting = 2, Socket = { LocalEndpoint = addresses[1] } }));
        if (client is not null)
        {
            await Exchange(run, server!, client);
            await Abandon(run, server!, client);
        }

        await Close(run, client);
        await Close(run, server);
        Array.ForEach(addresses, static address => File.Delete(address.Address));
    }

    private SocketEndpoint Free() => isUnix
        ? SocketEndpoint.Unix(Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock"))
        : SocketEndpoint.Udp("127.0.0.1", 0);

    private static async Task<IoDatagramSocket?> TryOpen(TortureRun run, string name, Func<Task<IoDatagramSocket>> open)
    {
        IoDatagramSocket? opened = null;
        await Try(run, name, async () => opened = await open());
        return opened;
    }

    private static async Task Exchange(TortureRun run, IoDatagramSocket server, IoDatagramSocket client)
    {
        Channel<bool> answered = Channel.CreateUnbounded<bool>();
        Channel<bool> back = Channel.CreateUnbounded<bool>();
        using CancellationTokenSource over = new();

        Task Serve()
        {
            byte[] buffer = new byte[Together + 1];
            return Receive(run, server, buffer, over, async datagram =>
            {
                Check(run, buffer, datagram);
                ValueTask Answer() => server.SendToAsync(buffer.AsMemory(0, datagram.Length), datagram.Sender, over.Token);
                answered.Writer.TryWrite(await TrySend(run, "an answer", Answer, over.Token));
            });
        }

        // Two take turns: what one of them sees, the other may take.
        Task serving = Task.WhenAll(Serve(), Serve());
        byte[] other = new byte[Together + 1];
        Task hearing = Receive(run, client, other, over, datagram =>
        {
            Check(run, other, datagram);
            back.Writer.TryWrite(true);
            return Task.CompletedTask;
        });

        Task<bool> Send(int size) =>
            TrySend(run, $"the datagram of {size} bytes", () => client.SendAsync(Datagram(size), over.Token), over.Token);
        int sent = await Send(Together) ? 1 : 0;
        Task<bool>[] together = [.. Enumerable.Range(0, Together).Select(Send)];
        sent += (await Task.WhenAll(together)).Count(static went => went);
        int expected = 0;
        try
        {
            for (int i = 0; i < sent; i++)
            {
                expected += await run.Wait(answered.Reader.ReadAsync(over.Token).AsTask(), $"datagram {i} of {sent}") ? 1 : 0;
            }

            for (int i = 0; i < expected; i++)
            {
                await run.Wait(back.Reader.ReadAsync(over.Token).AsTask(), $"answer {i} of {expected}");
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Nothing can be received: that was told.
            expected = -1;
        }

        // A receive waits at either end: giving it up must not take the socket along.
        await over.CancelAsync();
        await run.Wait(Task.WhenAll(serving, hearing), "the receives that were given up");
        if (expected >= 0 && (answered.Reader.TryRead(out _) || back.Reader.TryRead(out _)))
        {
            run.Wrong("A datagram came twice.");
        }
    }

    /// <summary>Sends a datagram. In the Unix domain it waits for who receives: when nobody does any more, it is given up.</summary>
    private static async Task<bool> TrySend(TortureRun run, string name, Func<ValueTask> send, CancellationToken over)
    {
        bool sent = false;
        return await Try(run, name, async () =>
        {
            try
            {
                await send();
                sent = true;
            }
            catch (OperationCanceledException exception) when (exception.CancellationToken == over)
            {
                // As was asked for.
            }
        }) && sent;
    }

    /// <summary>
    /// Receives until that is given up. An error is told in place of a datagram, and what was sent comes all the same; by too many of them
    /// everything is over.
    /// </summary>
    private static async Task Receive(
        TortureRun run, IoDatagramSocket socket, byte[] buffer, CancellationTokenSource over, Func<DatagramInfo, Task> take)
    {
        int failures = 0;
        while (true)
        {
            Operation receiving = run.Begin("a receive");
            DatagramInfo datagram;
            try
            {
                datagram = await socket.ReceiveAsync(buffer, over.Token);
                receiving.Answer(IoError.None);
            }
            catch (IoException exception)
            {
                receiving.Answer(exception.Error);
                if (++failures == MostFailures)
                {
                    await over.CancelAsync();
                    return;
                }

                continue;
            }
            catch (OperationCanceledException exception) when (exception.CancellationToken == over.Token)
            {
                receiving.Answer(IoError.None);
                return;
            }

            do
            {
                await take(datagram);
            }
            while (socket.TryReceive(buffer, out datagram));
        }
    }

    /// <summary>Has receives and sends wait, and closes beneath them.</summary>
    private static async Task Abandon(TortureRun run, IoDatagramSocket server, IoDatagramSocket client)
    {
        List<Task> waiting = [Abandoned(run, "a receive that is abandoned", async () => await client.ReceiveAsync(new byte[1]))];
        waiting.AddRange(Enumerable.Range(0, TooMany).Select(_ => Abandoned(
            run, "a send that is abandoned", () => client.SendAsync(Datagram(1)).AsTask())));
        client.Dispose();
        server.Dispose();
        await run.Wait(Task.WhenAll(waiting), "what was abandoned");
        waiting.Clear();
        waiting.Add(Abandoned(run, "a receive that is late", async () => await server.ReceiveAsync(new byte[1])));
        waiting.Add(Abandoned(run, "a send that is late", async () => await client.SendAsync(Datagram(1))));
        await run.Wait(Task.WhenAll(waiting), "what came too late");
    }

    private static Task Close(TortureRun run, IoDatagramSocket? socket) =>
        socket is null ? Task.CompletedTask : Try(run, "a close", () => socket.DisposeAsync().AsTask());

    private static byte[] Datagram(int size)
    {
        byte[] data = new byte[size];
        Array.Fill(data, (byte)size);
        return data;
    }

    private static void Check(TortureRun run, byte[] buffer, in DatagramInfo datagram)
    {
        if (datagram.IsTruncated || !buffer.AsSpan(0, datagram.Length).SequenceEqual(Datagram(datagram.Length)))
        {
            run.Wrong($"A datagram of {datagram.Length} bytes is not as it was sent.");
        }
    }
}
