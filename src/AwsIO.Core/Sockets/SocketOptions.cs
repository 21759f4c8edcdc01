namespace AwsIO;

/// <summary>How a socket is made and behaves (<c>aws_socket_options</c>).</summary>
public sealed class SocketOptions
{
    /// <summary>The most that an interval or idle time may be: the kernel's own limit, 32,767 seconds.</summary>
    private static readonly TimeSpan s_longestKeepAlive = TimeSpan.FromSeconds(32767);

    /// <summary>The kind of traffic; a stream by default, and so far the only one.</summary>
    public IoSocketType Type { get; set; }

    /// <summary>The kind of address; IPv4 by default. Where an endpoint is known, the endpoint's own kind counts.</summary>
    public SocketDomain Domain { get; set; }

    /// <summary>
    /// How long a connection attempt may take: 3 seconds by default, <see cref="Timeout.InfiniteTimeSpan"/> for no limit of our own.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether small writes leave at once instead of waiting to be joined (TCP_NODELAY); on by default.</summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>Whether the kernel probes a silent peer (SO_KEEPALIVE); off by default.</summary>
    public bool KeepAlive { get; set; }

    /// <summary>How long a connection is silent before the first probe, in whole seconds; null for the system's default.</summary>
    public TimeSpan? KeepAliveIdleTime { get; set; }

    /// <summary>The time between probes, in whole seconds; null for the system's default.</summary>
    public TimeSpan? KeepAliveInterval { get; set; }

    /// <summary>How many unanswered probes end the connection; null for the system's default.</summary>
    public int? KeepAliveProbes { get; set; }

    internal SocketOptions Clone() => (SocketOptions)MemberwiseClone();

    /// <summary>Says which option is wrong and what is legal, or gives no error.</summary>
    internal IoError Validate()
    {
        if (Type != IoSocketType.Stream)
        {
            return Invalid($"Type is {(int)Type}, which is no socket type.");
        }

        if (Domain is < SocketDomain.IPv4 or > SocketDomain.Local)
        {
            return Invalid($"Domain is {(int)Domain}, which is no socket domain.");
        }

        if (ConnectTimeout != Timeout.InfiniteTimeSpan && ConnectTimeout <= TimeSpan.Zero)
        {
            return Invalid($"ConnectTimeout is {ConnectTimeout}; it must be more than zero, or Timeout.InfiniteTimeSpan for none.");
        }

        if (KeepAliveIdleTime is { } idle && !IsKeepAliveTime(idle))
        {
            return Invalid($"KeepAliveIdleTime is {idle}; it must be between 1 second and {s_longestKeepAlive}.");
        }

        if (KeepAliveInterval is { } interval && !IsKeepAliveTime(interval))
        {
            return Invalid($"KeepAliveInterval is {interval}; it must be between 1 second and {s_longestKeepAlive}.");
        }

        return KeepAliveProbes is < 1 or > 127
            ? Invalid($"KeepAliveProbes is {KeepAliveProbes}; it must be between 1 and 127.")
            : IoError.None;
    }

    private static bool IsKeepAliveTime(TimeSpan time) => time >= TimeSpan.FromSeconds(1) && time <= s_longestKeepAlive;

    private static IoError Invalid(string detail) => new(IoErrorCode.SocketInvalidOptions, detail);
}
