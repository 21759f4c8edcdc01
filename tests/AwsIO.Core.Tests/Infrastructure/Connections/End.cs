namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>One end of a connection under test.</summary>
internal sealed class End
{
    internal IoChannel Channel { get; set; } = null!;

    internal Recorder App { get; init; } = new() { Regrants = true };

    internal TlsChannelHandler? Tls { get; set; }

    internal MemoryWire? Wire { get; set; }

    /// <summary>The handshake's result.</summary>
    internal Signal<IoError> Negotiated { get; } = new();

    /// <summary>The channel's end.</summary>
    internal Signal<IoError> Ended { get; } = new();

    internal Task<T> Do<T>(Func<T> action) => Channel.EventLoop.Do(action);

    internal Task Do(Action action) => Channel.EventLoop.Do(action);
}
