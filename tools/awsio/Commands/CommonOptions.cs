using System.CommandLine;

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
}
