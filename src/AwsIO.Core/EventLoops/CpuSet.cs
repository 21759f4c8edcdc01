using System.Collections;
using System.Globalization;
using AwsIO.Native.Linux;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Some of a machine's processors, by the numbers that the system gives them.</summary>
public sealed class CpuSet : IReadOnlyList<int>, IEquatable<CpuSet>
{
    private readonly int[] _cpus;

    /// <summary>Makes a set.</summary>
    /// <param name="cpus">Numbers of processors, at least one, in any order.</param>
    /// <exception cref="ArgumentException">There is none, or one that no system has.</exception>
    public CpuSet(params int[] cpus)
        : this((IEnumerable<int>)cpus)
    {
    }

    /// <summary>Makes a set.</summary>
    /// <param name="cpus">Numbers of processors, at least one, in any order.</param>
    /// <exception cref="ArgumentException">There is none, or one that no system has.</exception>
    public CpuSet(IEnumerable<int> cpus)
    {
        ArgumentNullException.ThrowIfNull(cpus);
        _cpus = [.. cpus.Distinct().Order()];
        if (_cpus.Length == 0)
        {
            throw new ArgumentException("A set of processors needs at least one.", nameof(cpus));
        }

        if (_cpus[0] < 0 || _cpus[^1] >= LibcSched.MaxCpus)
        {
            int wrong = _cpus[0] < 0 ? _cpus[0] : _cpus[^1];
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{wrong} is no processor: numbers go from 0 to {LibcSched.MaxCpus - 1}."),
                nameof(cpus));
        }
    }

    /// <summary>
    /// The processors that this process may use: those of its first thread. A thread that is kept on some of them, such as a loop's,
    /// sees no fewer here.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The system does not say.</exception>
    public static CpuSet Available => OfThread(Environment.ProcessId);

    /// <summary>The number of processors.</summary>
    public int Count => _cpus.Length;

    /// <summary>A processor's number, in ascending order.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public int this[int index] => _cpus[index];

    /// <summary>Reads a list as Linux writes it: numbers and ranges with commas, such as <c>0-3,8</c>.</summary>
    /// <param name="text">The list.</param>
    /// <returns>The set.</returns>
    /// <exception cref="FormatException">It is no such list; the message says where.</exception>
    public static CpuSet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> cpus = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last) || last < first)
            {
                throw new FormatException($"'{part}' in '{text}' is no processor and no range of processors, such as 2 or 0-3.");
            }

            cpus.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return new CpuSet(cpus);
    }

    /// <summary>The list as Linux writes it, such as <c>0-3,8</c>.</summary>
    /// <returns>What <see cref="Parse"/> reads.</returns>
    public override string ToString()
    {
        List<string> parts = [];
        for (int i = 0; i < _cpus.Length;)
        {
            int end = i;
            while (end + 1 < _cpus.Length && _cpus[end + 1] == _cpus[end] + 1)
            {
                end++;
            }

            parts.Add(end == i
                ? _cpus[i].ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{_cpus[i]}-{_cpus[end]}"));
            i = end + 1;
        }

        return string.Join(',', parts);
    }

    /// <inheritdoc/>
    public bool Equals(CpuSet? other) => other is not null && _cpus.AsSpan().SequenceEqual(other._cpus);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int cpu in _cpus)
        {
            hash.Add(cpu);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_cpus).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => _cpus.GetEnumerator();

    /// <summary>The processors that the calling thread may run on.</summary>
    internal static CpuSet OfThisThread() => OfThread(0);

    /// <summary>Keeps the calling thread on these processors.</summary>
    internal IoError PinThisThread()
    {
        int result = LibcSched.SetAffinity(_cpus);
        return result < 0 ? Errno.ToSystemError(-result, $"Keeping a thread on the processors {this}") : IoError.None;
    }

    private static CpuSet OfThread(int thread)
    {
        const string untold = "This system does not tell which processors a process may use";
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException($"{untold}.");
        }

        List<int> cpus = [];
        int result = LibcSched.GetAffinity(thread, cpus);
        return result < 0 ? throw new PlatformNotSupportedException($"{untold}: {Errno.Describe(-result)}.") : new CpuSet(cpus);
    }

    private static bool TryParse(string text, out int cpu) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out cpu) && cpu < LibcSched.MaxCpus;
}
