using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>Keeps what is logged, from warnings on.</summary>
internal sealed class RecordedLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _entries = new();

    internal int Count(int eventId) => _entries.Count(entry => entry.Id == eventId);

    internal List<string> Texts(int eventId) => [.. _entries.Where(entry => entry.Id == eventId).Select(entry => entry.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _entries.Enqueue((eventId.Id, formatter(state, exception)));
        }
    }
}
