using System.Net;
using System.Net.Sockets;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>The descriptors and loop threads that the process has at a moment.</summary>
internal sealed class ProcessResources
{
    private readonly Dictionary<string, int> _descriptors;
    private readonly int _threads;

    static ProcessResources()
    {
        // The base library's own sockets keep a poller for good from the first wait on: have it before anything is counted.
        using Socket warm = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        warm.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Task<int> receiving = warm.ReceiveAsync(new byte[1]);
        Assert.Equal(1, warm.SendTo([1], warm.LocalEndPoint!));
        receiving.GetAwaiter().GetResult();
    }

    private ProcessResources(Dictionary<string, int> descriptors, int threads)
    {
        _descriptors = descriptors;
        _threads = threads;
    }

    internal static ProcessResources Now() => new(Descriptors(), LoopThreads());

    /// <summary>Fails when there are more now, and says which.</summary>
    internal void AssertNothingIsLeft()
    {
        // Joining a thread returns a moment before the kernel has forgotten it, and nothing tells of that moment.
        long end = Environment.TickCount64 + 30_000;
        while (LoopThreads() > _threads && Environment.TickCount64 < end)
        {
            Thread.Yield();
        }

        Assert.Equal(_threads, LoopThreads());
        List<string> left = [];
        foreach ((string target, int count) in Descriptors())
        {
            if (count > _descriptors.GetValueOrDefault(target))
            {
                left.Add($"{target} x {count - _descriptors.GetValueOrDefault(target)}");
            }
        }

        Assert.Empty(left);
    }

    /// <summary>What a descriptor stands for, as <c>socket:[123]</c>; null when it is not open.</summary>
    internal static string? TargetOf(int descriptor) => new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget;

    // Files come and go with the runtime; what the library makes is of these kinds.
    private static Dictionary<string, int> Descriptors()
    {
        Dictionary<string, int> targets = [];
        foreach (FileInfo link in new DirectoryInfo("/proc/self/fd").EnumerateFiles())
        {
            string? target;
            try
            {
                target = link.LinkTarget;
            }
            catch (IOException)
            {
                continue;
            }

            if (target is not null && (target.StartsWith("socket:", StringComparison.Ordinal)
                || target is "anon_inode:[eventpoll]" or "anon_inode:[eventfd]"))
            {
                targets[target] = targets.GetValueOrDefault(target) + 1;
            }
        }

        return targets;
    }

    private static int LoopThreads()
    {
        int count = 0;
        foreach (string directory in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string name = File.ReadAllText(Path.Combine(directory, "comm"));
                count += name.StartsWith("awsio-", StringComparison.Ordinal) && char.IsAsciiDigit(name[6]) ? 1 : 0;
            }
            catch (IOException)
            {
                // The thread has left meanwhile.
            }
        }

        return count;
    }
}
