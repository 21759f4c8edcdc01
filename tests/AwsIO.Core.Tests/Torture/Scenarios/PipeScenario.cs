using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>A pipe from one loop to another takes more than it holds, and its end is told.</summary>
internal sealed class PipeScenario : TortureScenario
{
    private const int Writes = 4;

    internal override string Name => "pipe";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup() is not { } group)
        {
            return;
        }

        Operation making = run.Begin("the pipe");
        IoResult<IoPipe> made = IoPipe.Create(group[0], group[1]);
        making.Answer(made.Error);
        if (made.TryGetValue(out IoPipe? pipe))
        {
            Reader reader = new(run, pipe.ReadEnd, Bytes.Some(200_000));
            await run.Wait(group[0].Call(reader.Start), "the reader");
            await run.Wait(group[1].Call(() => Write(run, pipe.WriteEnd, reader.Expected)), "the writer");
            await run.WaitForAll();
            pipe.Dispose();
        }

        await run.End(group);
    }

    private static void Write(TortureRun run, IoPipeWriteEnd end, byte[] data)
    {
        int part = data.Length / Writes;
        int left = Writes;
        for (int i = 0; i < Writes && end.IsOpen; i++)
        {
            Operation writing = run.Begin($"write {i + 1}");
            IoError error = end.Write(
                data.AsMemory(i * part, part),
                (_, result, _, _, _) =>
                {
                    writing.Answer(result);
                    if (--left == 0 || result.IsError)
                    {
                        _ = end.Close();
                    }
                },
                null);
            if (error.IsError)
            {
                writing.Answer(error);
                _ = end.Close();
            }
        }
    }

    private sealed class Reader(TortureRun run, IoPipeReadEnd end, byte[] expected)
    {
        private readonly Operation _reading = run.Begin("everything from the pipe");
        private readonly byte[] _received = new byte[expected.Length + 1];
        private int _count;

        internal byte[] Expected => expected;

        internal void Start()
        {
            IoError error = end.SubscribeReadable((_, _, _) => Read(), null);
            if (error.IsError)
            {
                End(error);
            }
        }

        private void Read()
        {
            while (end.IsOpen)
            {
                IoError error = end.Read(_received.AsSpan(_count), out int count);
                if (error.Code == IoErrorCode.ReadWouldBlock)
                {
                    return;
                }

                _count += count;
                if (error.IsError)
                {
                    End(error);
                }
                else if (count == 0)
                {
                    End(_received.AsSpan(0, _count).SequenceEqual(expected)
                        ? IoError.None
                        : new IoError(IoErrorCode.BrokenPipe, $"The end came after {_count} bytes of {expected.Length}."));
                }
            }
        }

        private void End(IoError error)
        {
            _reading.Answer(error);
            _ = end.Close();
        }
    }
}
