using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Shared.Counting;

/// <summary>
/// The classes that run at a time, and what the process holds before the first and after the last of them: while others run, nobody can
/// tell whose a thing is. A class that nothing runs beside is counted alone.
/// </summary>
internal sealed class RunningClasses
{
    private readonly object _gate = new();
    private readonly List<(string Name, HashSet<string> Left)> _over = [];
    private Holdings? _beforeFirst;
    private int _count;

    /// <summary>Those of this process.</summary>
    internal static RunningClasses Instance { get; } = new();

    /// <summary>
    /// How long what goes by itself may take. A test that waits for another process is to hear what is left there before it gives up.
    /// </summary>
    internal TimeSpan Limit { get; set; } = Waiting.Limit / 2;

    /// <summary>A class begins.</summary>
    /// <returns>What is there before it.</returns>
    internal Holdings Enter()
    {
        lock (_gate)
        {
            Holdings before = new();
            if (_count++ == 0)
            {
                _over.Clear();
                _beforeFirst = before;
                before.NoteMessages();
            }

            return before;
        }
    }

    /// <summary>A class is over. Fails if it is the last that runs, and there is more than before the first, and it stays.</summary>
    /// <param name="name">The class.</param>
    /// <param name="before">What was there before it.</param>
    internal void Leave(string name, Holdings before)
    {
        lock (_gate)
        {
            if (--_count > 0)
            {
                _over.Add((name, [.. before.Left()]));
                return;
            }

            List<string> left = _beforeFirst!.LeftWithin(Limit);
            if (left.Count > 0)
            {
                _over.Add((name, [.. before.Left()]));
                List<string> suspects = [.. _over.Where(over => over.Left.Overlaps(left)).Select(static over => over.Name)];
                IEnumerable<string> named = suspects.Count > 0 ? suspects : _over.Select(static over => over.Name);
                Assert.Fail($"{string.Join(" or ", named)} left behind: {string.Join("; ", left)}");
            }
        }
    }
}
