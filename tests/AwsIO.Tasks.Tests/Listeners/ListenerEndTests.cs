using System.Net;
using System.Net.Sockets;
using AwsIO.Tasks.Tests.Infrastructure;
using OnPurpose = AwsIO.Tests.Infrastructure.OnPurpose;

namespace AwsIO.Tasks.Tests.Listeners;

/// <summary>Connections that are still being set up when their listener ends.</summary>
public sealed class ListenerEndTests : RuntimeTest
{
    [Fact]
    public async Task No_failure_is_told_once_the_listener_has_been_disposed()
    {
        int told = 0;
        IoListener listener = await Listen(tls: true, options => options.OnConnectionFailed = _ => Interlocked.Increment(ref told));
        using Socket client = await Dial(listener);
        Waiting.Until(() => listener.Listener.ConnectionCount == 1, "The connection is being set up");

        await listener.DisposeAsync().Within();
        Assert.Equal(0, told);
        client.Dispose();
        Waiting.Until(() => listener.Listener.ConnectionCount == 0, "Its set-up has failed");
        Assert.Equal(0, told);
    }

    [Fact]
    public async Task A_disposal_waits_for_those_who_are_being_told()
    {
        using ManualResetEventSlim open = new();
        TaskCompletionSource isTold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isOver = false;
        IoListener listener = await Listen(tls: true, options => options.OnConnectionFailed = _ =>
        {
            isTold.SetResult();
            OnPurpose.Block(() => Assert.True(open.Wait(Waiting.Limit)));
            Volatile.Write(ref isOver, true);
        });
        using Socket client = await Dial(listener);
        client.Dispose();
        await isTold.Task.Within();

        Task disposing = listener.DisposeAsync().AsTask();
        await disposing.WaitAsync(TimeSpan.FromMilliseconds(20)).Fails<TimeoutException>();
        Assert.False(disposing.IsCompleted);
        open.Set();
        await disposing.Within();
        Assert.True(Volatile.Read(ref isOver));
    }

    private static async Task<Socket> Dial(IoListener listener)
    {
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, listener.LocalEndpoint.Port).Within();
        return client;
    }
}
