using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Stress;

/// <summary>A hundred thousand attempts, whose success, timeout and close race each other.</summary>
public sealed class ConnectStressTests : StressTest
{
    // So that closed connections do not use up the ports of one listener.
    private const int PerListener = 5_000;

    [Fact(Explicit = true)]
    public async Task Success_timeout_and_close_at_any_moment_make_at_most_one_callback()
    {
        int rounds = Share(100_000);
        Random random = new(1);
        int connected = 0;
        int closed = 0;
        for (int done = 0; done < rounds; done += PerListener)
        {
            using TestListener listener = TestListener.Listen(Transport.Tcp4, Loop, backlog: 1024);
            for (int round = 0; round < Math.Min(PerListener, rounds - done); round++)
            {
                // From shorter than any connect takes to longer: up to two milliseconds.
                using Attempt attempt = new(Transport.Tcp4, TimeSpan.FromTicks(random.Next(1, 20_000)));
                Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
                int way = random.Next(3);
                if (way == 0)
                {
                    IoErrorCode code = (await attempt.Result).Code;
                    Assert.True(code is IoErrorCode.Success or IoErrorCode.SocketTimeout, code.ToString());

                    // This machine answers at once: a timeout is rare.
                    connected += code == IoErrorCode.Success ? 1 : 0;
                    await Loop.On(attempt.Socket.CloseAbruptly);
                    Assert.Equal(1, attempt.Calls);
                }
                else if (way == 1)
                {
                    int before = await Loop.On(() =>
                    {
                        attempt.Socket.CloseAbruptly();
                        return attempt.Calls;
                    });
                    await Loop.Ticks(2);
                    Assert.True(attempt.Calls == before && before <= 1);
                    closed++;
                }
                else
                {
                    attempt.Dispose();
                    await Loop.Ticks(2);
                    Assert.True(attempt.Calls <= 1);
                    closed++;
                }

                Assert.False(attempt.Socket.IsOpen);
                if (round % 64 == 0)
                {
                    await Loop.On(listener.DropAccepted);
                }
            }
        }

        Assert.True(connected > 0 && closed > 0);
    }
}
