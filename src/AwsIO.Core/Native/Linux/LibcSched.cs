using System.Runtime.InteropServices;
using AwsIO.Native.Faults;

namespace AwsIO.Native.Linux;

/// <summary>Calls of <c>sched.h</c>, by the kernel's convention: a negative result is <c>-errno</c>.</summary>
internal static unsafe partial class LibcSched
{
    /// <summary>The number of processors that a mask of ours has room for.</summary>
    internal const int MaxCpus = Words * 64;

    private const int Words = 64;

    /// <summary>The processors that a thread may run on.</summary>
    /// <param name="thread">The system's number of the thread; 0 for the calling one.</param>
    /// <param name="cpus">Given the processors.</param>
    internal static int GetAffinity(int thread, List<int> cpus)
    {
        ulong* mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        if ((NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SchedGetAffinity))
            || sched_getaffinity(thread, Words * sizeof(ulong), mask) != 0)
        {
            return -Marshal.GetLastPInvokeError();
        }

        for (int cpu = 0; cpu < MaxCpus; cpu++)
        {
            if ((mask[cpu / 64] & (1UL << (cpu % 64))) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return 0;
    }

    /// <summary>Keeps the calling thread on some processors.</summary>
    internal static int SetAffinity(ReadOnlySpan<int> cpus)
    {
        ulong* mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        foreach (int cpu in cpus)
        {
            mask[cpu / 64] |= 1UL << (cpu % 64);
        }

        return !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SchedSetAffinity))
            && sched_setaffinity(0, Words * sizeof(ulong), mask) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_getaffinity(int thread, nuint size, ulong* mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint size, ulong* mask);
}
