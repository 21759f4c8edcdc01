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

    /// <summary>Leaves out each processor that is another thread of a core which stands before it.</summary>
    /// <remarks>Where the system does not say, the second half of them is taken to be such threads, as it mostly is on x64.</remarks>
    internal int[] FirstThreads(CpuSet cpus)
    {
        List<int> firsts = [];
        for (int i = 0; i < cpus.Count; i++)
        {
            string folder = Path.Combine(root, "cpu", $"cpu{cpus[i].ToString(CultureInfo.InvariantCulture)}", "topology");
            string siblings = Read(Path.Combine(folder, "thread_siblings_list"));
            bool isFirst = siblings.Length > 0 ? CpuSet.Parse(siblings)[0] == cpus[i] : cpus.Count == 1 || i < cpus.Count / 2;
            if (isFirst)
            {
                firsts.Add(cpus[i]);
            }
        }

        return [.. firsts];
    }

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : string.Empty;
}
