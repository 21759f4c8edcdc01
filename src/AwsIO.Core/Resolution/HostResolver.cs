namespace AwsIO;

/// <summary>Told of a look-up's result, on an event loop's thread.</summary>
/// <param name="host">The name as it was asked for.</param>
/// <param name="error">Why there are no addresses, or no error.</param>
/// <param name="addresses">The addresses, the best first; empty after a failure.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void HostResolvedCallback(string host, IoError error, IReadOnlyList<HostAddress> addresses, object? state);

/// <summary>Finds the addresses of hosts (<c>aws_host_resolver</c>).</summary>
public abstract class HostResolver : IDisposable
{
    /// <summary>Looks a host up; the callback comes on a loop that the resolver chooses. Any thread.</summary>
    /// <param name="host">A name, or an address in text.</param>
    /// <param name="onResolved">Told once, never inside this call.</param>
    /// <param name="state">Handed to the callback.</param>
    public abstract void Resolve(string host, HostResolvedCallback onResolved, object? state);

    /// <summary>Looks a host up; the callback comes on a given loop (<c>aws_host_resolver_resolve_host</c>). Any thread.</summary>
    /// <param name="host">A name, or an address in text.</param>
    /// <param name="loop">Where the callback comes.</param>
    /// <param name="onResolved">
    /// Told once, never inside this call: addresses, or <see cref="IoErrorCode.DnsInvalidName"/> (there is no such host),
    /// <see cref="IoErrorCode.DnsQueryAgain"/> (a temporary failure), <see cref="IoErrorCode.DnsQueryFailed"/>,
    /// <see cref="IoErrorCode.DnsNoAddressForHost"/>.
    /// </param>
    /// <param name="state">Handed to the callback.</param>
    public abstract void Resolve(string host, EventLoop loop, HostResolvedCallback onResolved, object? state);

    /// <summary>Looks a host up; the callback comes on a loop that the resolver chooses. Any thread.</summary>
    /// <param name="host">A name, or an address in text.</param>
    /// <param name="onResolved">Told once, never inside this call.</param>
    public void Resolve(string host, Action<string, IoError, IReadOnlyList<HostAddress>> onResolved)
    {
        ArgumentNullException.ThrowIfNull(onResolved);
        Resolve(
            host,
            static (name, error, addresses, state) =>
                ((Action<string, IoError, IReadOnlyList<HostAddress>>)state!)(name, error, addresses),
            onResolved);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the resolver: callers that wait are told so; nothing waits for a look-up that hangs.</summary>
    /// <param name="disposing">Whether this is not a finaliser's call.</param>
    protected abstract void Dispose(bool disposing);
}
