using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>
/// Notes what is logged as an error. The loops log what is thrown at them and go on: a result that is set twice would be seen nowhere else.
/// </summary>
internal sealed class ErrorLog : ILoggerFactory, ILogger
{
    internal ConcurrentQueue<string> Errors { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Errors.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
