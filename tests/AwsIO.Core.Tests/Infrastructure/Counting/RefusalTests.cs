using AwsIO.Tests.Shared.Counting;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tests.Infrastructure.Counting;

/// <summary>What a test may do that is refused a call, and what it may not.</summary>
public sealed class RefusalTests
{
    private const string Tolerated = "Total: 1, Errors: 0, Failed: 0, Skipped: 1";

    // What does not end is left behind the class, too.
    private const string Failed = "Total: 1, Errors: [01], Failed: 1, Skipped: 0";

    [Theory]
    [InlineData(nameof(RefusedChild.Expects_success), @"refused pipe2:\d=E.FILE: System.InvalidOperationException: .*Too many open files")]
    [InlineData(nameof(RefusedChild.Waits_for_what_never_comes), @"refused pipe2:\d=E.FILE: System.TimeoutException")]
    [InlineData(nameof(RefusedChild.Leaves_a_channel_on_a_group), @"refused pipe2:\d=E.FILE: System.InvalidOperationException")]
    public async Task A_test_may_fail_and_leave_what_can_be_ended_in_its_place(string method, string reason)
    {
        string output = await Run(method, succeeds: true);

        Assert.Contains(Tolerated, output, StringComparison.Ordinal);
        Assert.Matches(reason, output);
    }

    [Theory]
    [InlineData(nameof(RefusedChild.Fails_without_the_call), "was to be refused pipe2")]
    [InlineData(nameof(RefusedChild.Uses_what_it_has_not_got), "was refused pipe2")]
    [InlineData(nameof(RefusedChild.Answers_twice), "was refused pipe2")]
    [InlineData(nameof(RefusedChild.Leaves_a_group_that_does_not_end), "was refused pipe2.*; these do not end: a group of loops")]
    public async Task A_test_that_fails_otherwise_fails(string method, string said)
    {
        string output = await Run(method, succeeds: false);

        Assert.Matches(Failed, output);
        Assert.Matches(said, output);
    }

    [Fact]
    public async Task What_cannot_be_ended_in_its_place_is_left_behind_the_class() =>
        Assert.Contains(
            "Total: 1, Errors: 1, Failed: 0, Skipped: 1",
            await Run(nameof(RefusedChild.Leaves_a_descriptor), succeeds: false),
            StringComparison.Ordinal);

    private static async Task<string> Run(string method, bool succeeds)
    {
        (int exitCode, string output) = await ChildTest.Run(
            typeof(RefusedChild), method, environment: [("AWSIO_FAULTS", "1"), ("AWSIO_REFUSE", "pipe2"), ("AWSIO_FAULT_PLAN", null)]);
        Assert.True(exitCode == 0 == succeeds, output);
        return output;
    }
}

/// <summary>Uses a call often enough to be refused it, and fails in one way or another.</summary>
public sealed class RefusedChild
{
    private static readonly List<object> s_left = [];

    public RefusedChild()
    {
        RunningClasses.Instance.Limit = TimeSpan.Zero;
        LeftOpen.Limit = TimeSpan.FromMilliseconds(200);
    }

    [Fact(Explicit = true)]
    public async Task Expects_success()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        MakePipes(group[0]);
    }

    [Fact(Explicit = true)]
    public async Task Waits_for_what_never_comes()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        Assert.Throws<InvalidOperationException>(() => MakePipes(group[0]));
        await new TaskCompletionSource().Task.Within();
    }

    [Fact(Explicit = true)]
    public void Leaves_a_channel_on_a_group()
    {
        EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        s_left.Add(IoChannel.Create(new IoChannelOptions { EventLoop = group[0], OnSetup = static (_, _, _) => { } }));
        MakePipes(group[0]);
    }

    [Fact(Explicit = true)]
    public void Fails_without_the_call() => Assert.Fail("on purpose");

    [Fact(Explicit = true)]
    public async Task Uses_what_it_has_not_got()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        Assert.Throws<InvalidOperationException>(() => MakePipes(group[0]));
        throw new NullReferenceException("on purpose");
    }

    [Fact(Explicit = true)]
    public async Task Answers_twice()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        Assert.Throws<InvalidOperationException>(() => MakePipes(group[0]));
        TaskCompletionSource answer = new();
        answer.SetResult();
        answer.SetResult();
    }

    [Fact(Explicit = true)]
    public async Task Leaves_a_group_that_does_not_end()
    {
        EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        s_left.Add(await group[0].Hold());
        MakePipes(group[0]);
    }

    [Fact(Explicit = true)]
    public async Task Leaves_a_descriptor()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        s_left.Add(File.OpenRead("/dev/zero"));
        MakePipes(group[0]);
    }

    /// <summary>As many as there are uses, one of which is refused.</summary>
    private static void MakePipes(EventLoop loop)
    {
        for (int i = 0; i < 4; i++)
        {
            IoPipe.Create(loop, loop).Value.Dispose();
        }
    }
}
