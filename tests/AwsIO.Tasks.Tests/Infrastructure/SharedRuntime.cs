using AwsIO.Tasks.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(SharedRuntime))]

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>The shared runtime's loops stay for good, whoever asks for them first: they are there before anything is counted.</summary>
public sealed class SharedRuntime : IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        EventLoopGroup group = IoRuntime.Shared.Group;
        for (int i = 0; i < group.Count; i++)
        {
            await group[i].Call(static () => { }).Within();
        }
    }

    public ValueTask DisposeAsync() => default;
}
