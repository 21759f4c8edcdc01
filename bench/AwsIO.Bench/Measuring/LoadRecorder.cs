using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AwsIO.Bench.Measuring;

/// <summary>
/// The counts of one thread, which alone writes them: plain stores, no interlocked operation. Others read snapshots.
/// </summary>
internal sealed class LoadRecorder
{
    private PaddedCounts _counts;

    public LatencyHistogram Latency { get; } = new();

    public long Operations => Volatile.Read(ref _counts.Operations);

    public long Bytes => Volatile.Read(ref _counts.Bytes);

    /// <summary>Echo: one message has come back.</summary>
    /// <param name="bytes">The size of the message, counted once.</param>
    /// <param name="started">The <see cref="Stopwatch"/> timestamp of its sending.</param>
    /// <param name="now">The timestamp now, which is the next message's start: one clock read serves both.</param>
    public void RoundTrip(int bytes, long started, long now)
    {
        Volatile.Write(ref _counts.Operations, _counts.Operations + 1);
        Volatile.Write(ref _counts.Bytes, _counts.Bytes + bytes);
        Latency.Record(now - started);
    }

    /// <summary>Bulk, server: bytes were read.</summary>
    public void Received(int bytes) => Volatile.Write(ref _counts.Bytes, _counts.Bytes + bytes);

    /// <summary>Bulk, client: the write of a message has completed.</summary>
    public void Written(long started, long now) => Latency.Record(now - started);

    // Two recorders that share a cache line would make two loops slow each other down; 128 bytes keep the adjacent
    // line prefetcher out too.
    [StructLayout(LayoutKind.Explicit, Size = 272)]
    private struct PaddedCounts
    {
        [FieldOffset(128)]
        public long Operations;

        [FieldOffset(136)]
        public long Bytes;
    }
}
