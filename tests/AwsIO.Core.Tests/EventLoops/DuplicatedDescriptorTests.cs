using System.Diagnostics;
using System.Runtime.InteropServices;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>
/// The kernel watches what a descriptor stands for, not its number: a copy, or a child process that has inherited it, keeps it watched after
/// the number was closed. Others then turned round and round, told of something that they could not unsubscribe any more.
/// </summary>
public partial class DuplicatedDescriptorTests : LoopTest
{
    protected override int LoopCount => 2;

    [Fact]
    public async Task A_copy_that_outlives_an_unsubscribed_descriptor_keeps_nothing_going()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        int copy = Dup(pipe.Reader.Descriptor);
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Reader)));
        pipe.CloseReader();

        await IsIdleThough(() => pipe.Write());

        Assert.Equal(0, handler.Count);
        Assert.Equal(0, Libc.Close(copy));
    }

    [Fact]
    public async Task A_copy_that_outlives_a_descriptor_which_was_closed_while_subscribed_is_told_to_nobody_and_keeps_no_loop_busy()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        int number = pipe.Reader.Descriptor;
        int copy = Dup(number);
        pipe.CloseReader();

        // A mistake of the caller's: the kernel cannot take it back any more.
        IoError error = await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
        Assert.True(error.NativeError is Errno.EBADF or Errno.ENOENT, $"{error}");

        await IsIdleThough(() => pipe.Write());

        Assert.Equal(0, handler.Count);

        // Its number is free for another, whose events come.
        using TestPipe next = new();
        RecordingHandler ofNext = new();
        Assert.Equal(IoError.None, Loop.Subscribe(next.Reader, IoEvents.Readable, ofNext));
        pipe.Write();
        next.Write();
        Assert.Equal(IoEvents.Readable, await ofNext.Next());
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(next.Reader)));
        Assert.Equal(0, handler.Count);
        Assert.Equal(1, ofNext.Count);
        Assert.Equal(0, Libc.Close(copy));
    }

    [Fact]
    public async Task A_child_that_is_started_while_descriptors_are_subscribed_keeps_none_of_them_open()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Writer, IoEvents.Writable, handler));
        Assert.Equal(IoEvents.Writable, await handler.Next());
        using Process child = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read line"]) { RedirectStandardInput = true })!;

        // With the last reader gone the kernel tells so at once: a child that had inherited the reader would hold that back.
        pipe.CloseReader();
        while ((await handler.Next() & (IoEvents.Error | IoEvents.Closed)) == 0)
        {
            // A loop that is told of each direction by itself may report room first.
        }

        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Writer)));
        await IsIdleThough(static () => { });
        child.StandardInput.Close();
        await child.WaitForExitAsync().Within();
    }

    /// <summary>Has something happen, and sees that the loop, left alone, makes no turns.</summary>
    private async Task IsIdleThough(Action happens)
    {
        await Loop.Turn();
        happens();
        await Loop.Turn();
        long before = Loop.Ticks;

        // While another loop's timer runs, this one would make thousands of turns if it were busy.
        RecordingTask timer = new();
        Group[1].ScheduleAfter(timer, TimeSpan.FromMilliseconds(50));
        await timer.Called.Within();
        Assert.InRange(Loop.Ticks - before, 0, 3);
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Dup(int descriptor);
}
