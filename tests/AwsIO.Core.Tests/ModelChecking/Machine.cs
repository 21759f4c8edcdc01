namespace AwsIO.Tests.ModelChecking;

/// <summary>What one step of a model sees: the memory, through the store buffer of the thread that makes the step.</summary>
/// <remarks>
/// A store waits in its thread's buffer until it reaches memory at a moment of its own, in the order of the stores; the thread itself
/// sees it at once. That is all that volatile accesses may do in .NET's memory model, and all that x86 does; an interlocked operation,
/// a lock and a system call wait until the buffer is empty.
/// </remarks>
internal sealed class Machine
{
    /// <summary>How many stores of a thread may be on their way to memory.</summary>
    internal const int BufferLength = 2;

    private byte[] _state = [];
    private int _buffer;

    internal bool IsBlocked { get; private set; }

    internal string? Failure { get; private set; }

    /// <summary>Memory itself: for what only this thread touches, and for steps that are interlocked.</summary>
    internal int this[int variable]
    {
        get => _state[variable];
        set => _state[variable] = checked((byte)value);
    }

    /// <summary>A load.</summary>
    internal int Read(int variable)
    {
        for (int i = BufferLength - 1; i >= 0; i--)
        {
            if (_state[_buffer + (2 * i)] == variable + 1)
            {
                return _state[_buffer + (2 * i) + 1];
            }
        }

        return _state[variable];
    }

    /// <summary>A store, volatile or plain.</summary>
    internal void Write(int variable, int value)
    {
        for (int i = 0; i < BufferLength; i++)
        {
            if (_state[_buffer + (2 * i)] == 0)
            {
                _state[_buffer + (2 * i)] = checked((byte)(variable + 1));
                _state[_buffer + (2 * i) + 1] = checked((byte)value);
                return;
            }
        }

        // The oldest has to reach memory first.
        IsBlocked = true;
    }

    /// <summary>The step cannot be made now.</summary>
    internal int Wait()
    {
        IsBlocked = true;
        return ModelThread.Next;
    }

    /// <summary>What must never be has come about.</summary>
    internal int Fail(string what)
    {
        Failure ??= what;
        return ModelThread.Next;
    }

    internal void Fail(bool unless, string what)
    {
        if (!unless)
        {
            _ = Fail(what);
        }
    }

    internal void Enter(byte[] state, int buffer)
    {
        _state = state;
        _buffer = buffer;
        IsBlocked = false;
        Failure = null;
    }

    internal static bool HasStores(byte[] state, int buffer) => state[buffer] != 0;

    /// <summary>The oldest store of a buffer reaches memory.</summary>
    /// <returns>The variable.</returns>
    internal static int Flush(byte[] state, int buffer)
    {
        int variable = state[buffer] - 1;
        state[variable] = state[buffer + 1];
        for (int i = 0; i < (2 * BufferLength) - 2; i++)
        {
            state[buffer + i] = state[buffer + i + 2];
        }

        state[buffer + (2 * BufferLength) - 2] = 0;
        state[buffer + (2 * BufferLength) - 1] = 0;
        return variable;
    }
}
