using AwsIO.Native.OpenSsl;

namespace AwsIO;

/// <summary>TLS by the system's OpenSSL.</summary>
internal sealed class OpenSslProvider : ITlsProvider
{
    public string Name => "OpenSSL";

    public IoResult<TlsProviderContext> CreateContext(TlsContextOptions options, bool isServer)
    {
        IoError error = OpenSslLibrary.EnsureLoaded();
        if (error.IsError)
        {
            return new(error);
        }

        return OpenSslContext.Create(options, isServer);
    }
}
