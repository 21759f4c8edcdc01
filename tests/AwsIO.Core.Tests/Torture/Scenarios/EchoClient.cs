namespace AwsIO.Tests.Torture;

/// <summary>A client by the bootstrap: writes everything, reads until it has come back, and shuts down.</summary>
internal sealed class EchoClient(TortureRun run, byte[] data)
{
    private const int MessageSize = 16 * 1024;

    private readonly Operation _setUp = run.Begin("a connection");
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Operation? _shutDown;

    /// <summary>The echo: answered when all has come back, or when nothing can come any more.</summary>
    internal Operation Echoed { get; } = run.Begin("an echo");

    /// <summary>Completes when nothing comes any more.</summary>
    internal Task Over => _over.Task;

    /// <summary>Whether the connection stays once all has come back.</summary>
    internal bool StaysOpen { get; init; }

    /// <summary>Whether the connection is shut down as soon as all was written, and nothing is waited for: neither writes nor their echo.</summary>
    internal bool OnlyWrites { get; init; }

    internal IoChannel? Channel { get; private set; }

    internal ConnectOperation? Connecting { get; private set; }

    /// <summary>What an error of the set-up counts as.</summary>
    internal Func<IoError, IoError> SetUpResult { get; init; } = static error => error;

    internal void Connect(
        EventLoopGroup group,
        HostResolver resolver,
        SocketEndpoint? endpoint,
        string? host = null,
        int port = 0,
        TlsConnectionOptions? tls = null)
    {
        IoResult<ConnectOperation> result = new ClientBootstrap(group, resolver).Connect(new ClientConnectOptions
        {
            Endpoint = endpoint,
            Host = host,
            Port = port,
            Tls = tls,
            OnSetup = (channel, error, _) => OnSetup(channel, error),
            OnShutdown = (_, error, _) => OnShutdown(error),
        });
        if (result.TryGetValue(out ConnectOperation? connecting))
        {
            Connecting = connecting;
        }
        else
        {
            OnSetup(null, result.Error);
        }
    }

    private void OnSetup(IoChannel? channel, IoError error)
    {
        if (channel is null)
        {
            _setUp.Answer(SetUpResult(error));
            Echoed.Answer(SetUpResult(error));
            _over.TrySetResult();
            return;
        }

        _shutDown = run.Begin("a connection's end");
        Channel = channel;
        _setUp.Answer(IoError.None);
        ChannelSlot slot = channel.AddLast(new Handler(this));
        for (int position = 0; position < data.Length && error.IsNone;)
        {
            IoMessage message = channel.RentMessage(Math.Min(MessageSize, data.Length - position));
            position += message.Append(data.AsSpan(position));
            Operation? writing = null;
            if (!OnlyWrites)
            {
                writing = run.Begin("a write");
                message.OnCompleted(static (_, result, state) => ((Operation)state!).Answer(result), writing);
            }

            error = slot.Send(message, ChannelDirection.Write);
            if (error.IsError)
            {
                writing?.Answer(error);
                message.Release();
                channel.Shutdown(error);
            }
        }

        if (OnlyWrites)
        {
            Echoed.Answer(error);
            channel.Shutdown(error);
        }
    }

    private void OnShutdown(IoError error)
    {
        IoError orderly = EchoServer.Orderly(error);
        if (Echoed.Answers == 0)
        {
            Echoed.Answer(error.IsNone ? new IoError(IoErrorCode.SocketClosed, "The connection ended before the echo.") : error);
        }

        _shutDown!.Answer(orderly);
        _over.TrySetResult();
    }

    private sealed class Handler(EchoClient client) : ChannelHandler
    {
        private readonly byte[] _received = new byte[client.Data.Length];
        private int _count;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            ArgumentNullException.ThrowIfNull(message);
            message.Data.CopyTo(_received.AsSpan(_count));
            _count += message.Length;
            message.Release();
            if (_count == _received.Length)
            {
                if (!_received.AsSpan().SequenceEqual(client.Data))
                {
                    client.Run.Wrong("Other bytes came back.");
                }

                client.Echoed.Answer(IoError.None);
                if (!client.StaysOpen)
                {
                    slot.Channel.Shutdown(IoError.None);
                }
            }

            return IoError.None;
        }
    }

    private byte[] Data => data;

    private TortureRun Run => run;
}
