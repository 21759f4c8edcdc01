using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Torture;

/// <summary>What happens in one run of a scenario. Any thread.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The recorder of logs holds nothing.")]
internal sealed class TortureRun
{
    private readonly ConcurrentQueue<Operation> _operations = [];
    private readonly ConcurrentQueue<IoError> _notes = [];
    private readonly ConcurrentQueue<string> _wrongs = [];
    private readonly ConcurrentQueue<LoopMessagePool> _pools = [];
    private readonly RecordingLoggerFactory _log = new(LogLevel.Error);

    /// <summary>Whether everything ended well.</summary>
    internal bool Succeeded => _wrongs.IsEmpty && _operations.All(static operation => operation.Error.IsNone);

    /// <summary>Whether an error was told.</summary>
    internal bool HasNotes => !_notes.IsEmpty;

    /// <summary>What the scenario waits for at the moment.</summary>
    internal string WaitsFor { get; private set; } = "nothing";

    internal ILoggerFactory Log => _log;

    /// <summary>The kind of loops that groups are made of.</summary>
    internal LoopBackend Backend { get; init; } = LoopBackend.Platform;

    /// <summary>Errors that something was answered with, or told of.</summary>
    internal IEnumerable<IoError> Errors =>
        _operations.Select(static operation => operation.Error).Concat(_notes).Where(static error => error.IsError);

    /// <summary>Begins something that is to be answered once.</summary>
    internal Operation Begin(string name)
    {
        Operation operation = new(name);
        _operations.Enqueue(operation);
        return operation;
    }

    /// <summary>An error that was told, though nobody waits for an answer.</summary>
    internal void Note(IoError error) => _notes.Enqueue(error);

    /// <summary>Something did not come as it should, such as bytes, for which the plan is no excuse only where all must succeed.</summary>
    internal void Wrong(string what) => _wrongs.Enqueue(what);

    internal async Task<T> Wait<T>(Task<T> task, string what)
    {
        string before = WaitsFor;
        WaitsFor = what;
        T result = await task;
        WaitsFor = before;
        return result;
    }

    internal async Task Wait(Task task, string what)
    {
        string before = WaitsFor;
        WaitsFor = what;
        await task;
        WaitsFor = before;
    }

    internal Task<IoError> Wait(Operation operation) => Wait(operation.Answered, operation.Name);

    /// <summary>Waits until all that was begun so far, and meanwhile, is answered.</summary>
    internal async Task WaitForAll()
    {
        while (_operations.FirstOrDefault(static operation => !operation.Answered.IsCompleted) is { } open)
        {
            await Wait(open);
        }
    }

    /// <summary>Makes a group; null where that fails.</summary>
    internal Task<EventLoopGroup?> NewGroup(int loops = 2) => NewGroup(() => Backend.NewGroup(loops, _log));

    /// <summary>Makes a group in a way of its own; null where that fails.</summary>
    internal async Task<EventLoopGroup?> NewGroup(Func<EventLoopGroup> make)
    {
        Operation making = Begin("a group");
        EventLoopGroup group;
        try
        {
            group = make();
        }
        catch (Exception exception) when (exception is InvalidOperationException or PlatformNotSupportedException)
        {
            making.Answer(new IoError(IoErrorCode.SystemCallFailure, exception.Message));
            return null;
        }

        making.Answer(IoError.None);
        await Watch(group);
        return group;
    }

    /// <summary>Counts the messages of a group's loops.</summary>
    internal async Task Watch(EventLoopGroup group)
    {
        for (int i = 0; i < group.Count; i++)
        {
            EventLoop loop = group[i];
            await Wait(loop.Call(() => _pools.Enqueue(LoopMessagePool.Of(loop))), $"a task of {loop.Name}");
        }
    }

    /// <summary>Ends a group.</summary>
    internal Task End(EventLoopGroup group) => Wait(group.DisposeAsync().AsTask(), "the group's end");

    /// <summary>What is not as it must be after any run, whatever failed in it.</summary>
    internal IEnumerable<string> Problems()
    {
        foreach (Operation operation in _operations)
        {
            if (operation.Answers != 1)
            {
                yield return $"'{operation.Name}' was answered {operation.Answers} times.";
            }
        }

        foreach (LogLine line in _log.Lines)
        {
            yield return $"Logged: {line.Text} {line.Exception}";
        }

        int outstanding = _pools.Sum(static pool => pool.Outstanding);
        if (outstanding != 0)
        {
            yield return $"{outstanding} messages were not released.";
        }
    }

    /// <summary>What went otherwise than without faults.</summary>
    internal IEnumerable<string> Failures() =>
        _operations.Where(static operation => operation.Error.IsError)
            .Select(static operation => $"'{operation.Name}': {operation.Error}")
            .Concat(_notes.Select(static error => $"Told: {error}"))
            .Concat(_wrongs);
}
