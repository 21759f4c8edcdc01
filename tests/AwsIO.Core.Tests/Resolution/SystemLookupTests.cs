using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Resolution;

public sealed class SystemLookupTests : LoopTest
{
    [Fact]
    public async Task Localhost_has_a_loopback_address()
    {
        using DefaultHostResolver resolver = new(Group);
        ResolverAnswer answer = await resolver.Ask("localhost", Loop).Within();
        Assert.Equal(IoError.None, answer.Error);
        Assert.NotEmpty(answer.Addresses);
        Assert.All(answer.Addresses, static address =>
        {
            Assert.True(System.Net.IPAddress.IsLoopback(System.Net.IPAddress.Parse(address.Address)));
            Assert.Equal("localhost", address.Host);
        });
        Assert.Equal(answer.Addresses.Count, answer.Addresses.Distinct().Count());
    }

    [Fact]
    public async Task A_callback_that_names_no_loop_comes_on_one_of_the_groups()
    {
        using DefaultHostResolver resolver = new(Group);
        TaskCompletionSource<EventLoop?> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        resolver.Resolve("127.0.0.1", (_, _, _) => called.SetResult(EventLoop.Current));
        Assert.Same(Loop, await called.Task.Within());
    }
}
