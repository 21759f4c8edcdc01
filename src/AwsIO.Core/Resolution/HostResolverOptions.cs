namespace AwsIO;

/// <summary>How a <see cref="DefaultHostResolver"/> works (<c>aws_host_resolver_default_options</c>).</summary>
public sealed class HostResolverOptions
{
    /// <summary>How long a look-up's answer is used again; 30 seconds by default, zero for never.</summary>
    public TimeSpan MaxTtl { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many hosts are remembered at the most; 1,024 by default.</summary>
    public int MaxHosts { get; init; } = 1024;

    /// <summary>How many look-ups may go on at the same time, each on a thread of its own; 8 by default.</summary>
    public int MaxConcurrentLookups { get; init; } = 8;
}
