using System.Globalization;

namespace AwsIO.Bench.Running;

/// <summary>
/// How many descriptors a process may have. The runtime raises its own limit to what the system allows at its start, and
/// the C peers do the same; more than that nobody gets.
/// </summary>
internal static class DescriptorLimit
{
    // What a process has open besides: the runtime's files, loops, listeners.
    private const int Others = 500;

    /// <summary>Sees whether both ends of a number of connections fit.</summary>
    /// <exception cref="NotAvailableException">They do not.</exception>
    public static void Check(int connections)
    {
        int needed = (2 * connections) + Others;
        if (Read() is { } limit && limit < needed)
        {
            throw new NotAvailableException(
                $"{connections} connections need {needed} descriptors, and a process may have {limit} (ulimit -Hn): use fewer --connections"
            );
        }
    }

    // "Max open files  SOFT  HARD  files"
    private static long? Read()
    {
        const string Name = "Max open files";
        try
        {
            string? hard = File.ReadLines("/proc/self/limits")
                .FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal))
                ?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            return long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
