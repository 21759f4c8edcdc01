using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure.Kqueue;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Torture;

/// <summary>The scenarios of this program.</summary>
internal static class Scenarios
{
    private static readonly KqueueBackend s_kqueue = KqueueBackend.Of(Abi.Darwin);

    internal static IReadOnlyList<TortureScenario> All { get; } =
    [
        new GroupScenario(),
        new TimerScenario(),
        new PinnedScenario(),
        new SocketEchoScenario(Transport.Tcp4),
        new SocketEchoScenario(Transport.Unix),
        new RefusedScenario(),
        new DatagramScenario(Transport.Tcp4),
        new DatagramScenario(Transport.Unix),
        new PipeScenario(),
        new ResolverScenario(),
        new ChannelEchoScenario("channel-echo"),
        new ChannelEchoScenario("unix-channel-echo", unix: true),
        new ChannelEchoScenario("named-echo", byName: true),
        new ChannelEchoScenario("many-clients", clients: 6),
        new CancelScenario(),
        new GracefulCloseScenario("graceful-close", 200_000),
        new GracefulCloseScenario("queued-close", 8_000_000),
        new GracefulCloseScenario("unix-queued-close", 800_000, unix: true),
        new GroupEndScenario(),
        new TlsContextScenario(),
        new TlsEchoScenario(TlsVersion.Tls12),
        new TlsEchoScenario(TlsVersion.Tls13),
        new GracefulCloseScenario("tls-queued-close", 800_000, TlsVersion.Tls13, unix: true),
        OnKqueue(new GroupScenario()),
        OnKqueue(new TimerScenario()),
        OnKqueue(new SocketEchoScenario(Transport.Tcp4)),
        OnKqueue(new SocketEchoScenario(Transport.Unix)),
        OnKqueue(new RefusedScenario()),
        OnKqueue(new DatagramScenario(Transport.Tcp4)),
        OnKqueue(new PipeScenario()),
        OnKqueue(new ChannelEchoScenario("channel-echo")),
        OnKqueue(new GracefulCloseScenario("graceful-close", 200_000)),
        OnKqueue(new GroupEndScenario()),
        OnKqueue(new TlsEchoScenario(TlsVersion.Tls13)),
    ];

    internal static TortureScenario Find(string name) => All.Single(scenario => scenario.Name == name);

    /// <summary>The same on loops that stand on the double of kqueue, as macOS has it.</summary>
    private static OtherLoops OnKqueue(TortureScenario scenario) => new(scenario, "kqueue", s_kqueue);
}
