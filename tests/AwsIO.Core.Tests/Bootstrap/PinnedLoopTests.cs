using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

public sealed class PinnedLoopTests : ConnectionTest
{
    protected override int LoopCount => 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Upstream", "socket_pinned_event_loop")]
    public async Task A_connection_lives_on_the_loop_that_was_asked_for(bool secure)
    {
        Listening listening = this.Listen(secure ? TlsParts.Server().ForServer() : null);
        for (int i = 0; i < Group.Count; i++)
        {
            EventLoop loop = Group[i];
            Signal<EventLoop?> endedOn = new();
            Signal<IoChannel?> ready = new();
            ConnectOperation operation = new ClientBootstrap(Group, Resolver).Connect(new ClientConnectOptions
            {
                Host = "localhost",
                Port = listening.Port,
                EventLoop = loop,
                Tls = secure ? new(TlsParts.Client()) : null,
                OnSetup = (channel, _, _) =>
                {
                    Assert.Same(loop, EventLoop.Current);
                    ready.Set(channel);
                },
                OnShutdown = (_, _, _) => endedOn.Set(EventLoop.Current),
            }).Value;

            IoChannel? channel = await ready.Task.Within();
            Assert.NotNull(channel);
            channel.Shutdown(IoError.None);

            Assert.Same(loop, operation.EventLoop);
            Assert.Same(loop, channel.EventLoop);
            Assert.Same(loop, await endedOn.Task.Within());
        }
    }

    [Fact]
    [Trait("Upstream", "socket_pinned_event_loop_dns_failure")]
    public async Task A_name_that_cannot_be_resolved_is_told_on_the_loop_that_was_asked_for()
    {
        using DefaultHostResolver resolver = new(Group)
        {
            Lookup = static host => new(new IoError(IoErrorCode.DnsInvalidName, $"Looking up '{host}' failed.")),
        };
        for (int i = 0; i < Group.Count; i++)
        {
            Dialled client = this.Dial("nowhere.invalid", 80, resolver: resolver, loop: Group[i]);

            Assert.Equal(IoErrorCode.DnsInvalidName, (await client.Setup.Task.Within()).Code);
            Assert.Same(Group[i], await client.SetupLoop.Task.Within());
            Assert.Null(client.Channel);
            Assert.Equal(0, client.Ended.Count);
        }
    }

    [Fact]
    public async Task A_loop_of_another_group_is_refused_at_once()
    {
        await using EventLoopGroup other = Infrastructure.LoopBackend.Platform.NewGroup();

        IoResult<ConnectOperation> result = new ClientBootstrap(Group, Resolver).Connect(new ClientConnectOptions
        {
            Host = "localhost",
            Port = 80,
            EventLoop = other[0],
            OnSetup = static (_, _, _) => Assert.Fail("There is no callback after a refused call."),
        });

        Assert.Equal(IoErrorCode.PinnedEventLoopMismatch, result.Error.Code);
    }
}
