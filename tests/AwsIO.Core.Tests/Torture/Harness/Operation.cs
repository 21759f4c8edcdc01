namespace AwsIO.Tests.Torture;

/// <summary>Something that a scenario has asked for, and that must be answered exactly once.</summary>
internal sealed class Operation(string name)
{
    private readonly TaskCompletionSource<IoError> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answers;

    internal string Name => name;

    internal int Answers => Volatile.Read(ref _answers);

    /// <summary>Completes with the first answer; never fails.</summary>
    internal Task<IoError> Answered => _answered.Task;

    /// <summary>The first answer, once there is one.</summary>
    internal IoError Error => _answered.Task.IsCompleted ? _answered.Task.Result : IoError.None;

    internal void Answer(IoError error)
    {
        Interlocked.Increment(ref _answers);
        _answered.TrySetResult(error);
    }
}
