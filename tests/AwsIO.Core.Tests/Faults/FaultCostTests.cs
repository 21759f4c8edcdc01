using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Faults;

/// <summary>
/// Off, the seam is not there: a process of its own has the JIT print the code that it makes of the wrappers when it optimizes them.
/// </summary>
public sealed class FaultCostTests
{
    private static readonly string[] s_wrappers = ["Receive", "Send", "Write", "Read", "SignalEventFd"];

    [Fact]
    public async Task Off_nothing_of_the_seam_is_left_in_optimized_code()
    {
        foreach ((string wrapper, string code) in await Optimized(faults: null))
        {
            Assert.DoesNotContain("NativeFaults", code, StringComparison.Ordinal);
            Assert.True(Regex.Count(code, @"\bcall\b|\bbl[r]?\b") > 0, $"{wrapper} calls nothing:\n{code}");
        }
    }

    [Fact]
    public async Task On_the_seam_is_asked()
    {
        foreach ((string wrapper, string code) in await Optimized(faults: "1"))
        {
            Assert.True(code.Contains("NativeFaults:Fails", StringComparison.Ordinal), $"{wrapper} does not ask:\n{code}");
        }
    }

    // Not optimized itself: it would have the wrappers inlined, and use them no more.
    [Fact(Explicit = true)]
    [MethodImpl(MethodImplOptions.NoOptimization)]
    public unsafe void Child_uses_the_wrappers_until_they_are_optimized()
    {
        using OptimizedMethods optimized = new();
        using TestPipe pipe = new();
        int wakeUp = Libc.EventFd();
        byte value = 1;

        // The JIT optimizes in the background, after the first calls.
        while (!s_wrappers.All(optimized.Names.ContainsKey))
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(1, Libc.Write(pipe.Writer.Descriptor, &value, 1));
                Assert.Equal(1, Libc.Read(pipe.Reader.Descriptor, &value, 1));
                Assert.True(Libc.Receive(pipe.Reader.Descriptor, &value, 1) < 0);
                Assert.True(Libc.Send(pipe.Writer.Descriptor, &value, 1) < 0);
                Libc.SignalEventFd(wakeUp);
            }
        }

        Assert.Equal(0, Libc.Close(wakeUp));
    }

    private static async Task<Dictionary<string, string>> Optimized(string? faults)
    {
        string file = Path.GetTempFileName();
        try
        {
            (int exitCode, string output) = await ChildTest.Run(
                typeof(FaultCostTests),
                nameof(Child_uses_the_wrappers_until_they_are_optimized),
                environment:
                [
                    ("AWSIO_FAULTS", faults),
                    ("AWSIO_FAULT_PLAN", null),
                    ("DOTNET_JitDisasm", string.Join(' ', s_wrappers.Select(static name => "*Libc:" + name))),
                    ("DOTNET_JitStdOutFile", file),
                ]);
            Assert.True(exitCode == 0, output);
            Dictionary<string, string> bodies = Bodies(await File.ReadAllTextAsync(file));
            Assert.Equal(s_wrappers.Order(), bodies.Keys.Order());
            return bodies;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The last tier's code of each wrapper.</summary>
    private static Dictionary<string, string> Bodies(string disassembly)
    {
        Dictionary<string, string> bodies = [];
        foreach (string listing in disassembly.Split("; Assembly listing for method ").Skip(1))
        {
            Match name = Regex.Match(listing, @"\AAwsIO\.Native\.Unix\.Libc:(\w+)\(.*\(Tier1\)");
            if (name.Success && listing.Contains("; Total bytes of code", StringComparison.Ordinal))
            {
                bodies[name.Groups[1].Value] = listing;
            }
        }

        return bodies;
    }

    /// <summary>The names of the library's methods that have been optimized since.</summary>
    private sealed class OptimizedMethods : EventListener
    {
        private const EventKeywords Jit = (EventKeywords)0x10;

        internal ConcurrentDictionary<string, bool> Names { get; } = [];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            {
                EnableEvents(eventSource, EventLevel.Verbose, Jit);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            const int tier1 = 4;
            if (eventData.EventName?.StartsWith("MethodLoadVerbose", StringComparison.Ordinal) == true
                && eventData.Payload is { } payload
                && payload[eventData.PayloadNames!.IndexOf("MethodNamespace")] as string == typeof(Libc).FullName
                && ((uint)payload[eventData.PayloadNames.IndexOf("MethodFlags")]! >> 7 & 7) == tier1)
            {
                Names[(string)payload[eventData.PayloadNames.IndexOf("MethodName")]!] = true;
            }
        }
    }
}
