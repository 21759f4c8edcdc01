namespace AwsIO;

/// <summary>Told of a handshake's result, on the channel's loop's thread, once.</summary>
/// <param name="handler">The handler; what was agreed stands in its <see cref="TlsChannelHandler.Info"/>.</param>
/// <param name="error">Why it failed, and then the channel shuts down with the same error; or no error.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void TlsNegotiationCallback(TlsChannelHandler handler, IoError error, object? state);

/// <summary>What one TLS connection has of its own (<c>aws_tls_connection_options</c>).</summary>
/// <param name="context">What it shares with others of its kind.</param>
public sealed class TlsConnectionOptions(TlsContext context)
{
    /// <summary>What the connection shares with others of its kind.</summary>
    public TlsContext Context { get; } = context ?? throw new ArgumentNullException(nameof(context));

    /// <summary>
    /// The name that a client asks for, and that the server's certificate must be for: a DNS name or an IP address. The bootstrap fills
    /// in the name that it dials.
    /// </summary>
    public string? ServerName { get; set; }

    /// <summary>The protocols for this connection in place of the context's; null for the context's.</summary>
    public IReadOnlyList<string>? Alpn { get; set; }

    /// <summary>
    /// How long the handshake may take, from the handler's installation on: 10 seconds by default, <see cref="Timeout.InfiniteTimeSpan"/>
    /// for no limit.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Told of the handshake's result.</summary>
    public TlsNegotiationCallback? OnNegotiated { get; set; }

    /// <summary>Handed to the callback.</summary>
    public object? State { get; set; }

    internal TlsConnectionOptions Clone()
    {
        TlsConnectionOptions copy = (TlsConnectionOptions)MemberwiseClone();
        copy.Alpn = Alpn is null ? null : [.. Alpn];
        return copy;
    }

    /// <summary>Says what is missing or wrong, or gives no error.</summary>
    internal IoError Validate()
    {
        if (HandshakeTimeout != Timeout.InfiniteTimeSpan && HandshakeTimeout <= TimeSpan.Zero)
        {
            return new IoError(
                IoErrorCode.InvalidArgument,
                $"HandshakeTimeout is {HandshakeTimeout}; it must be more than zero, or Timeout.InfiniteTimeSpan for none.");
        }

        if (!Context.IsServer && Context.VerifiesPeer && Context.VerifiesHostName && string.IsNullOrEmpty(ServerName))
        {
            return new IoError(
                IoErrorCode.InvalidArgument,
                "A client that verifies its peer needs a ServerName to check the certificate against; set it, or turn VerifyHostName off.");
        }

        if (ServerName is not null && ServerName.Contains('\0', StringComparison.Ordinal))
        {
            // OpenSSL would check the certificate against what stands before it.
            return new IoError(IoErrorCode.InvalidArgument, "ServerName holds a NUL character, which no name has.");
        }

        return Alpn is null ? IoError.None : TlsContext.ValidateAlpn(Alpn);
    }
}
