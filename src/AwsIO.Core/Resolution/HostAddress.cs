namespace AwsIO;

/// <summary>The kind of a host's address (<c>aws_address_record_type</c>).</summary>
public enum AddressKind
{
    /// <summary>IPv4.</summary>
    A = 0,

    /// <summary>IPv6.</summary>
    AAAA = 1,
}

/// <summary>One address of a host (<c>aws_host_address</c>).</summary>
/// <param name="Host">The host's name as it was asked for.</param>
/// <param name="Address">The address in text, in its canonical form.</param>
/// <param name="Kind">The kind of address.</param>
public sealed record HostAddress(string Host, string Address, AddressKind Kind);
