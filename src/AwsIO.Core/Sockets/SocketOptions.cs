namespace AwsIO;

/// <summary>How a socket is made and behaves (<c>aws_socket_options</c>).</summary>
/// <remarks>
/// What is null is left as the system has it. An option that has no meaning for a socket's domain, such as one of TCP for a Unix domain
/// socket, is passed over, so that one set of options serves addresses of every kind. A value out of its range is refused with
/// <see cref="IoErrorCode.SocketInvalidOptions"/> and the range; an option that the platform lacks with
/// <see cref="IoErrorCode.PlatformNotSupported"/>. Where the system refuses one of <see cref="NoDelay"/>, <see cref="KeepAlive"/> and
/// its three figures, that is only logged, as upstream does; any other refusal fails <see cref="IoSocket.Create"/>.
/// </remarks>
public sealed partial class SocketOptions
{
    // The last copy that was made for a socket; a copy's own is itself.
    private SocketOptions? _frozen;

    /// <summary>The kind of traffic; a stream by default. Channels, and what stands on them, take streams alone.</summary>
    public IoSocketType Type { get; set; }

    /// <summary>The kind of address; IPv4 by default. Where an endpoint is known, the endpoint's own kind counts.</summary>
    public SocketDomain Domain { get; set; }

    /// <summary>
    /// Which implementation of sockets; the platform's own by default. One that it does not have is refused with
    /// <see cref="IoErrorCode.PlatformNotSupported"/>.
    /// </summary>
    public SocketImplementation Implementation { get; set; }

    /// <summary>
    /// How long a connection attempt may take: 3 seconds by default, <see cref="Timeout.InfiniteTimeSpan"/> for no limit of our own.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether small writes leave at once instead of waiting to be joined (TCP_NODELAY); on by default.</summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>Whether the kernel probes a silent peer (SO_KEEPALIVE); off by default.</summary>
    public bool KeepAlive { get; set; }

    /// <summary>
    /// How long a connection is silent before the first probe (TCP_KEEPIDLE), 1 to 32,767 whole seconds; counts with
    /// <see cref="KeepAlive"/> only.
    /// </summary>
    public TimeSpan? KeepAliveIdleTime { get; set; }

    /// <summary>
    /// The time between probes (TCP_KEEPINTVL), 1 to 32,767 whole seconds; counts with <see cref="KeepAlive"/> only.
    /// </summary>
    public TimeSpan? KeepAliveInterval { get; set; }

    /// <summary>How many unanswered probes end the connection (TCP_KEEPCNT), 1 to 127; counts with <see cref="KeepAlive"/> only.</summary>
    public int? KeepAliveProbes { get; set; }

    /// <summary>
    /// The name of the network interface that all traffic takes (SO_BINDTODEVICE; IP_BOUND_IF and IPV6_BOUND_IF on macOS): 1 to 15
    /// bytes, and one that this machine has, as <see cref="IsNetworkInterface"/> tells. For IP sockets. FreeBSD has no such option.
    /// </summary>
    public string? NetworkInterface { get; set; }

    /// <summary>
    /// The address that an outgoing connection comes from; port 0 has a free one chosen. Counts for sockets of its own domain that
    /// connect without having been bound; a socket of another domain does not connect.
    /// </summary>
    public SocketEndpoint? LocalEndpoint { get; set; }

    /// <summary>
    /// Whether several sockets may be bound to one address (SO_REUSEPORT). All of them must have said so before. Linux deals the
    /// connections, and the senders of datagrams, out to the sockets; macOS and FreeBSD do not promise to. For IP sockets.
    /// </summary>
    public bool ReusePort { get; set; }

    /// <summary>Whether an IPv6 socket is for IPv6 alone (IPV6_V6ONLY), or takes IPv4 connections too, as mapped addresses.</summary>
    public bool? IPv6Only { get; set; }

    /// <summary>
    /// What becomes of sent bytes that are not delivered when the socket is closed (SO_LINGER), in whole seconds up to 32,767:
    /// <see cref="TimeSpan.Zero"/> drops them and resets the connection; more lets the system go on for so long. A close never waits.
    /// For TCP.
    /// </summary>
    public TimeSpan? Linger { get; set; }

    /// <summary>
    /// Bytes of the kernel's buffer of sent data (SO_SNDBUF), 1 to 1,073,741,823. Linux makes it twice as much, and keeps to its limits
    /// without a word. Null lets the kernel fit it to the connection.
    /// </summary>
    public int? SendBufferSize { get; set; }

