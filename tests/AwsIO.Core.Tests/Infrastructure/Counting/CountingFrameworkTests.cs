using AwsIO.Tests.Shared.Counting;

namespace AwsIO.Tests.Infrastructure.Counting;

/// <summary>What a class leaves behind fails the run that it is in.</summary>
public sealed class CountingFrameworkTests
{
    [Theory]
    [InlineData(nameof(LeavingChild.Leaves_a_pipe), @"descriptor \d+ -> pipe:\[\d+\]; descriptor \d+ -> pipe:\[\d+\]")]
    [InlineData(nameof(LeavingChild.Leaves_a_file), "descriptor \\d+ -> /dev/zero")]
    [InlineData(nameof(LeavingChild.Leaves_a_thread_with_a_name), @"thread \d+ awsio-left")]
    [InlineData(nameof(LeavingChild.Leaves_a_thread_without_a_name), @"thread without a name \(1\)")]
    [InlineData(nameof(LeavingChild.Leaves_a_message), @"messages of awsio-\d+: 1")]
    public async Task What_is_left_behind_a_class_is_an_error_of_the_run(string method, string left)
    {
        string results = Path.GetTempFileName();
        try
        {
            (int exitCode, string output) = await ChildTest.Run(typeof(LeavingChild), method, results: results);

            Assert.NotEqual(0, exitCode);
            Assert.Contains("Total: 1, Errors: 1, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
            Assert.Matches($"{typeof(LeavingChild).FullName} left behind: .*{left}", output);

            // Where test.sh counts.
            Assert.Matches("<assembly [^>]*errors=\"1\"", await File.ReadAllTextAsync(results));
        }
        finally
        {
            File.Delete(results);
        }
    }

    [Fact]
    public async Task What_goes_with_the_class_and_its_fixtures_is_not_left() =>
        await ChildTest.Passes(typeof(TidyChild), nameof(TidyChild.Child_uses_what_its_fixture_holds));

    [Fact]
    public async Task A_class_may_say_that_it_leaves_things_on_purpose() =>
        await ChildTest.Passes(typeof(UntidyChild), nameof(UntidyChild.Child_leaves_a_pipe));
}

/// <summary>Leaves something, and says that nothing will take it away.</summary>
public sealed class LeavingChild
{
    private static readonly List<object> s_left = [];

    public LeavingChild() => RunningClasses.Instance.Limit = TimeSpan.Zero;

    [Fact(Explicit = true)]
    public void Leaves_a_pipe() => s_left.Add(new TestPipe());

    [Fact(Explicit = true)]
    public void Leaves_a_file() => s_left.Add(File.OpenRead("/dev/zero"));

    [Fact(Explicit = true)]
    public void Leaves_a_thread_with_a_name() => Leave("awsio-left");

    [Fact(Explicit = true)]
    public async Task Leaves_a_thread_without_a_name() => await Task.Run(static () => Leave(null));

    [Fact(Explicit = true)]
    public async Task Leaves_a_message()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(1);
        EventLoop loop = group[0];
        s_left.Add(await loop.Call(() => LoopMessagePool.Of(loop).Rent(IoMessageKind.ApplicationData, 1)));
    }

    private static void Leave(string? name)
    {
        ManualResetEventSlim begun = new();
        new Thread(() =>
        {
            begun.Set();
            new ManualResetEventSlim().Wait();
        })
        { Name = name, IsBackground = true }.Start();
        Assert.True(begun.Wait(Waiting.Limit));
    }
}

/// <summary>Holds a pipe and a thread for as long as a class takes.</summary>
public sealed class HoldingFixture : IAsyncLifetime
{
    private readonly EventLoopGroup _group = LoopBackend.Platform.NewGroup(1);

    internal TestPipe Pipe { get; } = new();

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        Pipe.Dispose();
        await _group.DisposeAsync().Within();
    }
}

public sealed class TidyChild(HoldingFixture fixture) : IClassFixture<HoldingFixture>
{
    [Fact(Explicit = true)]
    public void Child_uses_what_its_fixture_holds() => fixture.Pipe.Write();
}

[LeavesThings("It is what the test is about.")]
public sealed class UntidyChild
{
    [Fact(Explicit = true)]
    public void Child_leaves_a_pipe()
    {
        RunningClasses.Instance.Limit = TimeSpan.Zero;
        Assert.NotEqual(0, new TestPipe().Reader.Descriptor);
    }
}
