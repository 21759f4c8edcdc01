using System.Diagnostics;
using System.Globalization;

namespace AwsIO.Tests.Infrastructure.Namespaces;

/// <summary>
/// Two network namespaces of Linux with a link between them, on which faults can be put. They bear the process's number, and go with
/// all that is in them when this is disposed.
/// </summary>
internal sealed class NetworkPair : IDisposable
{
    internal const string ClientAddress = "10.77.0.1";
    internal const string ServerAddress = "10.77.0.2";

    private static int s_count;

    private readonly string _suffix = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.ProcessId}x{Interlocked.Increment(ref s_count)}");

    private readonly List<NamespaceChild> _children = [];

    private NetworkPair()
    {
        Client = $"awsio-client-{_suffix}";
        Server = $"awsio-server-{_suffix}";
        ClientLink = $"ac{_suffix}";
        ServerLink = $"as{_suffix}";
    }

    /// <summary>The name of the client's namespace.</summary>
    internal string Client { get; }

    internal string Server { get; }

    private string ClientLink { get; }

    private string ServerLink { get; }

    /// <summary>Makes the namespaces, or skips the test and says why.</summary>
    internal static NetworkPair Make()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Network namespaces are for root on Linux.");
        foreach (string program in (string[])["ip", "tc", "nft"])
        {
            Assert.SkipUnless(IsInstalled(program), $"The program {program} is not installed.");
        }

        NetworkPair pair = new();
        (int code, string said) = Execute("ip", "netns", "add", pair.Client);
        Assert.SkipWhen(code != 0, $"No network namespace can be made here: {said}");
        try
        {
            pair.SetUp();
            pair.SkipWithoutFaults();
            return pair;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    /// <summary>Starts an explicit test of this program as a process in one of the namespaces.</summary>
    internal NamespaceChild Start(string inside, Type type, string method, params (string Name, string Value)[] environment)
    {
        NamespaceChild child = NamespaceChild.Start(inside, type, method, environment);
        _children.Add(child);
        return child;
    }

    /// <summary>Has each packet lost with a chance, in both directions.</summary>
    internal void DropAtRandom(int percent)
    {
        string rule = $"numgen random mod 100 < {percent} drop";
        Filter(Client, rule);
        Filter(Server, rule);
    }

    /// <summary>Lets nothing through any more, and says nothing of it, until <see cref="RemoveFilters"/>.</summary>
    internal void DropAll()
    {
        Filter(Client, "drop");
        Filter(Server, "drop");
    }

    /// <summary>Has the server's side answer each of the client's packets with a reset, as firewalls do.</summary>
    internal void RejectWithReset() => Filter(Server, "meta l4proto tcp reject with tcp reset");

    internal void RemoveFilters()
    {
        Must("ip", "netns", "exec", Client, "nft", "flush", "ruleset");
        Must("ip", "netns", "exec", Server, "nft", "flush", "ruleset");
    }

    /// <summary>Makes the link thin in both directions.</summary>
    /// <param name="rate">As tc takes it, like 8mbit.</param>
    internal void Thin(string rate)
    {
        Must("tc", "-n", Client, "qdisc", "add", "dev", ClientLink, "root", "tbf", "rate", rate, "burst", "16kb", "latency", "100ms");
        Must("tc", "-n", Server, "qdisc", "add", "dev", ServerLink, "root", "tbf", "rate", rate, "burst", "16kb", "latency", "100ms");
    }

    /// <summary>Takes the link down at the server's side: the client's loses its carrier.</summary>
    internal void LinkDown() => Must("ip", "-n", Server, "link", "set", ServerLink, "down");

    internal void LinkUp() => Must("ip", "-n", Server, "link", "set", ServerLink, "up");

    /// <summary>Has the kernel give up a connection after so many repetitions of a segment, 15 otherwise.</summary>
    internal void GiveUpAfter(int repetitions)
    {
        foreach (string side in (string[])[Client, Server])
        {
            Must("ip", "netns", "exec", side, "sh", "-c", $"echo {repetitions} > /proc/sys/net/ipv4/tcp_retries2");
        }
    }

    public void Dispose()
    {
        _children.ForEach(static child => child.Dispose());

        // The link goes with its namespaces.
        Execute("ip", "netns", "del", Client);
        Execute("ip", "netns", "del", Server);
    }

    internal static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(directory => File.Exists(Path.Combine(directory, program)));

    private void SetUp()
    {
        Must("ip", "netns", "add", Server);
        Must("ip", "link", "add", ClientLink, "netns", Client, "type", "veth", "peer", "name", ServerLink, "netns", Server);
        SetUp(Client, ClientLink, ClientAddress);
        SetUp(Server, ServerLink, ServerAddress);
    }

    private static void SetUp(string side, string link, string address)
    {
        Must("ip", "-n", side, "address", "add", address + "/24", "dev", link);
        Must("ip", "-n", side, "link", "set", "lo", "up");

        // One segment a packet: otherwise the kernel hands 64 KiB over the link as one, and a loss is a loss of them all.
        Must("ip", "-n", side, "link", "set", link, "gso_max_segs", "1", "up");
    }

    /// <summary>Kernels are made with and without filters and thin queues.</summary>
    private void SkipWithoutFaults()
    {
        (int code, string said) = Execute(FilterCommand(Client, "numgen random mod 100 < 1 drop"));
        Assert.SkipWhen(code != 0, $"This kernel drops no packets at random: {said}");
        (code, said) = Execute(
            "tc", "-n", Client, "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "1gbit", "burst", "1mb", "latency", "1ms");
        Assert.SkipWhen(code != 0, $"This kernel makes no link thin: {said}");
        Must("tc", "-n", Client, "qdisc", "del", "dev", "lo", "root");
        RemoveFilters();
    }

    private static void Filter(string side, string rule) => Must(FilterCommand(side, rule));

    /// <summary>A rule for what comes over the link; what a process says to itself is its own affair.</summary>
    private static string[] FilterCommand(string side, string rule)
    {
        string table = "add table ip faults; add chain ip faults input { type filter hook input priority 0; }; ";
        return ["ip", "netns", "exec", side, "nft", $"{table}add rule ip faults input iifname != \"lo\" {rule}"];
    }

    private static void Must(params string[] command)
    {
        (int code, string said) = Execute(command);
        Assert.True(code == 0, $"'{string.Join(' ', command)}' failed with {code}: {said}");
    }

    private static (int Code, string Said) Execute(params string[] command)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        using StreamReader output = process.StandardOutput;
        using StreamReader errors = process.StandardError;
        string said = errors.ReadToEnd() + output.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said.Trim());
    }
}
