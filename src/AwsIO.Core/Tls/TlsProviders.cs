namespace AwsIO;

/// <summary>The TLS providers that ship with AwsIO.</summary>
public static class TlsProviders
{
    /// <summary>
    /// The system's OpenSSL, version 3 or 1.1.1, loaded when it is first used and called on the loop's own thread.
    /// </summary>
    public static ITlsProvider OpenSsl { get; } = new OpenSslProvider();

    /// <summary>What is used where options name no provider.</summary>
    internal static ITlsProvider Default => OpenSsl;
}
