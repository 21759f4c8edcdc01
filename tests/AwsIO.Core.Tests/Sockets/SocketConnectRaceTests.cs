using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

public sealed class SocketConnectRaceTests(LoopFixture fixture) : TransportTest(fixture)
{
    private const int Rounds = 600;

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_close_on_the_loop_at_any_moment_is_followed_by_no_callback(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Fixture.OtherLoop);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        int told = 0;
        for (int round = 0; round < Rounds; round++)
        {
            using Attempt attempt = new(transport, TimeSpan.FromMilliseconds(random.Next(1, 3)));
            IoError error = await StartSomewhere(attempt, listener.Endpoint, random);
            if (error.Code == IoErrorCode.ReadWouldBlock)
            {
                // The listener is behind, and a Unix listener answers at once: nobody will be told.
                continue;
            }

            Assert.Equal(IoError.None, error);
            int ticks = random.Next(4);
            await Loop.Ticks(ticks);
            int before = await Loop.On(() =>
            {
                attempt.Socket.Dispose();
                return attempt.Calls;
            });
            await Loop.Ticks(2);

            Assert.True(attempt.Calls == before && before <= 1, $"Seed {seed}, round {round}: {before} calls, then {attempt.Calls}.");
            told += before;
            await AcceptWhatIsThere(listener);
        }

        Assert.True(told > 0, $"Seed {seed}: the socket was always closed before it was connected: the test proves little.");
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Without_a_close_there_is_exactly_one_callback_whatever_the_timeout(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Fixture.OtherLoop, backlog: 1024);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < Rounds; round++)
        {
            using Attempt attempt = new(transport, TimeSpan.FromTicks(random.Next(1, 20_000)));
            IoError started = await StartSomewhere(attempt, listener.Endpoint, random);
            Assert.Equal(IoError.None, started);
            IoErrorCode code = (await attempt.Result).Code;
            await Loop.Ticks(1);

            Assert.True(code is IoErrorCode.Success or IoErrorCode.SocketTimeout, $"Seed {seed}, round {round}: {code}");
            Assert.Equal(1, attempt.Calls);
            await SocketPair.CloseOn(attempt.Socket);
            await AcceptWhatIsThere(listener);
        }
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_dispose_from_another_thread_at_any_moment_leaves_at_most_one_callback_and_no_descriptor(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Fixture.OtherLoop, backlog: 1024);
        for (int round = 0; round < Rounds; round++)
        {
            Attempt attempt = new(transport, TimeSpan.FromMilliseconds(1));
            Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
            if (round % 2 == 0)
            {
                Thread.Yield();
            }

            attempt.Dispose();
            await Loop.Ticks(2);

            Assert.True(attempt.Calls <= 1);
            Assert.False(attempt.Socket.IsOpen);
            await AcceptWhatIsThere(listener);
        }
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_loop_that_ends_at_any_moment_leaves_exactly_one_callback(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Fixture.OtherLoop, backlog: 1024);
        for (int round = 0; round < 40; round++)
        {
            EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
            List<Attempt> attempts = [];
            int count = round % 8;
            for (int i = 0; i < count; i++)
            {
                Attempt attempt = new(transport);
                Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, group[0]));
                attempts.Add(attempt);
            }

            await group.DisposeAsync().AsTask().Within();

            foreach (Attempt attempt in attempts)
            {
                Assert.True((await attempt.Result).Code is IoErrorCode.Success or IoErrorCode.EventLoopShutdown);
                Assert.Equal(1, attempt.Calls);
                attempt.Dispose();
                Infrastructure.Waiting.Until(() => !attempt.Socket.IsOpen);
            }

            await AcceptWhatIsThere(listener);
        }
    }

    private async Task<IoError> StartSomewhere(Attempt attempt, SocketEndpoint endpoint, Random random) => random.Next(2) == 0
        ? attempt.Start(endpoint, Loop)
        : await Loop.On(() => attempt.Start(endpoint, Loop));

    private Task AcceptWhatIsThere(TestListener listener) => Fixture.OtherLoop.On(listener.DropAccepted);
}
