using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Common;

/// <summary>A log that fails, as one whose disk is full does, takes nothing along.</summary>
public sealed class FailingLogTests : LoopTest
{
    private readonly FailingFactory _factory = new();

    protected override ILoggerFactory LoggerFactory => _factory;

    [Fact]
    public async Task Connections_and_callbacks_are_as_good_as_without_a_log()
    {
        Loop.Schedule(IoTask.Create(static (_, _) => throw new InvalidOperationException("on purpose"), 0));
        SocketPair pair = await SocketPair.Open(Transport.Tcp4, Loop);
        TestChannel client = await TestChannel.Over(pair.Client);
        TestChannel server = await TestChannel.Over(pair.Server);
        await client.App.WriteAsync(new byte[100]);
        await server.App.UntilReceived(100);
        Assert.Equal(IoError.None, await client.Close());
        await server.End;

        Assert.False(pair.Client.IsOpen || pair.Server.IsOpen);
        Assert.True(_factory.Calls > 0);
    }

    private sealed class FailingFactory : ILoggerFactory, ILogger
    {
        private int _calls;

        internal int Calls => Volatile.Read(ref _calls);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new IOException("The disk is full.");

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _calls);
            throw new IOException("The disk is full.");
        }
    }
}
