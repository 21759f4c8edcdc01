using System.Globalization;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>Loops that are kept on processors.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class PinningTests
{
    [Fact]
    [Trait("Upstream", "numa_aware_event_loop_group_setup_and_shutdown")]
    public async Task A_node_gives_one_loop_for_each_processor_that_is_no_second_thread()
    {
        HashSet<string> before = Descriptors.Open();
        int called = 0;
        int[] cores = FirstThreadsOfNode0();
        EventLoopGroup group = new(new EventLoopGroupOptions
        {
            LoopCount = ushort.MaxValue,
            MaxLoops = ushort.MaxValue,
            NumaNode = 0,
            OnShutdownComplete = () => called++,
        });

        Assert.NotEmpty(cores);
        Assert.Equal(cores.Length, group.Count);
        for (int i = 0; i < group.Count; i++)
        {
            Assert.Equal(new CpuSet(cores[i]), await group[i].Call(CpuSet.OfThisThread));
        }

        group.Release();
        await group.Completion.Within();
        Assert.Equal(1, called);
        Assert.Empty(Descriptors.Left(before));
    }

    [Fact]
    public async Task Fewer_loops_than_a_node_has_cores_take_its_first_ones()
    {
        int[] cores = FirstThreadsOfNode0();
        await using EventLoopGroup one = new(new EventLoopGroupOptions { LoopCount = 1, NumaNode = 0 });
        Assert.Equal(1, one.Count);
        Assert.Equal(new CpuSet(cores[0]), await one[0].Call(CpuSet.OfThisThread));

        await using EventLoopGroup byDefault = new(new EventLoopGroupOptions { NumaNode = 0 });
        Assert.Equal(Math.Max(cores.Length / 2, 1), byDefault.Count);
    }

    [Fact]
    public async Task Loops_are_kept_on_the_processors_that_were_given()
    {
        CpuSet last = new(CpuSet.Available[^1]);
        await using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 2, MaxLoops = 2, Cpus = last });
        for (int i = 0; i < group.Count; i++)
        {
            Assert.Equal(last, await group[i].Call(CpuSet.OfThisThread));
        }

        await using EventLoopGroup byDefault = new(new EventLoopGroupOptions { Cpus = last });
        Assert.Equal(1, byDefault.Count);
    }

    [Fact]
    public async Task What_a_pinned_loop_makes_is_not_pinned_with_it()
    {
        CpuSet all = CpuSet.Available;
        await using EventLoopGroup pinned = new(new EventLoopGroupOptions { LoopCount = 1, Cpus = new CpuSet(all[0]) });

        // Another group with processors of its own, and one without.
        (EventLoopGroup Free, EventLoopGroup Other, CpuSet Available) made = await pinned[0].Call(() => (
            new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 1 }),
            new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 1, Cpus = new CpuSet(all[^1]) }),
            CpuSet.Available));
        await using EventLoopGroup free = made.Free;
        await using EventLoopGroup other = made.Other;

        Assert.Equal(all, made.Available);
        Assert.Equal(all, await free[0].Call(CpuSet.OfThisThread));
        Assert.Equal(new CpuSet(all[^1]), await other[0].Call(CpuSet.OfThisThread));
    }

    /// <summary>
    /// What the system itself says: of each core of node 0 the first processor that this process may use. It is read here, and not by
    /// what is tested.
    /// </summary>
    private static int[] FirstThreadsOfNode0()
    {
        const string root = "/sys/devices/system";
        string? SiblingsOf(int cpu)
        {
            string path = $"{root}/cpu/cpu{cpu}/topology/thread_siblings_list";
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }

        const string allowed = "Cpus_allowed_list:";
        string status = File.ReadLines("/proc/thread-self/status")
            .First(static line => line.StartsWith(allowed, StringComparison.Ordinal));
        int[] usable = ParseList(status[allowed.Length..]);
        if (Directory.Exists($"{root}/node"))
        {
            usable = [.. usable.Intersect(ParseList(File.ReadAllText($"{root}/node/node0/cpulist")))];
        }

        Assert.SkipUnless(usable.Length > 0, "This process may use no processor of node 0.");
        Assert.SkipUnless(
            usable.All(cpu => SiblingsOf(cpu) is not null), "The system does not say which processors are threads of one core.");
        return [.. usable.GroupBy(SiblingsOf).Select(static core => core.Min()).Order()];
    }

    /// <summary>Reads a list as the kernel writes it, such as 0-3,8.</summary>
    private static int[] ParseList(string list) =>
    [
        .. list.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(static range =>
        {
            int[] ends = [.. range.Split('-').Select(static number => int.Parse(number, CultureInfo.InvariantCulture))];
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }),
    ];
}
