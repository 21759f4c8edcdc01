using System.Globalization;
using AwsIO.Native.Platform;

namespace AwsIO.Tests.NativeCalls.Platform;

/// <summary>What one name is on macOS, FreeBSD and Linux; null for what a platform does not have.</summary>
internal sealed record AbiRow(string Name, long?[] Values);

/// <summary>Reads the tables of expected numbers.</summary>
internal static class AbiTable
{
    /// <summary>The platforms, in the order of the tables' columns.</summary>
    internal static readonly Abi[] All = [Abi.Darwin, Abi.FreeBsd, Abi.Linux];

    internal static List<AbiRow> Parse(string table)
    {
        List<AbiRow> rows = [];
        foreach (string line in table.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            rows.Add(new AbiRow(string.Join(' ', words[..^3]), [.. words[^3..].Select(ParseNumber)]));
        }

        return rows;
    }

    private static long? ParseNumber(string text) => text == "-" ? null
        : text.StartsWith("0x", StringComparison.Ordinal) ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : long.Parse(text, CultureInfo.InvariantCulture);
}
