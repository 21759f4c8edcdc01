using System.Runtime.InteropServices;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

/// <summary>What pipes have to do with the process that they are in: its signals and its limits.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class PipeProcessTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("kqueue")]
    [InlineData("kqueue-freebsd")]
    public async Task Writing_to_a_pipe_that_nobody_reads_kills_no_process_that_has_left_SIGPIPE_at_its_default(string? loops)
    {
        await ChildTest.Passes(
            typeof(PipeProcessTests), nameof(Child_with_SIGPIPE_at_its_default), environment: Named(loops));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("kqueue")]
    [InlineData("kqueue-freebsd")]
    public async Task Without_descriptors_the_error_says_so_and_nothing_is_left(string? loops)
    {
        await ChildTest.Passes(
            typeof(PipeProcessTests), nameof(Child_out_of_descriptors), maxDescriptors: 300, environment: Named(loops));
    }

    [Fact(Explicit = true)]
    public async Task Child_with_SIGPIPE_at_its_default()
    {
        const int sigPipe = 13;
        signal(sigPipe, 0);
        string ignored = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        Assert.Equal(0L, Convert.ToInt64(ignored[7..].Trim(), 16) & (1L << (sigPipe - 1)));

        Writes writes = new();
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(2);
        using IoPipe atOnce = IoPipe.Create(group[0], group[1]).Value;
        Assert.Equal(IoError.None, await group[0].Call(atOnce.ReadEnd.Close));
        await group[1].Call(() => writes.Write(atOnce.WriteEnd, new byte[5]));
        Assert.Equal(IoErrorCode.BrokenPipe, (await writes.Next()).Error.Code);

        using IoPipe later = IoPipe.Create(group[0], group[1]).Value;
        await group[1].Call(() => writes.Write(later.WriteEnd, new byte[PipeTest.Giant]));
        Assert.Equal(IoError.None, await group[0].Call(later.ReadEnd.Close));
        Assert.Equal(IoErrorCode.BrokenPipe, (await writes.Next()).Error.Code);
    }

    [Fact(Explicit = true)]
    public async Task Child_out_of_descriptors()
    {
        await PoolThreads.StartAhead();
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        EventLoop loop = group[0];
        List<IoPipe> pipes = new(1000);

        // In one go, and not for long: the runtime needs descriptors too.
        IoError error = await loop.Call(() =>
        {
            IoResult<IoPipe> last;
            while ((last = IoPipe.Create(loop, loop)).IsSuccess)
            {
                pipes.Add(last.Value);
            }

            foreach (IoPipe pipe in pipes)
            {
                pipe.Dispose();
            }

            // What was refused has taken nothing either.
            for (int i = 0; i < pipes.Count - 2; i++)
            {
                pipes[i] = IoPipe.Create(loop, loop).Value;
            }

            pipes.ForEach(static pipe => pipe.Dispose());
            return last.Error;
        });
        Assert.Equal(IoErrorCode.MaxFileDescriptorsExceeded, error.Code);
        Assert.NotEmpty(pipes);
        Assert.All(pipes, static pipe => Assert.False(pipe.ReadEnd.IsOpen || pipe.WriteEnd.IsOpen));
    }

    /// <summary>The kind of loops in the other process; null for the kind here.</summary>
    private static (string Name, string? Value)[]? Named(string? loops) => loops is null ? null : [("AWSIO_TEST_LOOPS", loops)];

    [DllImport("libc")]
    private static extern nint signal(int number, nint handler);
}
