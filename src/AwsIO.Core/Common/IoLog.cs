using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>Every log message of AwsIO.Core, with its event id. Ids are never used again for another message.</summary>
/// <remarks>
/// An endpoint is a struct of a higher layer, given as an object: who gives one asks first whether anybody listens, so that nothing is
/// boxed for nobody.
/// </remarks>
internal static partial class IoLog
{
    [LoggerMessage(1, LogLevel.Debug, "Event loop {Loop} started.")]
    internal static partial void LoopStarted(ILogger logger, string loop);

    [LoggerMessage(2, LogLevel.Debug, "Event loop {Loop} stopped.")]
    internal static partial void LoopStopped(ILogger logger, string loop);

    [LoggerMessage(3, LogLevel.Error, "A callback on event loop {Loop} threw; the loop goes on.")]
    internal static partial void CallbackFailed(ILogger logger, Exception exception, string loop);

    [LoggerMessage(4, LogLevel.Error, "A {Task} was dropped: {Loop} has ended, and the task is scheduled again whenever it is cancelled.")]
    internal static partial void TaskDropped(ILogger logger, string task, string loop);

    [LoggerMessage(5, LogLevel.Warning, "Event loop {Loop} could not be kept on the processors {Cpus}: {Error}")]
    internal static partial void PinningFailed(ILogger logger, string loop, object cpus, IoError error);

    [LoggerMessage(6, LogLevel.Error, "The callback of an event loop group's end threw.")]
    internal static partial void ShutdownCallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "{Callback} has held event loop {Loop} for {Milliseconds} ms and goes on: everything else there waits for it. Let it do its work on another thread.")]
    internal static partial void SlowCallback(ILogger logger, string callback, string loop, long milliseconds);

    [LoggerMessage(8, LogLevel.Error, "The system has no thread for the end of event loop {Loop}, which had stopped: it ends on another.")]
    internal static partial void NoThreadForEnd(ILogger logger, Exception exception, string loop);

    [LoggerMessage(20, LogLevel.Debug, "Socket {Descriptor} connecting to {Endpoint}.")]
    internal static partial void SocketConnecting(ILogger logger, int descriptor, object endpoint);

    [LoggerMessage(21, LogLevel.Debug, "Socket {Descriptor} connected to {Endpoint}.")]
    internal static partial void SocketConnected(ILogger logger, int descriptor, object endpoint);

    [LoggerMessage(22, LogLevel.Information, "Connecting to {Endpoint} failed: {Error}")]
    internal static partial void SocketConnectFailed(ILogger logger, object endpoint, IoError error);

    [LoggerMessage(23, LogLevel.Information, "Listening on {Endpoint}.")]
    internal static partial void SocketListening(ILogger logger, object endpoint);

    [LoggerMessage(24, LogLevel.Warning, "Accepting on {Endpoint} failed: {Error} It is tried again in {Delay}.")]
    internal static partial void AcceptFailed(ILogger logger, object endpoint, IoError error, TimeSpan delay);

    [LoggerMessage(25, LogLevel.Debug, "Socket {Descriptor} closed.")]
    internal static partial void SocketClosed(ILogger logger, int descriptor);

    [LoggerMessage(26, LogLevel.Debug, "Socket option {Option} could not be set on socket {Descriptor}: {Error}")]
    internal static partial void SocketOptionFailed(ILogger logger, string option, int descriptor, IoError error);

    [LoggerMessage(40, LogLevel.Debug, "Channel {Channel} is shutting down: {Error}")]
    internal static partial void ChannelShuttingDown(ILogger logger, long channel, IoError error);

    [LoggerMessage(41, LogLevel.Debug, "Channel {Channel} has shut down: {Error}")]
    internal static partial void ChannelShutDown(ILogger logger, long channel, IoError error);

    [LoggerMessage(42, LogLevel.Error, "A handler of channel {Channel} threw; the channel shuts down.")]
    internal static partial void HandlerFailed(ILogger logger, Exception exception, long channel);

    [LoggerMessage(43, LogLevel.Warning, "Channel {Channel} dropped {Bytes} written bytes: the peer did not take them within {Timeout}.")]
    internal static partial void WritesDropped(ILogger logger, long channel, long bytes, TimeSpan timeout);

    [LoggerMessage(60, LogLevel.Debug, "TLS handshake done: {Version}, {Cipher}, protocol '{Protocol}', server name '{ServerName}'.")]
    internal static partial void TlsNegotiated(ILogger logger, string version, string cipher, string? protocol, string? serverName);

    [LoggerMessage(61, LogLevel.Information, "TLS handshake failed: {Error}")]
    internal static partial void TlsFailed(ILogger logger, IoError error);

    [LoggerMessage(62, LogLevel.Warning, "Channel {Channel} dropped received plaintext: the application did not take it within {Timeout}.")]
    internal static partial void PlaintextDropped(ILogger logger, long channel, TimeSpan timeout);

    [LoggerMessage(80, LogLevel.Debug, "Looked up {Host}: {Count} addresses.")]
    internal static partial void HostResolved(ILogger logger, string host, int count);

    [LoggerMessage(81, LogLevel.Information, "Looking up {Host} failed: {Error}")]
    internal static partial void HostLookUpFailed(ILogger logger, string host, IoError error);
}