    /// <summary>
    /// Bytes of the kernel's buffer of received data (SO_RCVBUF), 1 to 1,073,741,823; as <see cref="SendBufferSize"/>. It is set before
    /// a connection is made, so that the window can be scaled to it.
    /// </summary>
    public int? ReceiveBufferSize { get; set; }

    /// <summary>
    /// How long sent bytes may stay unacknowledged before the connection fails with <see cref="IoErrorCode.SocketTimeout"/>
    /// (TCP_USER_TIMEOUT; TCP_RXT_CONNDROPTIME on macOS, which rounds up to seconds): 1 ms to 2,147,483,647 ms. FreeBSD has no such option.
    /// </summary>
    public TimeSpan? UserTimeout { get; set; }

    /// <summary>
    /// Whether what is received is acknowledged at once (TCP_QUICKACK). The kernel goes its own ways again later: this sets how a
    /// connection begins. Linux only.
    /// </summary>
    public bool? QuickAck { get; set; }

    /// <summary>
    /// A connection is accepted when its first bytes have come, or when this time is over (TCP_DEFER_ACCEPT), 1 to 32,767 whole
    /// seconds, which the kernel rounds up to its intervals of retransmission. For listeners; Linux only.
    /// </summary>
    public TimeSpan? DeferAccept { get; set; }

    /// <summary>
    /// The type of service of an IPv4 packet (IP_TOS), or the traffic class of an IPv6 packet (IPV6_TCLASS), 0 to 255. Of TCP the
    /// two lowest bits are the kernel's own.
    /// </summary>
    public int? TypeOfService { get; set; }

    /// <summary>How many routers a packet may pass (IP_TTL, IPV6_UNICAST_HOPS), 1 to 255.</summary>
    public int? TimeToLive { get; set; }

    /// <summary>Options that have no name here, set after all others in this order. For sockets of every domain.</summary>
    public IReadOnlyList<RawSocketOption> RawOptions { get; set; } = [];

    /// <summary>
    /// Whether this machine has a network interface of a name (<c>aws_is_network_interface_name_valid</c>). Any thread.
    /// </summary>
    /// <param name="name">The name, such as <c>eth0</c>.</param>
    /// <returns>False too for a name that is empty or has more than 15 bytes.</returns>
    public static bool IsNetworkInterface(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsInterfaceName(name) && Native.Unix.LibcInterfaces.IndexOf(name) != 0;
    }

    /// <summary>
    /// Gives a copy that nobody changes any more, for an address of a kind. Sockets that are made from one set of options share a copy, as
    /// long as the set stays what it was. Any thread.
    /// </summary>
    internal SocketOptions Freeze(SocketDomain domain)
    {
        SocketOptions? last = Volatile.Read(ref _frozen);
        if (last is not null && last.Domain == domain && HasSameValues(last))
        {
            return last;
        }

        SocketOptions copy = Clone();
        copy.Domain = domain;
        copy._frozen = copy;
        Volatile.Write(ref _frozen, copy);
        return copy;
    }

    internal SocketOptions Clone()
    {
        SocketOptions copy = (SocketOptions)MemberwiseClone();
        copy._frozen = null;
        if (RawOptions.Count > 0)
        {
            copy.RawOptions = [.. RawOptions];
        }

        return copy;
    }

    /// <summary>Whether all but the domain is the same. What the raw options are is not looked at: only none are the same.</summary>
    private bool HasSameValues(SocketOptions other) =>
        ReferenceEquals(this, other)
        || (Type == other.Type
            && Implementation == other.Implementation
            && ConnectTimeout == other.ConnectTimeout
            && NoDelay == other.NoDelay
            && KeepAlive == other.KeepAlive
            && KeepAliveIdleTime == other.KeepAliveIdleTime
            && KeepAliveInterval == other.KeepAliveInterval
            && KeepAliveProbes == other.KeepAliveProbes
            && NetworkInterface == other.NetworkInterface
            && LocalEndpoint == other.LocalEndpoint
            && ReusePort == other.ReusePort
            && IPv6Only == other.IPv6Only
            && Linger == other.Linger
            && SendBufferSize == other.SendBufferSize
            && ReceiveBufferSize == other.ReceiveBufferSize
            && UserTimeout == other.UserTimeout
            && QuickAck == other.QuickAck
            && DeferAccept == other.DeferAccept
            && TypeOfService == other.TypeOfService
            && TimeToLive == other.TimeToLive
            && RawOptions.Count == 0
            && other.RawOptions.Count == 0);
}
