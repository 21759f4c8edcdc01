using System.Globalization;

namespace AwsIO.Tests.ModelChecking;

/// <summary>Threads over a common memory, all interleavings of which can be explored.</summary>
internal abstract class Model
{
    private const int MaxStates = 6_000_000;

    private readonly List<string> _names = [];
    private readonly List<byte> _initial = [];
    private readonly List<ModelThread> _threads = [];

    internal int Variable(string name, int initial = 0)
    {
        _names.Add(name);
        _initial.Add(checked((byte)initial));
        return _names.Count - 1;
    }

    internal int Array(string name, int length)
    {
        int first = _names.Count;
        for (int i = 0; i < length; i++)
        {
            _ = Variable(string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"));
        }

        return first;
    }

    protected ModelThread NewThread(string name)
    {
        ModelThread thread = new(this, name);
        _threads.Add(thread);
        return thread;
    }

    /// <summary>Judges a state in which no thread can go on.</summary>
    /// <returns>What is wrong with it; null for nothing.</returns>
    protected abstract string? JudgeRest(byte[] state);

    /// <summary>
    /// Goes through every interleaving. Fails where a step does, where the threads come to rest in a wrong state, and where there is a
    /// state from which they cannot come to a right one.
    /// </summary>
    internal Exploration Explore()
    {
        List<byte[]> states = [];
        List<(int Parent, string What)> origins = [];
        Dictionary<byte[], int> known = new(StateComparer.Instance);
        List<(int From, int To)> moves = [];
        List<int> ends = [];
        Machine machine = new();

        byte[] start = [.. _initial];
        foreach (ModelThread thread in _threads)
        {
            RunSilent(machine, thread, start);
        }

        states.Add(start);
        origins.Add((-1, "start"));
        known.Add(start, 0);
        for (int current = 0; current < states.Count; current++)
        {
            bool moved = false;
            foreach ((byte[] state, string what, string? failure) in Successors(machine, states[current]))
            {
                moved = true;
                if (failure is not null)
                {
                    return new Exploration(states.Count, failure, Trace(origins, current, what));
                }

                if (!known.TryGetValue(state, out int index))
                {
                    index = states.Count;
                    Assert.True(index < MaxStates, "The model has too many states to go through.");
                    known.Add(state, index);
                    states.Add(state);
                    origins.Add((current, what));
                }

                moves.Add((current, index));
            }

            if (!moved)
            {
                if (JudgeRest(states[current]) is { } wrong)
                {
                    return new Exploration(states.Count, wrong, Trace(origins, current, "nothing can go on"));
                }

                ends.Add(current);
            }
        }

        int stuck = FirstWithoutEnd(states.Count, moves, ends);
        return stuck < 0
            ? new Exploration(states.Count, null, [])
            : new Exploration(states.Count, "goes on for ever", Trace(origins, stuck, "from here there is no way to an end"));
    }

    private IEnumerable<(byte[] State, string What, string? Failure)> Successors(Machine machine, byte[] state)
    {
        foreach (ModelThread thread in _threads)
        {
            bool hasStores = Machine.HasStores(state, thread.Buffer);
            if (hasStores)
            {
                byte[] flushed = [.. state];
                int variable = Machine.Flush(flushed, thread.Buffer);
                yield return (flushed, $"{thread.Name}: the store to {_names[variable]} reaches memory", null);
            }

            if (thread.StepIn(state) is not { } step || (step.IsLocked && hasStores))
            {
                continue;
            }

            for (int choice = 0; choice < step.Choices; choice++)
            {
                byte[] after = [.. state];
                machine.Enter(after, thread.Buffer);
                int next = step.Body(machine, choice);
                if (machine.IsBlocked)
                {
                    continue;
                }

                thread.Go(after, next);
                string? failure = machine.Failure ?? RunSilent(machine, thread, after);
                yield return (after, $"{thread.Name}: {step.What}", failure);
            }
        }
    }

    private static string? RunSilent(Machine machine, ModelThread thread, byte[] state)
    {
        while (thread.StepIn(state) is { IsSilent: true } step)
        {
            machine.Enter(state, thread.Buffer);
            int next = step.Body(machine, 0);
            if (machine.Failure is not null)
            {
                return machine.Failure;
            }

            thread.Go(state, next);
        }

        return null;
    }

    /// <summary>The first state from which no end can be reached; -1 when there is none.</summary>
    private static int FirstWithoutEnd(int count, List<(int From, int To)> moves, List<int> ends)
    {
        int[] first = new int[count + 1];
        foreach ((_, int to) in moves)
        {
            first[to + 1]++;
        }

        for (int i = 0; i < count; i++)
        {
            first[i + 1] += first[i];
        }

        int[] filled = new int[count];
        int[] before = new int[moves.Count];
        foreach ((int from, int to) in moves)
        {
            before[first[to] + filled[to]++] = from;
        }

        bool[] canEnd = new bool[count];
        Stack<int> open = new(ends);
        ends.ForEach(end => canEnd[end] = true);
        while (open.TryPop(out int state))
        {
            for (int i = first[state]; i < first[state + 1]; i++)
            {
                if (!canEnd[before[i]])
                {
                    canEnd[before[i]] = true;
                    open.Push(before[i]);
                }
            }
        }

        return System.Array.IndexOf(canEnd, false);
    }

    private static List<string> Trace(List<(int Parent, string What)> origins, int state, string last)
    {
        List<string> trace = [last];
        for (int i = state; i > 0; i = origins[i].Parent)
        {
            trace.Add(origins[i].What);
        }

        trace.Reverse();
        return trace;
    }

    private sealed class StateComparer : IEqualityComparer<byte[]>
    {
        internal static readonly StateComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] state)
        {
            HashCode hash = default;
            hash.AddBytes(state);
            return hash.ToHashCode();
        }
    }
}

/// <summary>What an exploration found.</summary>
/// <param name="States">How many states it saw.</param>
/// <param name="Violation">What is wrong; null for nothing.</param>
/// <param name="Trace">The steps that lead there: as few as possible.</param>
internal sealed record Exploration(int States, string? Violation, IReadOnlyList<string> Trace)
{
    public override string ToString() => Violation is null
        ? string.Create(CultureInfo.InvariantCulture, $"{States} states, nothing wrong")
        : $"{Violation}:\n  " + string.Join("\n  ", Trace);
}
