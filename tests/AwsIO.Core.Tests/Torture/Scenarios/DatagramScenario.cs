using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Torture;

/// <summary>A connected socket sends datagrams, one alone and the others together, and each is answered to its sender.</summary>
internal sealed class DatagramScenario(Transport transport) : TortureScenario
{
    internal override string Name => transport == Transport.Unix ? "unix-datagrams" : "udp";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup(1) is not { } group)
        {
            return;
        }

        SocketEndpoint[] paths = [transport.FreeEndpoint(), transport.FreeEndpoint()];
        if (Make(run, paths[0], "the server") is { } server)
        {
            IoResult<SocketEndpoint> local = server.GetLocalEndpoint();
            IoError error = local.IsSuccess ? server.AssignTo(group[0]) : local.Error;
            run.Begin("the server's loop").Answer(error);
            if (error.IsNone && Make(run, paths[1], "the client") is { } client)
            {
                Exchange exchange = new(run, server, client);
                await run.Wait(group[0].Call(() => exchange.Connect(local.Value)), "the exchange");
            }

            await run.WaitForAll();
            await run.Wait(group[0].Call(server.Dispose), "the server's close");
        }

        await run.End(group);
        if (transport == Transport.Unix)
        {
            Array.ForEach(paths, static path => File.Delete(path.Address));
        }
    }

    private IoSocket? Make(TortureRun run, SocketEndpoint endpoint, string name)
    {
        Operation making = run.Begin(name);
        IoResult<IoSocket> created = IoSocket.Create(transport.DatagramOptions());
        IoError error = created.IsSuccess ? created.Value.Bind(endpoint) : created.Error;
        making.Answer(error);
        if (error.IsNone)
        {
            return created.Value;
        }

        if (created.IsSuccess)
        {
            created.Value.Dispose();
        }

        return null;
    }

    /// <summary>On one loop. It is over when all that was sent has been told, and has arrived; or by an error in receiving.</summary>
    private sealed class Exchange(TortureRun run, IoSocket server, IoSocket client)
    {
        private const int Together = 8;

        private readonly Operation _everything = run.Begin("everything that was sent");
        private readonly byte[] _buffer = new byte[100];
        private readonly byte[] _answer = "answer"u8.ToArray();
        private int _open;
        private int _sent;
        private int _received;
        private int _answered;
        private int _back;
        private bool _isOver;

        internal void Connect(SocketEndpoint to)
        {
            IoError error = server.StartReceive(new DatagramBatch(4, 100), (_, failure, batch, _) => OnReceived(failure, batch), null);
            error = error.IsError ? error : client.Connect(to, server.EventLoop!, (_, result, _) => OnConnected(result), null);
            if (error.IsError)
            {
                End(error);
            }
        }

        private void OnConnected(IoError error)
        {
            error = error.IsError ? error : client.SubscribeReadable((_, _, _) => OnAnswer(), null);
            if (error.IsError)
            {
                End(error);
                return;
            }

            Operation alone = run.Begin("the datagram that is sent alone");
            _open++;
            error = client.Write("alone"u8.ToArray(), (_, result, _, _) => OnSent(alone, result, ref _sent), null);
            if (error.IsError)
            {
                OnSent(alone, error, ref _sent);
            }

            _open += Together;
            OutgoingDatagram[] together =
                [.. Enumerable.Range(0, Together).Select(i => new OutgoingDatagram(new byte[i], default, run.Begin($"datagram {i}")))];
            if (!_isOver && client.SendMany(together, (_, result, _, state) => OnSent((Operation)state!, result, ref _sent)) is { IsError: true } all)
            {
                Array.ForEach(together, datagram => OnSent((Operation)datagram.State!, all, ref _sent));
            }
            else if (_isOver)
            {
                Array.ForEach(together, static datagram => ((Operation)datagram.State!).Answer(IoErrorCode.SocketClosed));
            }
        }

        private void OnSent(Operation sending, IoError error, ref int count)
        {
            sending.Answer(error);
            count += error.IsNone ? 1 : 0;
            _open--;
            EndIfOver();
        }

        private void OnReceived(IoError error, DatagramBatch batch)
        {
            if (error.IsError)
            {
                End(error);
            }

            _received += batch.Count;
            for (int i = 0; i < batch.Count && server.IsOpen; i++)
            {
                Operation answering = run.Begin("an answer");
                _open++;
                IoError failure = server.SendTo(_answer, batch[i].Sender, (_, result, _, _) => OnSent(answering, result, ref _answered), null);
                if (failure.IsError)
                {
                    OnSent(answering, failure, ref _answered);
                }
            }

            EndIfOver();
        }

        private void OnAnswer()
        {
            while (!_isOver)
            {
                IoError error = client.ReceiveFrom(_buffer, out DatagramInfo datagram);
                if (error.Code == IoErrorCode.ReadWouldBlock)
                {
                    return;
                }

                if (error.IsNone && !_buffer.AsSpan(0, datagram.Length).SequenceEqual(_answer))
                {
                    run.Wrong($"An answer of {datagram.Length} bytes.");
                }

                _back += error.IsNone ? 1 : 0;
                if (error.IsError)
                {
                    End(error);
                }

                EndIfOver();
            }
        }

        private void EndIfOver()
        {
            if (_open == 0 && _received == _sent && _back == _answered)
            {
                End(IoError.None);
            }
        }

        private void End(IoError error)
        {
            if (!_isOver)
            {
                _isOver = true;
                _everything.Answer(error);
                client.Dispose();
                server.Dispose();
            }
        }
    }
}
