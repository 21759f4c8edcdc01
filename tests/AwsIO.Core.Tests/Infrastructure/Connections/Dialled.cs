namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>What one side of a bootstrap was told of one connection.</summary>
internal sealed class Dialled
{
    /// <summary>The set-up callback's error; no error for a success.</summary>
    internal Signal<IoError> Setup { get; } = new();

    /// <summary>The shutdown callback's error.</summary>
    internal Signal<IoError> Ended { get; } = new();

    internal Signal<EventLoop?> SetupLoop { get; } = new();

    internal Recorder App { get; init; } = new() { Regrants = true };

    internal IoChannel? Channel { get; set; }

    internal TlsChannelHandler? Tls => Channel?.First?.Right?.Handler as TlsChannelHandler;

    internal ConnectOperation? Operation { get; set; }

    internal void OnSetup(IoChannel? channel, IoError error)
    {
        Assert.Equal(error.IsNone, channel is not null);
        Assert.Equal(0, Ended.Count);
        Channel = channel;
        channel?.AddLast(App);
        SetupLoop.Set(EventLoop.Current);
        Setup.Set(error);
    }

    /// <summary>Waits for a success.</summary>
    internal async Task<Dialled> Ready()
    {
        Assert.Equal(IoError.None, await Setup.Task.Within());
        return this;
    }
}
