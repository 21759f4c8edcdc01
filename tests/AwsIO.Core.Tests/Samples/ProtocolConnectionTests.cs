using System.Text;
using AwsIO.Samples;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Samples;

/// <summary>The sample protocols over real connections, plain and with TLS.</summary>
public sealed class ProtocolConnectionTests : ConnectionTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lines_are_answered_one_by_one_until_the_peer_says_goodbye(bool tls)
    {
        const int count = 5000;
        int shouted = 0;
        Signal<string> bye = new();
        LineHandler client = new(100, (_, line) =>
        {
            string text = Encoding.ASCII.GetString(line);
            if (text == "BYE")
            {
                bye.Set(text);
            }
            else
            {
                Assert.Equal($"LINE {shouted++}", text);
            }
        });
        (IoChannel channel, Signal<IoError> ended, Signal<IoError> servers) = await Connect(
            tls, server => server.AddLast(new LineHandler(100, Shout)), own => own.AddLast(client));

        for (int i = 0; i < count; i++)
        {
            byte[] line = Encoding.ASCII.GetBytes($"line {i}{(i % 2 == 0 ? "\r" : "")}");
            channel.EventLoop.Schedule(IoTask.Create((_, _) => Assert.Equal(IoError.None, client.WriteLine(line)), 0));
        }

        channel.EventLoop.Schedule(IoTask.Create((_, _) => Assert.Equal(IoError.None, client.WriteLine("bye"u8)), 0));
        Assert.Equal("BYE", await bye.Task.Within());
        Assert.Equal(count, shouted);
        Assert.Equal(IoError.None, await servers.Task.Within());
        Assert.Equal(tls ? IoErrorCode.Success : IoErrorCode.SocketClosed, (await ended.Task.Within()).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_whose_line_has_no_end_is_cut_off(bool tls)
    {
        (IoChannel channel, Signal<IoError> ended, Signal<IoError> servers) = await Connect(
            tls, server => server.AddLast(new LineHandler(100, Shout)), static _ => { });
        Recorder app = new();
        await channel.EventLoop.Do(() => channel.AddLast(app));

        _ = app.Send(new byte[300_000]);

        Assert.Equal(IoErrorCode.InvalidArgument, (await servers.Task.Within()).Code);
        await ended.Task.Within();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_of_all_sizes_come_back_as_they_were(bool tls)
    {
        const int longest = 100_000;
        int[] sizes = [0, 1, 2, 100, 16_383, 16_384, 16_385, 65_536, longest, 3, 0];
        byte[][] frames = [.. sizes.Select(static (size, i) => Payload.Of(size, i))];
        Recorder app = new() { FirstWindow = longest, Regrants = true };
        (IoChannel channel, Signal<IoError> ended, Signal<IoError> servers) = await Connect(
            tls,
            static server =>
            {
                server.AddLast(new LengthPrefixHandler(longest));
                server.AddLast(new Echo());
            },
            own =>
            {
                own.AddLast(new LengthPrefixHandler(longest));
                own.AddLast(app);
            });

        await channel.EventLoop.Do(() => Assert.All(frames, frame => Write(app, frame)));
        await app.Received(sizes.Sum()).Within();
        await channel.EventLoop.Do(static () => { });
        await Until(channel.EventLoop, () => app.Sizes.Count == sizes.Length);

        Assert.Equal(sizes, app.Sizes);
        Assert.Equal(frames.SelectMany(static frame => frame), app.Bytes);
        channel.Shutdown(IoError.None);
        Assert.Equal(IoError.None, await ended.Task.Within());
        Assert.Equal(tls ? IoErrorCode.Success : IoErrorCode.SocketClosed, (await servers.Task.Within()).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_requests_are_under_way_on_one_connection_and_each_gets_its_own_answer(bool tls)
    {
        const int total = 3000;
        int sent = 0;
        int answered = 0;
        int most = 0;
        Signal<int> done = new();
        PipelinedClient client = new(32);
        (IoChannel channel, Signal<IoError> ended, Signal<IoError> servers) = await Connect(
            tls,
            static server =>
            {
                server.AddLast(new LengthPrefixHandler(1000));
                server.AddLast(new PipelinedHandler(8, 1000, AnswerLater));
            },
            own =>
            {
                own.AddLast(new LengthPrefixHandler(1000));
                own.AddLast(client);
            });

        void Fill()
        {
            while (client.HasRoom && sent < total)
            {
                Assert.Equal(IoError.None, client.Request(Encoding.ASCII.GetBytes($"{sent}"), OnAnswer, sent));
                sent++;
                most = Math.Max(most, client.UnderWay);
            }
        }

        void OnAnswer(IoError error, ReadOnlySpan<byte> answer, object? state)
        {
            Assert.Equal((IoError.None, (object)answered, $"{answered}!"), (error, state!, Encoding.ASCII.GetString(answer)));
            answered++;
            Fill();
            if (answered == total)
            {
                done.Set(answered);
            }
        }

        await channel.EventLoop.Do(Fill);
        await done.Task.Within();
        Assert.Equal((total, 32), (answered, most));
        channel.Shutdown(IoError.None);
        Assert.Equal(IoError.None, await ended.Task.Within());
        await servers.Task.Within();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_goes_away_fails_each_pending_request_once(bool tls)
    {
        List<IoErrorCode> told = [];
        Signal<IoChannel> asked = new();
        PipelinedClient client = new(10);
        (IoChannel channel, Signal<IoError> ended, _) = await Connect(
            tls,
            server =>
            {
                server.AddLast(new LengthPrefixHandler(1000));
                server.AddLast(new PipelinedHandler(10, 1000, (handler, number, _) =>
                {
                    if (number == 4)
                    {
                        handler.Answer(0, "only this one"u8);
                        handler.Slot!.Channel.Shutdown(IoError.None);
                    }
                }));
            },
            own =>
            {
                own.AddLast(new LengthPrefixHandler(1000));
                own.AddLast(client);
            });

        await channel.EventLoop.Do(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                Assert.Equal(IoError.None, client.Request("?"u8, (error, _, _) => told.Add(error.Code), null));
            }
        });
        await ended.Task.Within();

        // Fails with the peer's end, or where TLS says goodbye, with the end of the connection.
        Assert.Equal(
            [IoErrorCode.Success, IoErrorCode.SocketClosed, IoErrorCode.SocketClosed, IoErrorCode.SocketClosed, IoErrorCode.SocketClosed], told);
    }

    private static void Shout(LineHandler handler, ReadOnlySpan<byte> line)
    {
        Assert.Equal(IoError.None, handler.WriteLine(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(line).ToUpperInvariant())));
        if (line.SequenceEqual("bye"u8))
        {
            handler.Close(IoError.None);
        }
    }

    /// <summary>Answers at once, or some ticks later, so that answers are ready in another order than that of the requests.</summary>
    private static void AnswerLater(PipelinedHandler handler, long number, ReadOnlySpan<byte> request)
    {
        byte[] answer = [.. request, (byte)'!'];
        if (number % 3 == 0)
        {
            handler.Answer(number, answer);
        }
        else
        {
            _ = handler.Slot!.Channel.EventLoop.AfterTicks((int)(7 - (number % 7)), () => handler.Answer(number, answer));
        }
    }

    private static void Write(Recorder app, byte[] frame)
    {
        IoMessage message = app.Slot!.Channel.RentMessage(frame.Length);
        Assert.Equal(frame.Length, message.Append(frame));
        Assert.Equal(IoError.None, app.Slot.Send(message, ChannelDirection.Write));
    }

    private static async Task Until(EventLoop loop, Func<bool> holds)
    {
        for (int i = 0; i < 10_000 && !holds(); i++)
        {
            await loop.Do(static () => { });
        }
    }

    /// <summary>Connects; gives the client's channel, and both ends' reasons.</summary>
    private async Task<(IoChannel Client, Signal<IoError> ClientEnded, Signal<IoError> ServerEnded)> Connect(
        bool tls, Action<IoChannel> server, Action<IoChannel> client)
    {
        Signal<IoChannel> ready = new();
        Signal<IoError> clientEnded = new();
        Signal<IoError> serverEnded = new();
        IoResult<ServerListener> listener = new ServerBootstrap(Group).Listen(new ServerListenOptions
        {
            Endpoint = Dialling.AnyPort,
            Tls = tls ? TlsParts.Server().ForServer() : null,
            OnIncomingChannel = (channel, error, _) =>
            {
                Assert.Equal(IoError.None, error);
                server(channel!);
            },
            OnChannelShutdown = (_, error, _) => serverEnded.Set(error),
        });
        Assert.True(listener.IsSuccess, listener.Error.ToString());
        After(listener.Value.Dispose);
        IoResult<ConnectOperation> connecting = new ClientBootstrap(Group, Resolver).Connect(new ClientConnectOptions
        {
            Endpoint = listener.Value.LocalEndpoint,
            Tls = tls ? TlsParts.Client().Localhosted() : null,
            OnSetup = (channel, error, _) =>
            {
                Assert.Equal(IoError.None, error);
                client(channel!);
                ready.Set(channel!);
            },
            OnShutdown = (_, error, _) => clientEnded.Set(error),
        });
        Assert.True(connecting.IsSuccess, connecting.Error.ToString());
        return (await ready.Task.Within(), clientEnded, serverEnded);
    }
}
