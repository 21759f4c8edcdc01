using System.Net.Sockets;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;
using AwsIO.Tests.Torture;

namespace AwsIO.Tests.Bootstrap;

/// <summary>A connection that was accepted and cannot be watched goes; its listener stays.</summary>
public sealed class RefusedByLoopTests : ConnectionTest
{
    // The fault is one of epoll's.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_connection_that_the_kernel_does_not_watch_takes_no_listener_along()
    {
        await Infrastructure.ChildTest.Passes(
            typeof(RefusedByLoopTests), nameof(Child_whose_kernel_watches_no_connection), environment: Torturer.FaultsOn);
    }

    [Fact(Explicit = true)]
    public async Task Child_whose_kernel_watches_no_connection()
    {
        const int count = 3;
        Listening listening = this.Listen();
        using (FaultPlan plan = FaultPlan.Start("epoll_ctl:*=ENOSPC"))
        {
            for (int i = 0; i < count; i++)
            {
                Socket refused = await this.ConnectTo(listening.Port);
                Dialled failed = await listening.Next();
                IoError error = await failed.Setup.Task.Within();
                Assert.True(error.IsError);
                Assert.Null(failed.Channel);
                Assert.Empty(await refused.Receive(1));
            }

            Assert.Equal(count, plan.TakenCount);
        }

        Socket good = await this.ConnectTo(listening.Port);
        Dialled served = await listening.NextReady();
        await served.App.Send("good").Within();
        Assert.Equal("good"u8.ToArray(), await good.Receive(4));
        Assert.Equal(count + 1, listening.Incoming);
    }
}
