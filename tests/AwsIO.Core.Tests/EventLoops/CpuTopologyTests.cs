namespace AwsIO.Tests.EventLoops;

/// <summary>What is made of the system's folders, by folders that a test makes up.</summary>
public sealed class CpuTopologyTests : IDisposable
{
    private static readonly CpuSet s_all = CpuSet.Parse("0-4095");

    private readonly string _root = Directory.CreateTempSubdirectory("awsio-topology-").FullName;

    private CpuTopology Topology => new(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Second_threads_of_cores_are_left_out_wherever_their_numbers_lie()
    {
        // Two machines' ways to number: threads of a core apart, and next to each other.
        Node(0, "0-3");
        foreach (int cpu in Enumerable.Range(0, 4))
        {
            Siblings(cpu, $"{cpu % 2},{(cpu % 2) + 2}");
        }

        Node(1, "4-7");
        foreach (int cpu in Enumerable.Range(4, 4))
        {
            Siblings(cpu, cpu < 6 ? "4-5" : "6-7");
        }

        Assert.Equal("0-3", Topology.OfNode(0)!.ToString());
        Assert.Equal([0, 1], Topology.FirstThreads(Topology.OfNode(0)!, s_all));
        Assert.Equal("4-7", Topology.OfNode(1)!.ToString());
        Assert.Equal([4, 6], Topology.FirstThreads(Topology.OfNode(1)!, s_all));
        Assert.Null(Topology.OfNode(2));
        Assert.Null(Topology.OfNode(-1));
    }

    [Fact]
    public void A_core_whose_first_thread_may_not_be_used_is_used_by_its_second()
    {
        Node(0, "0-5");
        foreach (int cpu in Enumerable.Range(0, 6))
        {
            Siblings(cpu, $"{cpu / 2 * 2}-{(cpu / 2 * 2) + 1}");
        }

        CpuSet node = Topology.OfNode(0)!;
        Assert.Equal([1, 2], Topology.FirstThreads(node, CpuSet.Parse("1-3,9")));
        Assert.Equal([5], Topology.FirstThreads(node, new CpuSet(5)));
        Assert.Empty(Topology.FirstThreads(node, new CpuSet(9)));
    }

    [Fact]
    public void Cores_of_one_thread_are_all_used()
    {
        Node(0, "0,2,4");
        foreach (int cpu in new[] { 0, 2, 4 })
        {
            Siblings(cpu, $"{cpu}");
        }

        Assert.Equal([0, 2, 4], Topology.FirstThreads(Topology.OfNode(0)!, s_all));
    }

    [Fact]
    public void Where_the_system_shows_no_nodes_node_zero_has_all_processors()
    {
        Assert.Equal(CpuSet.Available, Topology.OfNode(0));
        Assert.Null(Topology.OfNode(1));
    }

    [Fact]
    public void A_node_without_processors_is_none()
    {
        Node(0, "0");
        Node(1, "\n");
        Directory.CreateDirectory(Path.Combine(_root, "node", "node2"));
        Assert.Null(Topology.OfNode(1));
        Assert.Null(Topology.OfNode(2));
    }

    [Theory]
    [InlineData("0", "0-63", "0")]
    [InlineData("0-1", "0-63", "0")]
    [InlineData("0-7", "0-63", "0-3")]
    [InlineData("0-4", "0-63", "0-1")]
    [InlineData("0-7", "2,6", "2")]
    [InlineData("0-7", "6-7", "6-7")]
    public void Where_the_system_does_not_tell_threads_apart_the_second_half_is_taken_for_second_ones(
        string node, string usable, string expected)
    {
        Node(0, node);
        Assert.Equal(CpuSet.Parse(expected), Topology.FirstThreads(Topology.OfNode(0)!, CpuSet.Parse(usable)));
    }

    private void Node(int node, string cpus) => Write(Path.Combine("node", $"node{node}", "cpulist"), cpus);

    private void Siblings(int cpu, string cpus) => Write(Path.Combine("cpu", $"cpu{cpu}", "topology", "thread_siblings_list"), cpus);

    private void Write(string path, string text)
    {
        string file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
    }
}
