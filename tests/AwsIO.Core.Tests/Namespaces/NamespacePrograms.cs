using System.Globalization;
using System.Security.Cryptography;
using AwsIO.Tests.Infrastructure.Connections;
using AwsIO.Tests.Infrastructure.Namespaces;

namespace AwsIO.Tests.Namespaces;

/// <summary>A server that gives back what it was sent, and a client that sends and compares: each in a process of its own.</summary>
public sealed class NamespacePrograms : ConnectionTest
{
    internal const string Size = "AWSIO_TEST_SIZE";
    internal const string ConnectTimeout = "AWSIO_TEST_CONNECT_TIMEOUT";

    private const int Port = 7077;

    private static int TransferSize => int.Parse(Environment.GetEnvironmentVariable(Size)!, CultureInfo.InvariantCulture);

    [Fact(Explicit = true)]
    public async Task Server()
    {
        using ControlLine control = new();
        long half = TransferSize / 2;
        bool isHalf = false;
        Recorder app = null!;
        Recorder NewApp() => app = new Recorder
        {
            Regrants = true,
            StaysAfterReadEnd = true,
            OnMessage = _ =>
            {
                if (!isHalf && app.Count >= half)
                {
                    isHalf = true;
                    control.Say("half");
                }
            },
        };
        Listening listening = new(NewApp);
        listening.Listener = new ServerBootstrap(Group).Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Tcp(NetworkPair.ServerAddress, Port),
            SocketOptions = Patient(TimeSpan.FromSeconds(5)),
            OnIncomingChannel = listening.OnIncoming,
            OnChannelShutdown = listening.OnEnded,
            OnDestroyed = _ => listening.Destroyed.Set(true),
        }).Value;
        After(listening.Stop);
        control.Say("listening");

        Dialled client = await listening.NextReady();
        await Task.WhenAny(client.App.ReadEnd.Task, client.Ended.Task).Within("the client's end");
        if (client.App.ReadEnd.Count > 0)
        {
            control.Say($"received {Described(client.App)}");
            await client.App.Send(client.App.Bytes, isLast: true).Within("the answer");
            client.Channel!.Shutdown(IoError.None);
        }

        control.Say($"ended {Described(await client.Ended.Task.Within())}");
        Assert.Equal(1, client.Ended.Count);
    }

    [Fact(Explicit = true)]
    public async Task Client()
    {
        using ControlLine control = new();
        string? timeout = Environment.GetEnvironmentVariable(ConnectTimeout);
        SocketOptions options = Patient(TimeSpan.FromMilliseconds(int.Parse(timeout ?? "10000", CultureInfo.InvariantCulture)));
        Dialled client = this.Dial(callbacks => new ClientConnectOptions
        {
            Host = NetworkPair.ServerAddress,
            Port = Port,
            SocketOptions = options,
            OnSetup = callbacks.OnSetup,
            OnShutdown = callbacks.OnShutdown,
        });
        control.Say("connecting");
        IoError setup = await client.Setup.Task.Within();
        control.Say($"connected {Described(setup)}");
        Assert.Equal(1, client.Setup.Count);
        if (setup.IsError)
        {
            return;
        }

        byte[] data = Payload.Of(TransferSize);
        Task<IoError> sent = client.App.Send(data, isLast: true);
        IoError end = await client.Ended.Task.Within();
        await sent.Within();
        control.Say($"received {Described(client.App)}");
        control.Say($"ended {Described(end)}");
        Assert.Equal(1, client.Ended.Count);
    }

    /// <summary>What both sides say of a transfer that has arrived whole.</summary>
    internal static string Whole(int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{size} {Convert.ToHexString(SHA256.HashData(Payload.Of(size)))}");

    private static string Described(Recorder app) =>
        string.Create(CultureInfo.InvariantCulture, $"{app.Count} {Convert.ToHexString(SHA256.HashData(app.Bytes))}");

    private static string Described(IoError error) =>
        string.Create(CultureInfo.InvariantCulture, $"{error.Code} {error.NativeError}");

    private static SocketOptions Patient(TimeSpan connectTimeout) => new()
    {
        ConnectTimeout = connectTimeout,
        KeepAlive = true,
        KeepAliveIdleTime = TimeSpan.FromSeconds(1),
        KeepAliveInterval = TimeSpan.FromSeconds(1),
        KeepAliveProbes = 3,
    };
}
