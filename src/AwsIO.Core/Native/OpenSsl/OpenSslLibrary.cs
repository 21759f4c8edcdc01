using System.Reflection;
using System.Runtime.InteropServices;

namespace AwsIO.Native.OpenSsl;

/// <summary>Finds the system's OpenSSL: version 3, or 1.1, by the names of the distributions.</summary>
internal static class OpenSslLibrary
{
    internal const string Ssl = "awsio-libssl";
    internal const string Crypto = "awsio-libcrypto";

    private static readonly string[] s_sslNames = OperatingSystem.IsMacOS()
        ? ["libssl.3.dylib", "/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib", "/usr/local/opt/openssl@3/lib/libssl.3.dylib"]
        : ["libssl.so.3", "libssl.so.1.1", "libssl.so.111", "libssl.so"];

    private static readonly string[] s_cryptoNames = OperatingSystem.IsMacOS()
        ? ["libcrypto.3.dylib", "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib"]
        : ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so.111", "libcrypto.so"];

    private static readonly Lazy<IoError> s_loaded = new(Load);
    private static nint s_ssl;
    private static nint s_crypto;

    /// <summary>The version that was found, such as 0x30000160; 0 before.</summary>
    internal static ulong Version { get; private set; }

    internal static bool IsVersion3 => Version >= 0x30000000;

    /// <summary>Loads the library once.</summary>
    /// <returns>No error, or one that says what was looked for.</returns>
    internal static IoError EnsureLoaded() => s_loaded.Value;

    private static IoError Load()
    {
        // Both of one version: a libcrypto of another would be called with structures that it does not know.
        for (int i = 0; i < s_sslNames.Length; i++)
        {
            if (!NativeLibrary.TryLoad(s_sslNames[i], out s_ssl))
            {
                continue;
            }

            if (NativeLibrary.TryLoad(s_cryptoNames[i], out s_crypto))
            {
                NativeLibrary.SetDllImportResolver(typeof(OpenSslLibrary).Assembly, Resolve);
                return Initialize(s_sslNames[i]);
            }

            NativeLibrary.Free(s_ssl);
        }

        return new IoError(
            IoErrorCode.TlsContextError,
            $"OpenSSL was not found: install the system's OpenSSL 3 or 1.1 (looked for {string.Join(", ", s_sslNames)}).");
    }

    private static IoError Initialize(string name)
    {
        Version = LibCrypto.OpenSSL_version_num();
        if (Version < 0x10101000)
        {
            return new IoError(IoErrorCode.TlsContextError, $"{name} is OpenSSL {Version:x}, but 1.1.1 or later is needed.");
        }

        // The runtime's own cryptography uses the same library: nobody's exit handler may tear it down under the other's feet.
        const ulong loadSslStrings = 0x00200000;
        const ulong noAtExit = 0x00080000;
        return LibSsl.OPENSSL_init_ssl(loadSslStrings | noAtExit, 0) == 1
            ? IoError.None
            : new IoError(
                IoErrorCode.TlsContextError, $"{name} could not be initialised: {LibCrypto.TakeErrorText("no reason given")}.");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        Ssl => s_ssl,
        Crypto => s_crypto,
        _ => 0,
    };
}
