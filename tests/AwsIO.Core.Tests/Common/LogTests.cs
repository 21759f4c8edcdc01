using System.Reflection;
using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Common;

[Collection(LoopTestCollection.Name)]
public sealed class LogTests
{
    [Fact]
    public async Task A_loop_tells_its_start_its_end_and_exceptions_of_callbacks()
    {
        using RecordingLoggerFactory log = new(LogLevel.Debug);
        EventLoopGroup group = LoopBackend.Platform.NewGroup(1, log);
        FormatException exception = new("on purpose");
        group[0].Schedule(new RecordingTask((_, _) => throw exception));
        await group[0].Turn();
        await group.DisposeAsync().Within();

        Assert.Equal(
            ["Event loop awsio-1 started.", "A callback on event loop awsio-1 threw; the loop goes on.", "Event loop awsio-1 stopped."],
            log.Lines.Select(static line => line.Text));
        Assert.Equal([LogLevel.Debug, LogLevel.Error, LogLevel.Debug], log.Lines.Select(static line => line.Level));
        Assert.All(log.Lines, static line => Assert.Equal(IoLogCategories.EventLoop, line.Category));
        Assert.Same(exception, log.Lines.ElementAt(1).Exception);
    }

    [Fact]
    public async Task A_resolver_tells_its_answers_and_failures()
    {
        using RecordingLoggerFactory log = new(LogLevel.Debug);
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(1, log);
        using DefaultHostResolver resolver = new(group)
        {
            Lookup = static host => host == "good" ? ResolverCalls.Addresses(host, "192.0.2.1", "::1") : new(new IoError(IoErrorCode.DnsInvalidName, "on purpose")),
        };
        await resolver.Ask("good", group[0]).Within();
        await resolver.Ask("bad", group[0]).Within();

        Assert.Equal(
            [(LogLevel.Debug, "Looked up good: 2 addresses."), (LogLevel.Information, "Looking up bad failed: on purpose (DnsInvalidName)")],
            log.Lines.Where(static line => line.Category == IoLogCategories.HostResolver).Select(static line => (line.Level, line.Text)));
    }

    [Fact]
    public async Task Below_the_level_that_is_asked_for_nothing_is_told()
    {
        using RecordingLoggerFactory log = new(LogLevel.Warning);
        EventLoopGroup group = LoopBackend.Platform.NewGroup(1, log);
        using (DefaultHostResolver resolver = new(group))
        {
            await resolver.Ask("127.0.0.1", group[0]).Within();
        }

        await group.DisposeAsync().Within();
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void A_message_that_is_off_allocates_nothing()
    {
        using RecordingLoggerFactory log = new(LogLevel.None);
        ILogger logger = log.CreateLogger("x");
        IoError error = new(IoErrorCode.SocketTimeout, 110, "on purpose");
        object endpoint = "somewhere";
        void LogAll()
        {
            IoLog.LoopStarted(logger, "loop");
            IoLog.SocketConnecting(logger, 5, endpoint);
            IoLog.SocketConnectFailed(logger, endpoint, error);
            IoLog.AcceptFailed(logger, endpoint, error, TimeSpan.FromSeconds(1));
            IoLog.SocketClosed(logger, 5);
            IoLog.SocketOptionFailed(logger, "option", 5, error);
            IoLog.ChannelShutDown(logger, 7, error);
            IoLog.WritesDropped(logger, 7, 8, TimeSpan.FromSeconds(1));
            IoLog.TlsNegotiated(logger, "1.3", "cipher", null, null);
            IoLog.TlsFailed(logger, error);
            IoLog.HostResolved(logger, "host", 3);
            IoLog.HostLookUpFailed(logger, "host", error);
        }

        LogAll();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            LogAll();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void Each_message_has_an_id_of_its_own()
    {
        int[] ids = [.. typeof(IoLog).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId ?? 0)
            .Where(static id => id != 0)];
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }
}
