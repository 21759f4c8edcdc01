using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Resolution;

public sealed class DisposedResolverTests : LoopTest
{
    [Fact]
    public async Task A_refusal_on_an_ended_loop_is_called_without_the_resolvers_lock()
    {
        DefaultHostResolver resolver = new(Group);
        resolver.Dispose();
        await Group.DisposeAsync().Within();
        TaskCompletionSource<(IoError Answer, bool Free, Thread Thread)> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // Another thread uses the resolver while the callback runs.
        resolver.Resolve(
            "host.example",
            Loop,
            (_, error, _, _) => answered.SetResult((error, Task.Run(resolver.Dispose).Wait(Waiting.Limit), Thread.CurrentThread)),
            null);
        (IoError answer, bool free, Thread thread) = await answered.Task.Within();

        Assert.Equal(IoErrorCode.EventLoopShutdown, answer.Code);
        Assert.True(free);
        Assert.True(thread.IsThreadPoolThread);
    }
}
