namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>What a connection runs over.</summary>
public enum Transport
{
    Tcp4,
    Tcp6,
    Unix,
}

/// <summary>The rows of a theory that is to hold over every transport.</summary>
public sealed class EveryTransport : TheoryData<Transport>
{
    public EveryTransport() => AddRange(Transport.Tcp4, Transport.Tcp6, Transport.Unix);
}

/// <summary>The rows of a theory that is about TCP.</summary>
public sealed class EveryTcp : TheoryData<Transport>
{
    public EveryTcp() => AddRange(Transport.Tcp4, Transport.Tcp6);
}

internal static class TransportExtensions
{
    internal static SocketDomain Domain(this Transport transport) => transport switch
    {
        Transport.Tcp4 => SocketDomain.IPv4,
        Transport.Tcp6 => SocketDomain.IPv6,
        _ => SocketDomain.Local,
    };

    /// <summary>An address that nobody has: port 0, or a path of its own.</summary>
    internal static SocketEndpoint FreeEndpoint(this Transport transport) => transport switch
    {
        Transport.Tcp4 => SocketEndpoint.Tcp("127.0.0.1", 0),
        Transport.Tcp6 => SocketEndpoint.Tcp("::1", 0),
        _ => SocketEndpoint.Unix(Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock")),
    };

    internal static SocketOptions Options(this Transport transport) => new() { Domain = transport.Domain() };

    internal static IoSocket NewSocket(this Transport transport) => IoSocket.Create(transport.Options()).Value;
}
