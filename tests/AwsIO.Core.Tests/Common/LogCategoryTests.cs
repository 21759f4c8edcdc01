using System.Reflection;
using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using TlsParts = AwsIO.Tests.Infrastructure.Connections.TlsParts;

namespace AwsIO.Tests.Common;

/// <summary>Which category each message is logged under.</summary>
public sealed class LogCategoryTests : LoopTest
{
    private readonly RecordingLoggerFactory _log = new(LogLevel.Debug);

    protected override ILoggerFactory LoggerFactory => _log;

    [Fact]
    public void There_is_a_category_for_each_of_upstreams_subjects_and_a_common_start_for_filters()
    {
        string[] categories = [.. typeof(IoLogCategories).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(static field => (string)field.GetRawConstantValue()!)];
        Assert.Equal(16, categories.Distinct().Count());
        Assert.Equal(16, categories.Length);
        Assert.All(
            categories.Except([IoLogCategories.General]),
            static category => Assert.StartsWith(IoLogCategories.General + ".", category, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_message_is_logged_under_the_category_of_what_it_tells_of()
    {
        using (DefaultHostResolver resolver = new(Group) { Lookup = static host => ResolverCalls.Addresses(host, "127.0.0.1") })
        {
            await ConnectWithTls(resolver);
        }

        // The ids of the messages go by tens, each subject's own.
        Dictionary<string, int[]> expected = new()
        {
            [IoLogCategories.EventLoop] = [1],
            [IoLogCategories.Socket] = [20, 21, 23, 25],
            [IoLogCategories.Channel] = [40, 41],
            [IoLogCategories.Tls] = [60],
            [IoLogCategories.HostResolver] = [80],
        };
        foreach ((string category, int[] ids) in expected)
        {
            Waiting.Until(() => ids.All(id => _log.Lines.Any(line => line.Category == category && line.Id == id)));
        }

        Assert.All(_log.Lines, line => Assert.Contains(line.Id, expected[line.Category]));
    }

    private async Task ConnectWithTls(HostResolver resolver)
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        TaskCompletionSource<IoError> accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<IoError> serverEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<IoChannel?> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<IoError> clientEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ServerListener listener = new ServerBootstrap(Group).Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Tcp("127.0.0.1", 0),
            Tls = serverContext.ForServer(),
            OnIncomingChannel = (_, error, _) => accepted.TrySetResult(error),
            OnChannelShutdown = (_, error, _) => serverEnded.TrySetResult(error),
            OnDestroyed = _ => closed.TrySetResult(true),
        }).Value;
        Assert.True(new ClientBootstrap(Group, resolver).Connect(new ClientConnectOptions
        {
            Host = "localhost",
            Port = listener.LocalEndpoint.Port,
            Tls = clientContext.ForHost("localhost"),
            OnSetup = (channel, _, _) => connected.TrySetResult(channel),
            OnShutdown = (_, error, _) => clientEnded.TrySetResult(error),
        }).IsSuccess);
        IoChannel channel = (await connected.Task.Within())!;
        Assert.Equal(IoError.None, await accepted.Task.Within());
        channel.Shutdown(IoError.None);
        await clientEnded.Task.Within();
        await serverEnded.Task.Within();
        listener.Dispose();
        await closed.Task.Within();
    }
}
