using System.Runtime.CompilerServices;

namespace AwsIO;

/// <summary>A timer where it waits: sixteen bytes without a reference, so that moving it tells the collector nothing.</summary>
/// <param name="deadline">When it is due.</param>
/// <param name="sequence">Tells it from others for the same nanosecond; it may wrap, as it is only compared with theirs.</param>
/// <param name="slot">Where <see cref="TimerTable"/> has the task.</param>
internal readonly struct TimerEntry(long deadline, uint sequence, int slot)
{
    internal readonly long Deadline = deadline;
    internal readonly uint Sequence = sequence;
    internal readonly int Slot = slot;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsBefore(in TimerEntry other) =>
        Deadline < other.Deadline || (Deadline == other.Deadline && (int)(Sequence - other.Sequence) < 0);
}
