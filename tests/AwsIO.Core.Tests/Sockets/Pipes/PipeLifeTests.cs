using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

/// <summary>How the ends of pipes are closed by anybody, and by the end of their loops.</summary>
public class PipeLifeTests : PipeTest
{
    private readonly Writes _writes = new();

    [Fact]
    public async Task Dispose_closes_an_end_soon_from_any_thread_and_may_be_repeated()
    {
        IoPipe pipe = NewPipe();
        Func<int> openEnds = OpenEnds(pipe.ReadEnd);
        pipe.ReadEnd.Dispose();
        pipe.ReadEnd.Dispose();
        pipe.WriteEnd.Dispose();
        pipe.Dispose();
        await Turns();
        Assert.False(pipe.ReadEnd.IsOpen || pipe.WriteEnd.IsOpen);
        pipe.Dispose();
        await Turns();
        Assert.Equal(0, openEnds());
    }

    [Fact]
    public async Task Dispose_on_the_loop_closes_at_once_and_completes_what_waits()
    {
        IoPipe pipe = NewPipe();
        Func<int> openEnds = OpenEnds(pipe.ReadEnd);
        await WriteLoop.Call(() =>
        {
            _writes.Write(pipe.WriteEnd, new byte[Giant]);
            pipe.WriteEnd.Dispose();
            Assert.True(_writes.TryNext(out WriteEnding? ending));
            Assert.Equal(IoErrorCode.BrokenPipe, ending!.Error.Code);
            pipe.WriteEnd.Dispose();
        });
        await ReadLoop.Call(() =>
        {
            pipe.ReadEnd.Dispose();
            Assert.False(pipe.ReadEnd.IsOpen);
        });
        Assert.Equal(0, openEnds());
    }

    [Fact]
    [NeedsThreads("A child process is waited for.")]
    public async Task Neither_end_is_inherited_by_a_child_process()
    {
        const int closeOnExec = 0x80000;
        const int nonBlocking = 0x800;
        using IoPipe pipe = NewPipe();
        foreach (IoPipeEnd end in new IoPipeEnd[] { pipe.ReadEnd, pipe.WriteEnd })
        {
            string line = (await File.ReadAllLinesAsync($"/proc/self/fdinfo/{end.Handle.Descriptor}"))
                .First(static line => line.StartsWith("flags:", StringComparison.Ordinal));
            int flags = Convert.ToInt32(line[6..].Trim(), 8);
            Assert.Equal(closeOnExec | nonBlocking, flags & (closeOnExec | nonBlocking));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_the_loops_closes_both_ends_whether_subscribed_or_not(bool subscribed)
    {
        EventLoopGroup group = Backend.NewGroup(2);
        IoPipe pipe = IoPipe.Create(group[0], group[1]).Value;
        Func<int> openEnds = OpenEnds(pipe.ReadEnd);
        ReadableEvents events = new();
        if (subscribed)
        {
            Assert.Equal(IoError.None, await group[0].Call(() => events.SubscribeTo(pipe.ReadEnd)));
        }

        await group[1].Call(() =>
        {
            _writes.Write(pipe.WriteEnd, new byte[Giant], "stuck");
            _writes.Write(pipe.WriteEnd, new byte[1], "behind");
        });
        EventLoop writeLoop = group[1];
        await group.DisposeAsync().Within();

        Assert.False(pipe.ReadEnd.IsOpen || pipe.WriteEnd.IsOpen);
        Assert.Equal(0, openEnds());
        foreach (string name in new[] { "stuck", "behind" })
        {
            WriteEnding ending = await _writes.Next();
            Assert.Equal((IoErrorCode.BrokenPipe, (object)name), (ending.Error.Code, ending.Name));
            Assert.Same(writeLoop, ending.CalledOn);
        }

        pipe.Dispose();
        Assert.Equal(IoErrorCode.BrokenPipe, pipe.ReadEnd.Close().Code);
        Assert.Equal(IoErrorCode.BrokenPipe, pipe.WriteEnd.Close().Code);
    }

    // Each read is to give all that is there: under a fault plan it gives less, or nothing yet.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task An_end_that_was_closed_is_left_alone_by_the_end_of_its_loop()
    {
        EventLoopGroup group = Backend.NewGroup();
        IoPipe pipe = IoPipe.Create(group[0], group[0]).Value;
        await group[0].Call(() =>
        {
            pipe.Dispose();
            Assert.False(pipe.ReadEnd.IsOpen || pipe.WriteEnd.IsOpen);
        });

        // Its descriptors are somebody else's by now.
        using TestPipe other = new();
        await group.DisposeAsync().Within();
        other.Write();
        Assert.Equal(1, other.Drain());
    }

    [Fact]
    public async Task A_pipe_whose_write_loop_has_ended_cannot_be_made()
    {
        EventLoopGroup ended = Backend.NewGroup();
        await ended.DisposeAsync().Within();
        HashSet<string> before = Descriptors.Open();
        IoResult<IoPipe> pipe = IoPipe.Create(ReadLoop, ended[0]);
        Assert.Equal(IoErrorCode.EventLoopShutdown, pipe.Error.Code);
        Assert.Empty(Descriptors.Left(before));
    }

    [Fact]
    public async Task A_read_end_whose_loop_has_ended_closes_itself_and_the_writer_notices()
    {
        EventLoopGroup ended = Backend.NewGroup();
        await ended.DisposeAsync().Within();
        using IoPipe pipe = IoPipe.Create(ended[0], WriteLoop).Value;
        await WriteLoop.Call(() => _writes.Write(pipe.WriteEnd, new byte[Giant]));
        Assert.Equal(IoErrorCode.BrokenPipe, (await _writes.Next()).Error.Code);
        Assert.False(pipe.ReadEnd.IsOpen);
    }

    [Fact]
    [NeedsThreads("The pipes are made by another thread, while the loops end.")]
    public async Task Pipes_made_and_disposed_of_while_their_loops_end_leave_nothing()
    {
        HashSet<string> before = Descriptors.Open();
        for (int round = 0; round < 50; round++)
        {
            EventLoopGroup group = Backend.NewGroup();
            Task makes = Task.Run(() =>
            {
                for (int i = 0; i < 20; i++)
                {
                    IoResult<IoPipe> pipe = IoPipe.Create(group[0], WriteLoop);
                    Assert.Equal(IoError.None, pipe.Error);
                    if (i % 2 == 0)
                    {
                        pipe.Value.ReadEnd.Dispose();
                    }

                    pipe.Value.WriteEnd.Dispose();
                    IoResult<IoPipe> other = IoPipe.Create(ReadLoop, group[0]);
                    other.TryGetValue(out IoPipe? made);
                    made?.Dispose();
                    Assert.True(other.IsSuccess || other.Error.Code == IoErrorCode.EventLoopShutdown);
                }
            });
            await group.DisposeAsync().Within();
            await makes.Within();
        }

        await Turns();
        Waiting.Until(() => !Descriptors.Open().Except(before).Any());
    }

    [Fact]
    public void A_pipe_needs_both_loops()
    {
        Assert.Throws<ArgumentNullException>(() => IoPipe.Create(null!, Loop));
        Assert.Throws<ArgumentNullException>(() => IoPipe.Create(Loop, null!));
    }
}
