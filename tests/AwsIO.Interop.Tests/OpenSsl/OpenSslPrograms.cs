using System.Globalization;
using System.Text.RegularExpressions;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.OpenSsl;

/// <summary>Starts <c>openssl s_server</c> and <c>openssl s_client</c>.</summary>
internal static partial class OpenSslPrograms
{
    /// <summary>Starts a server at a free port, which it tells.</summary>
    internal static async Task<(ExternalProgram Program, int Port)> Serve(ConnectionTest test, PemFiles files, params string[] more)
    {
        ExternalProgram program = ExternalProgram.Start(
            test, "openssl", ["s_server", "-accept", "127.0.0.1:0", "-cert", files.Certificate, "-key", files.Key, .. more]);
        Match match = await program.Said(AcceptLine());
        return (program, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    internal static ExternalProgram Connect(ConnectionTest test, int port, PemFiles files, params string[] more) =>
        ExternalProgram.Start(
            test,
            "openssl",
            ["s_client", "-connect", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "-CAfile", files.Authority, .. more]);

    [GeneratedRegex(@"ACCEPT (?:\S*:)?(\d+)\s")]
    private static partial Regex AcceptLine();
}
