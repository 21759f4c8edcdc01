namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>A channel with what its owner is told.</summary>
internal sealed class TestChannel
{
    private readonly TaskCompletionSource<IoError> _setUp = Waits.NewSource<IoError>();
    private readonly TaskCompletionSource<IoError> _shutDown = Waits.NewSource<IoError>();
    private int _shutdowns;

    private TestChannel(AppHandler app) => App = app;

    internal IoChannel Channel { get; private set; } = null!;

    internal AppHandler App { get; }

    internal SocketChannelHandler? Transport { get; private set; }

    internal EventLoop Loop => Channel.EventLoop;

    /// <summary>How many times the end was told.</summary>
    internal int Shutdowns => Volatile.Read(ref _shutdowns);

    /// <summary>The reason of the end, once the handlers are destroyed too.</summary>
    internal Task<IoError> End => _shutDown.Task.Within();

    /// <summary>A channel over a socket.</summary>
    internal static Task<TestChannel> Over(
        IoSocket socket,
        AppHandler? app = null,
        bool backPressure = true,
        TimeSpan? shutdownTimeout = null,
        Action<IoChannel>? middle = null,
        int maxReadSize = SocketChannelHandler.DefaultMaxReadSize) =>
        Make(
            socket.EventLoop!,
            app,
            test =>
            {
                test.Transport = new SocketChannelHandler(socket, maxReadSize);
                test.Channel.AddLast(test.Transport);
                middle?.Invoke(test.Channel);
                test.Channel.AddLast(test.App);
            },
            backPressure,
            shutdownTimeout);

    /// <summary>A channel whose slots a test makes itself, in its set-up callback.</summary>
    internal static async Task<TestChannel> Make(
        EventLoop loop,
        AppHandler? app,
        Action<TestChannel> setUp,
        bool backPressure = true,
        TimeSpan? shutdownTimeout = null)
    {
        TestChannel test = new(app ?? new AppHandler());
        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = loop,
            EnableReadBackPressure = backPressure,
            ShutdownTimeout = shutdownTimeout ?? TimeSpan.FromSeconds(30),
            OnSetup = (channel, error, _) =>
            {
                test.Channel = channel;
                if (error.IsNone)
                {
                    try
                    {
                        setUp(test);
                        test._setUp.SetResult(error);
                    }
                    catch (Exception exception)
                    {
                        // Where the channel only ended by it, what a test asserts here would go unheard.
                        test._setUp.SetException(exception);
                        throw;
                    }
                }
                else
                {
                    test._setUp.SetResult(error);
                }
            },
            OnShutdown = (channel, error, _) =>
            {
                Interlocked.Increment(ref test._shutdowns);

                // Handlers are destroyed after this callback, in the same task.
                channel.EventLoop.Schedule(IoTask.Create((_, _) => test._shutDown.TrySetResult(error), 0));
            },
        });
        Assert.Equal(IoError.None, await test._setUp.Task.Within());
        return test;
    }

    /// <summary>Two connected channels.</summary>
    internal static async Task<(TestChannel Client, TestChannel Server)> Pair(
        Transport transport,
        LoopFixture fixture,
        AppHandler? client = null,
        AppHandler? server = null,
        bool oneLoop = false)
    {
        SocketPair sockets = await SocketPair.Open(transport, fixture.Loop, oneLoop ? fixture.Loop : fixture.OtherLoop);
        return (await Over(sockets.Client, client), await Over(sockets.Server, server));
    }

    internal async Task<IoError> Close()
    {
        Channel.Shutdown(IoError.None);
        return await End;
    }
}
