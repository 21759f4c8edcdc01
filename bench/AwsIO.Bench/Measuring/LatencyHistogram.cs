using System.Numerics;

namespace AwsIO.Bench.Measuring;

/// <summary>
/// Counts of durations in log-linear buckets: 64 for each power of two, so a value is known to 1.6%. Recording neither
/// allocates nor locks. One thread writes; any may read meanwhile, and sees each bucket whole.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 6;
    private const int SubBuckets = 1 << SubBucketBits;

    // Up to 2^41 ns, more than half an hour; what is longer counts as that.
    private const int HighestBit = 40;

    private readonly long[] _counts = new long[(HighestBit - SubBucketBits + 2) * SubBuckets];

    public void Record(long value)
    {
        ref long count = ref _counts[IndexOf(value)];
        Volatile.Write(ref count, count + 1);
    }

    public void Clear() => Array.Clear(_counts);

    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += Volatile.Read(ref other._counts[i]);
        }
    }

    /// <summary>Leaves what came after <paramref name="earlier"/>, a copy of the same counts.</summary>
    public void Subtract(LatencyHistogram earlier)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] -= earlier._counts[i];
        }
    }

    /// <summary>The value that the given fraction of all records does not exceed; zero without records.</summary>
    public double Quantile(double fraction)
    {
        long total = 0;
        foreach (long count in _counts)
        {
            total += count;
        }

        long rank = Math.Max(1, (long)Math.Ceiling(fraction * total));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank && total > 0)
            {
                return MiddleOf(i);
            }
        }

        return 0;
    }

    private static int IndexOf(long value)
    {
        if (value < SubBuckets)
        {
            return (int)Math.Max(value, 0);
        }

        int highest = Math.Min(BitOperations.Log2((ulong)value), HighestBit);
        int shift = highest - SubBucketBits;
        long within = Math.Min(value >> shift, (2 * SubBuckets) - 1) - SubBuckets;
        return ((shift + 1) * SubBuckets) + (int)within;
    }

    private static double MiddleOf(int index)
    {
        if (index < SubBuckets)
        {
            return index;
        }

        int shift = (index / SubBuckets) - 1;
        long lowest = (long)(SubBuckets + (index % SubBuckets)) << shift;
        return lowest + ((1L << shift) / 2.0);
    }
}
