namespace AwsIO.Tests.ModelChecking;

/// <summary>A thread of a model: steps, each of which makes at most one access to what threads share.</summary>
internal sealed class ModelThread(Model model, string name)
{
    /// <summary>What a step returns to go on with the one behind it.</summary>
    internal const int Next = -1;

    private readonly List<ModelStep> _steps = [];
    private readonly int _place = model.Array($"{name} place", 2);

    internal string Name { get; } = name;


    /// <summary>Where the thread's stores wait.</summary>
    internal int Buffer { get; } = model.Array($"{name} stores", 2 * Machine.BufferLength);

    internal int PlaceIn(byte[] state) => state[_place] | (state[_place + 1] << 8);

    /// <summary>The step that comes next; null at the thread's end.</summary>
    internal ModelStep? StepIn(byte[] state) => PlaceIn(state) is var place && place < _steps.Count ? _steps[place] : null;

    /// <summary>Goes on from a step to where it has sent the thread.</summary>
    internal void Go(byte[] state, int next)
    {
        int place = next == Next ? PlaceIn(state) + 1 : next;
        state[_place] = (byte)place;
        state[_place + 1] = checked((byte)(place >> 8));
    }

    /// <summary>A variable that only this thread touches.</summary>
    internal int Local(string variable) => model.Variable($"{Name} {variable}");

    /// <summary>A load, or a store: it may go into the thread's buffer.</summary>
    internal void Access(string what, Func<Machine, int> body) => Add(what, (machine, _) => body(machine), isLocked: false);

    /// <summary>An interlocked operation, a system call, or the like.</summary>
    internal void Locked(string what, Func<Machine, int> body) => Add(what, (machine, _) => body(machine), isLocked: true);

    /// <summary>A decision that the model leaves open.</summary>
    internal void Choose(string what, Func<Machine, int, int> body) =>
        _steps.Add(new ModelStep(what, body, IsLocked: false, IsSilent: false, Choices: 2));

    /// <summary>What only the thread itself can notice: it happens with the step before it.</summary>
    internal void Silent(Func<Machine, int> body) =>
        _steps.Add(new ModelStep("", (machine, _) => body(machine), IsLocked: false, IsSilent: true, Choices: 1));

    internal void Jump(ModelLabel label) => Silent(_ => label.Position);

    internal void Mark(ModelLabel label) => label.Position = _steps.Count;

    private void Add(string what, Func<Machine, int, int> body, bool isLocked) =>
        _steps.Add(new ModelStep(what, body, isLocked, IsSilent: false, Choices: 1));
}

internal sealed record ModelStep(string What, Func<Machine, int, int> Body, bool IsLocked, bool IsSilent, int Choices);

/// <summary>A place in a thread's steps.</summary>
internal sealed class ModelLabel
{
    internal int Position { get; set; } = int.MinValue;
}
