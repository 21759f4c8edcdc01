using System.CommandLine;
using AwsIO.Tasks;

namespace AwsIO.Tool.Commands;

/// <summary>Options that more than one command has.</summary>
internal static class CommonOptions
{
    internal static Option<string> Alpn(string description) => new("--alpn") { Description = description, HelpName = "LIST" };

    internal static Option<bool> Verbose(string description) => new("--verbose", "-v") { Description = description };

    internal static string[] Split(string? list) =>
        list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Options that mean nothing without TLS were meant to be used with it.</summary>
    internal static void RefuseWithoutTls(ParseResult parsed, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} makes sense with --tls only: add --tls, or leave {option.Name} out.");
            }
        }
    }

    /// <summary>Has an error that the library tells of one of its properties tell of the file that the user named.</summary>
    internal static async Task<T> NamingFilesAsync<T>(Task<T> task, params (string Property, string? File)[] files)
    {
        try
        {
            return await task;
        }
        catch (IoException exception) when (exception.ErrorCode == IoErrorCode.TlsContextError)
        {
            string detail = exception.Error.Detail;
            foreach ((string property, string? file) in files)
            {
                detail = detail.Replace(property, file, StringComparison.Ordinal);
            }

            throw new IOException(detail, exception);
        }
    }
}
