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
        IoError answer = default;
        bool free = false;

        // On an ended loop the callback comes at once; another thread uses the resolver meanwhile.
        resolver.Resolve("host.example", Loop, (_, error, _, _) =>
        {
            answer = error;
            free = Task.Run(resolver.Dispose).Wait(Waiting.Limit);
        }, null);

        Assert.Equal(IoErrorCode.EventLoopShutdown, answer.Code);
        Assert.True(free);
    }
}
