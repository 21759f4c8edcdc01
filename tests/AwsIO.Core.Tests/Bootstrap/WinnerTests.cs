using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

/// <summary>Several addresses that answer at once, and a winner that goes in its own callback: the state is everybody's.</summary>
public sealed class WinnerTests : ConnectionTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_winner_that_is_ended_in_its_set_up_callback_takes_nothing_of_the_others(bool abort)
    {
        Listening first = this.Listen(at: SocketEndpoint.Tcp("127.0.0.1", 0));
        this.Listen(at: SocketEndpoint.Tcp("127.0.0.2", first.Port));
        this.Listen(at: SocketEndpoint.Tcp("127.0.0.3", first.Port));
        ClientBootstrap bootstrap = new(Group, new FixedResolver("127.0.0.1", "127.0.0.2", "127.0.0.3"));
        for (int i = 0; i < 50; i++)
        {
            Signal<IoError> setup = new();
            Signal<IoError> ended = new();
            IoResult<ConnectOperation> result = bootstrap.Connect(new ClientConnectOptions
            {
                Host = "three.test",
                Port = first.Port,
                AttemptDelay = TimeSpan.Zero,
                OnSetup = (channel, error, _) =>
                {
                    if (abort)
                    {
                        channel!.Abort(IoErrorCode.OperationCancelled);
                    }
                    else
                    {
                        channel!.Shutdown(IoError.None);
                    }

                    setup.Set(error);
                },
                OnShutdown = (_, error, _) => ended.Set(error),
            });
            Assert.True(result.IsSuccess, result.Error.ToString());

            Assert.Equal(IoError.None, await setup.Task.Within());
            Assert.Equal(abort ? IoErrorCode.OperationCancelled : IoErrorCode.Success, (await ended.Task.Within()).Code);
            Assert.Equal((1, 1), (setup.Count, ended.Count));
        }
    }

    [Fact]
    public async Task A_cancel_in_the_winners_callback_changes_nothing()
    {
        Listening first = this.Listen(at: SocketEndpoint.Tcp("127.0.0.1", 0));
        this.Listen(at: SocketEndpoint.Tcp("127.0.0.2", first.Port));
        ClientBootstrap bootstrap = new(Group, new FixedResolver("127.0.0.1", "127.0.0.2"));
        for (int i = 0; i < 50; i++)
        {
            Signal<IoError> setup = new();
            Signal<IoError> ended = new();
            TaskCompletionSource<ConnectOperation> operation = new();
            IoResult<ConnectOperation> result = bootstrap.Connect(new ClientConnectOptions
            {
                Host = "two.test",
                Port = first.Port,
                AttemptDelay = TimeSpan.Zero,
                OnSetup = (channel, error, _) =>
                {
                    // Set before this, or by the thread that waits for nothing but the call's return.
                    operation.Task.GetAwaiter().GetResult().Cancel();
                    setup.Set(error);
                    channel?.Shutdown(IoError.None);
                },
                OnShutdown = (_, error, _) => ended.Set(error),
            });
            operation.SetResult(result.Value);

            Assert.Equal(IoError.None, await setup.Task.Within());
            Assert.Equal(IoError.None, await ended.Task.Within());
            Assert.Equal((1, 1), (setup.Count, ended.Count));
        }
    }
}
