using System.Text;

namespace AwsIO.Samples;

/// <summary>A protocol is a handler: an echo server and a client, both made by bootstraps.</summary>
internal static class EchoSample
{
    internal static Task RunAsync()
    {
        using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1 });
        using DefaultHostResolver resolver = new(group);
        using Future<string> echoed = new();

        // <snippet bootstraps>
        ServerBootstrap server = new(group);
        using ServerListener listener = server.Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Tcp("127.0.0.1", 0),
            OnIncomingChannel = (channel, error, state) => channel?.AddLast(new Echo()),
        }).Value;

        ClientBootstrap client = new(group, resolver);
        client.Connect(new ClientConnectOptions
        {
            Host = "localhost",
            Port = listener.LocalEndpoint.Port,
            OnSetup = (channel, error, state) =>
            {
                if (channel is null)
                {
                    echoed.TrySetError(error);
                }
                else
                {
                    channel.AddLast(new Hello(echoed));
                }
            },
        });
        // </snippet>
        echoed.Wait(TimeSpan.FromSeconds(10));
        Console.WriteLine(echoed.Error.IsNone ? $"the server said: {echoed.Result}" : $"{echoed.Error}");
        return Task.CompletedTask;
    }
}

// <snippet echo>
internal sealed class Echo : ChannelHandler
{
    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        slot.IncrementReadWindow(message.Length);
        return slot.Send(message, ChannelDirection.Write);   // ownership goes with success
    }
}
// </snippet>

/// <summary>Sends a greeting and takes what comes back.</summary>
internal sealed class Hello(Future<string> echoed) : ChannelHandler
{
    protected override IoError OnInstalled(ChannelSlot slot)
    {
        IoMessage message = slot.Channel.RentMessage(16);
        message.Append("hello"u8);
        IoError error = slot.Send(message, ChannelDirection.Write);
        if (error.IsError)
        {
            message.Release();
        }

        return error;
    }

    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        echoed.TrySetResult(Encoding.UTF8.GetString(message.Data));
        message.Release();
        slot.Channel.Shutdown(IoError.None);
        return IoError.None;
    }
}
