using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Torture;

namespace AwsIO.Tasks.Tests.Torture;

/// <summary>
/// A runtime is made, a listener, some connections to it; they talk by reads and writes, half-close, copy by streams, and are disposed
/// of. Each await is an operation: a task cannot be answered twice without an error in the log.
/// </summary>
internal abstract class FacadeScenario : TortureScenario
{
    internal override async Task Run(TortureRun run)
    {
        IoRuntime io;
        Operation making = run.Begin("the runtime");
        try
        {
            io = new IoRuntime(new IoRuntimeOptions { LoopCount = 2, MaxLoops = 16, LoggerFactory = run.Log });
        }
        catch (InvalidOperationException exception)
        {
            making.Answer(new IoError(IoErrorCode.SystemCallFailure, exception.Message));
            return;
        }

        making.Answer(IoError.None);
        await run.Watch(io.Group);
        await Run(run, io);
        await run.Wait(MessagesReturned(io.Group), "the messages");
        await run.Wait(io.DisposeAsync().AsTask(), "the runtime's end");
    }

    protected abstract Task Run(TortureRun run, IoRuntime io);

    /// <summary>Does something that a fault may make fail.</summary>
    /// <returns>Whether it went well.</returns>
    internal static async Task<bool> Try(TortureRun run, string name, Func<Task> action)
    {
        Operation operation = run.Begin(name);
        try
        {
            await run.Wait(action(), name);
            operation.Answer(IoError.None);
            return true;
        }
        catch (IoException exception)
        {
            operation.Answer(exception.Error);
            return false;
        }
    }

    /// <summary>Reads to the end, and compares.</summary>
    protected static async Task ReadAll(TortureRun run, IoConnection connection, byte[] expected)
    {
        byte[] received = new byte[expected.Length + 1];
        int count = 0;
        for (int read; (read = await connection.ReadAsync(received.AsMemory(count))) > 0;)
        {
            count += read;
        }

        if (!received.AsSpan(0, count).SequenceEqual(expected))
        {
            run.Wrong($"{count} bytes came of {expected.Length}, or others.");
        }
    }

    /// <summary>Gives a connection back, and waits for its end.</summary>
    protected static Task Close(TortureRun run, IoConnection connection) => Try(run, "an end", async () =>
    {
        await connection.DisposeAsync();
        await connection.Completion;
    });

    /// <summary>Does what ends with an error whatever happens, or well.</summary>
    protected static async Task Abandoned(TortureRun run, string name, Func<Task> action)
    {
        Operation operation = run.Begin(name);
        try
        {
            await action();
        }
        catch (Exception exception) when (exception is IoException or ObjectDisposedException or OperationCanceledException)
        {
            // Its connection or socket is gone: that is what was asked for.
        }

        operation.Answer(IoError.None);
    }

    private static async Task MessagesReturned(EventLoopGroup group)
    {
        for (int i = 0; i < group.Count; i++)
        {
            EventLoop loop = group[i];
            while (await loop.Call(() => TakeBack(LoopMessagePool.Of(loop))) != 0)
            {
                await Task.Yield();
            }
        }
    }

    private static int TakeBack(LoopMessagePool pool)
    {
        pool.TakeBackReleased();
        return pool.Outstanding;
    }
}
