using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AwsIO;

/// <summary>
/// The user's loggers, with their exceptions kept away: a log whose disk is full must not end an event loop, or skip what stands
/// behind a log message.
/// </summary>
internal sealed class GuardedLoggerFactory : ILoggerFactory
{
    private readonly ILoggerFactory _inner;

    private GuardedLoggerFactory(ILoggerFactory inner) => _inner = inner;

    /// <summary>Guards a factory; none at all gives loggers that are silent and free.</summary>
    internal static ILoggerFactory Of(ILoggerFactory? inner) =>
        inner is null or NullLoggerFactory ? NullLoggerFactory.Instance : new GuardedLoggerFactory(inner);

    public ILogger CreateLogger(string categoryName) => new Guarded(_inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => _inner.AddProvider(provider);

    public void Dispose()
    {
        // It is the user's.
    }

    [SuppressMessage("Design", "CA1031", Justification = "There is nowhere to tell of a log that fails.")]
    private sealed class Guarded(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            try
            {
                return inner.BeginScope(state);
            }
            catch (Exception)
            {
                return null;
            }
        }

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return inner.IsEnabled(logLevel);
            }
            catch (Exception)
            {
                return false;
            }
        }

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
            catch (Exception)
            {
                // Whoever logs has work to do.
            }
        }
    }
}
