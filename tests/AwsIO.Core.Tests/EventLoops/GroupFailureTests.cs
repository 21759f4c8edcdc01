using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Torture;

namespace AwsIO.Tests.EventLoops;

[Collection(LoopTestCollection.Name)]
public sealed class GroupFailureTests
{
    [Fact]
    public async Task A_group_that_cannot_have_all_its_loops_leaves_nothing_behind()
    {
        await ChildTest.Passes(
            typeof(GroupFailureTests), nameof(Child_asks_for_more_loops_than_there_are_descriptors), maxDescriptors: 400);
    }

    [Fact(Explicit = true)]
    public async Task Child_asks_for_more_loops_than_there_are_descriptors()
    {
        await PoolThreads.StartAhead();
        HashSet<string> before = Descriptors.Open();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            static () => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 300, MaxLoops = 300 }));
        Assert.Contains("of 300 could not be made", error.Message, StringComparison.Ordinal);
        Assert.Empty(Descriptors.Left(before));
        Waiting.Until(static () => Descriptors.Threads().Count == 0);

        EventLoopGroup group = LoopBackend.Platform.NewGroup(2);
        await group[1].Turn();
        await group.DisposeAsync().Within();
    }

    [Fact]
    public async Task A_stopped_loop_ends_without_a_thread_of_its_own()
    {
        (int exitCode, string output) = await ChildTest.Run(typeof(EndWithoutThreadTests), "Child_*", environment: Torturer.FaultsOn);
        Assert.True(exitCode == 0, output);
        Assert.Contains("Total: 4, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    /// <remarks>The group waited there for the loops that it had made, and held the loop it was on.</remarks>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_group_that_cannot_be_made_does_not_hold_the_loop_on_which_that_was_tried(bool detectsBlockingCalls) =>
        FailOnALoop(detectsBlockingCalls, "");

    [Fact]
    public Task Nor_where_the_system_has_no_thread_left_for_it() => ChildTest.Passes(
        typeof(GroupFailureTests), nameof(Child_is_refused_threads_on_a_loop), environment: Torturer.FaultsOn);

    [Fact(Explicit = true)]
    public Task Child_is_refused_threads_on_a_loop() => FailOnALoop(detectsBlockingCalls: true, "pthread_create:2-=EAGAIN");

    private static async Task FailOnALoop(bool detectsBlockingCalls, string faults)
    {
        await using EventLoopGroup outer = LoopBackend.Platform.NewGroup(
            configure: options => options.DetectBlockingCalls = detectsBlockingCalls);
        HashSet<string> descriptors = Descriptors.Open();
        HashSet<string> threads = Descriptors.Threads();
        using (TestPipe pipe = new())
        using (ManualResetEventSlim released = new())
        using (FaultPlan? plan = faults.Length > 0 ? FaultPlan.Start(faults) : null)
        {
            HeldEnd held = new(released);
            EventLoop? first = null;
            IoResult<EventLoop> Make(EventLoopSettings settings)
            {
                if (settings.Index == 0)
                {
                    IoResult<EventLoop> made = EventLoopGroup.PlatformFactory(settings);
                    first = made.Value;
                    return made;
                }

                // By now the first loop runs; it cannot end before the test says so.
                Assert.Equal(IoError.None, first!.Subscribe(pipe.Reader, IoEvents.Readable, held));
                return plan is null ? new(new IoError(IoErrorCode.OutOfMemory, "On purpose.")) : EventLoopGroup.PlatformFactory(settings);
            }

            int ended = 0;
            EventLoopGroupOptions options = new()
            {
                LoopCount = 2,
                MaxLoops = 2,
                OnShutdownComplete = () => Interlocked.Increment(ref ended),
            };
            try
            {
                InvalidOperationException refused = await outer[0].Call(() => Assert.Throws<InvalidOperationException>(
                    () => new EventLoopGroup(options, Make, EventLoopType.PlatformDefault)));
                Assert.Contains("2 of 2 could not be made", refused.Message, StringComparison.Ordinal);
                await outer[0].Turn();
                Assert.True(await held.Begun.Within());
            }
            finally
            {
                released.Set();
            }

            Waiting.Until(() => !Descriptors.Threads().Except(threads).Any(), "The loop that was made has ended");
            Assert.Equal(0, Volatile.Read(ref ended));
            Assert.Equal(IoErrorCode.EventLoopShutdown, first!.Subscribe(pipe.Reader, IoEvents.Readable, held).Code);
        }

        Assert.Empty(Descriptors.Left(descriptors));
    }

    private sealed class HeldEnd(ManualResetEventSlim released) : IIoEventHandler
    {
        private readonly TaskCompletionSource<bool> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when the loop ends; whether on its thread.</summary>
        internal Task<bool> Begun => _begun.Task;

        public void OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
        {
        }

        public void OnLoopEnding(EventLoop loop, IoHandle handle)
        {
            _begun.SetResult(loop.IsOnLoop);

            // Longer than anybody waits for who waits for this in vain.
            Assert.True(OnPurpose.Block(() => released.Wait(2 * Waiting.Limit)));
        }
    }
}
