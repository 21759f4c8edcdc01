using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using AwsIO.Tasks;

namespace AwsIO.Tool;

/// <summary>An address as people write it: <c>host:443</c>, <c>127.0.0.1:7000</c>, <c>[::1]:7000</c>, <c>unix:/run/a.sock</c>.</summary>
/// <param name="Host">A name or an IP address; null for a path.</param>
/// <param name="Port">The port; 0 for a path, or for a free one.</param>
/// <param name="Path">A Unix domain socket's path; null for a host.</param>
internal sealed record Address(string? Host, int Port, string? Path)
{
    private const string UnixPrefix = "unix:";

    public override string ToString() =>
        Path is not null ? UnixPrefix + Path
        : Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}"
        : $"{Host}:{Port}";

    internal static Argument<Address> Argument(string name, string description, int lowestPort) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            Address? address = TryParse(result.Tokens[0].Value, lowestPort, out string problem);
            if (address is null)
            {
                result.AddError(problem);
            }

            return address;
        },
    };

    internal static Address? TryParse(string text, int lowestPort, out string problem)
    {
        problem = "";
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            string path = text[UnixPrefix.Length..];
            problem = path.Length == 0 ? "'unix:' lacks a path: write unix:/run/a.sock" : "";
            return path.Length == 0 ? null : new Address(null, 0, path);
        }

        int colon = text.LastIndexOf(':');
        bool isPort = text.Length > 0 && text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0;
        if (colon <= 0 && isPort)
        {
            problem = $"'{text}' lacks a host: write localhost:{text.TrimStart(':')}, or unix:/path";
            return null;
        }

        if (colon <= 0 || text.EndsWith(']'))
        {
            problem = $"'{text}' lacks a port: write {(text.Length == 0 || colon == 0 ? "localhost" : text)}:7000, or unix:/path";
            return null;
        }

        string host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']') && IPAddress.TryParse(host[1..^1], out _))
        {
            host = host[1..^1];
        }
        else if (host.Contains(':', StringComparison.Ordinal) || host.Contains('[', StringComparison.Ordinal))
        {
            problem = $"'{text}' is no address: an IPv6 address stands in brackets, as in [::1]:7000";
            return null;
        }

        if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port < lowestPort || port > 65535)
        {
            problem = $"'{text[(colon + 1)..]}' is no port: it must be a number from {lowestPort} to 65535";
            return null;
        }

        return new Address(host, port, null);
    }

    /// <summary>Where to listen: names are looked up, and the first address counts.</summary>
    internal async Task<SocketEndpoint> ToEndpointAsync(IoRuntime io) => Path is not null
        ? SocketEndpoint.Unix(Path)
        : SocketEndpoint.Tcp((await io.ResolveAsync(Host!))[0].Address, Port);
}
