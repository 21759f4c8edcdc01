using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Infrastructure;

/// <summary>Keeps what is logged from a level on.</summary>
internal sealed class RecordingLoggerFactory(LogLevel level) : ILoggerFactory
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    internal IReadOnlyCollection<LogLine> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Logger(RecordingLoggerFactory factory, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= factory.Level;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            factory._lines.Enqueue(new LogLine(category, logLevel, eventId.Id, formatter(state, exception), exception));
    }

    private LogLevel Level => level;
}

internal sealed record LogLine(string Category, LogLevel Level, int Id, string Text, Exception? Exception);
