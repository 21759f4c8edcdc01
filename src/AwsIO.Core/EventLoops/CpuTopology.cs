using System.Globalization;

namespace AwsIO;

/// <summary>Which processors belong to which node of memory, and which of them are only second threads of a core.</summary>
/// <param name="root">Where the system shows it: <c>/sys/devices/system</c>; another place in tests.</param>
internal sealed class CpuTopology(string root)
{
    internal static CpuTopology System { get; } = new("/sys/devices/system");

    /// <summary>The processors of a node. Where the system shows no nodes, node 0 has all of them.</summary>
    /// <returns>The node's processors, or null where there is no such node or it has no processor.</returns>
    internal CpuSet? OfNode(int node)
    {
        if (!Directory.Exists(Path.Combine(root, "node")))
        {
            return node == 0 ? CpuSet.Available : null;
        }

        string list = Read(Path.Combine(root, "node", $"node{node.ToString(CultureInfo.InvariantCulture)}", "cpulist"));
        return list.Length == 0 ? null : CpuSet.Parse(list);
    }

    /// <summary>One processor of each core that may be used: the first of its threads that may.</summary>
    /// <param name="cpus">The processors to choose from.</param>
    /// <param name="usable">Those that the process may use.</param>
    /// <remarks>
    /// Where the system does not say which are threads of one core, the second half of them is taken to be second threads, as it mostly
    /// is on x64.
    /// </remarks>
    internal int[] FirstThreads(CpuSet cpus, CpuSet usable)
    {
        HashSet<int> candidates = [.. cpus.Intersect(usable)];
        List<int> firsts = [];
        for (int i = 0; i < cpus.Count; i++)
        {
            int cpu = cpus[i];
            string folder = Path.Combine(root, "cpu", $"cpu{cpu.ToString(CultureInfo.InvariantCulture)}", "topology");
            string siblings = Read(Path.Combine(folder, "thread_siblings_list"));
            bool isFirst = siblings.Length > 0
                ? !CpuSet.Parse(siblings).Any(other => other < cpu && candidates.Contains(other))
                : cpus.Count == 1 || i < cpus.Count / 2;
            if (isFirst && candidates.Contains(cpu))
            {
                firsts.Add(cpu);
            }
        }

        // Where the halves are a guess, and all that may be used lies in the second one, each of these is as good as a first.
        return firsts.Count > 0 ? [.. firsts] : [.. candidates.Order()];
    }

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : string.Empty;
}
