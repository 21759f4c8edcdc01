using System.Globalization;

namespace AwsIO.Bench.Running;

/// <summary>System calls by what they are for; of a process, or per operation.</summary>
internal sealed record SyscallCounts
{
    private static readonly string[] s_reads = ["read", "readv", "recvfrom", "recvmsg", "recvmmsg"];
    private static readonly string[] s_writes = ["write", "writev", "sendto", "sendmsg", "sendmmsg", "sendfile"];
    private static readonly string[] s_waits =
    [
        "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6",
    ];

    /// <summary>Calls by name.</summary>
    public required IReadOnlyDictionary<string, double> ByName { get; init; }

    public double Reads => Sum(s_reads);

    public double Writes => Sum(s_writes);

    public double Waits => Sum(s_waits);

    public double Total => ByName.Values.Sum();

    public double Rest => Total - Reads - Writes - Waits;

    /// <summary>The most frequent of the rest.</summary>
    public string MostOfTheRest =>
        string.Join(
            ", ",
            ByName
                .Where(call => !s_reads.Contains(call.Key) && !s_writes.Contains(call.Key) && !s_waits.Contains(call.Key))
                .Where(static call => call.Value >= 0.005)
                .OrderByDescending(static call => call.Value)
                .Take(10)
                .Select(static call => string.Create(CultureInfo.InvariantCulture, $"{call.Key} {call.Value:0.00}"))
        );

    /// <summary>Reads the table that <c>strace -c</c> leaves.</summary>
    public static SyscallCounts Parse(IEnumerable<string> lines)
    {
        // "% time  seconds  usecs/call  calls  [errors]  syscall"; lines of dashes, the header and the sum are no calls.
        Dictionary<string, double> calls = [];
        foreach (string line in lines)
        {
            string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns is [_, _, _, _, .., var name]
                && name != "total"
                && long.TryParse(columns[3], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            {
                calls[name] = calls.GetValueOrDefault(name) + count;
            }
        }

        return new SyscallCounts { ByName = calls };
    }

    /// <summary>What each of a number of operations has added to an earlier count.</summary>
    public SyscallCounts PerOperation(SyscallCounts earlier, long operations) =>
        new()
        {
            ByName = ByName.ToDictionary(
                static call => call.Key,
                call => Math.Max(0, (call.Value - earlier.ByName.GetValueOrDefault(call.Key)) / operations)
            ),
        };

    private double Sum(string[] names) => names.Sum(name => ByName.GetValueOrDefault(name));
}
