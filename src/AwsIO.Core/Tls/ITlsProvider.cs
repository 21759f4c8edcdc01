namespace AwsIO;

/// <summary>
/// The seam behind which TLS is done: OpenSSL ships with AwsIO, others can be brought along (upstream's "bring your own crypto").
/// </summary>
public interface ITlsProvider
{
    /// <summary>The provider's name, for errors and logs.</summary>
    string Name { get; }

    /// <summary>Makes what connections of one kind share. Any thread.</summary>
    /// <param name="options">How; not changed afterwards, and to be kept.</param>
    /// <param name="isServer">Whether the connections are the server's end.</param>
    /// <returns>The shared part, or why it cannot be made.</returns>
    IoResult<TlsProviderContext> CreateContext(TlsContextOptions options, bool isServer);
}
