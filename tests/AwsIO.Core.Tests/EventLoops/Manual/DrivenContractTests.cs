using System.Globalization;
using System.Reflection;
using AwsIO.Tests.Channels;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Resolution;
using AwsIO.Tests.Sockets.Pipes;
using AwsIO.Tests.Streams;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>
/// The contract of event loops, and the resolver, on loops without threads: each test of the suites below once more, on the test's own thread alone, by the
/// virtual clock, and once for each of some seeds. Those that cannot do without threads say why, with <see cref="NeedsThreadsAttribute"/>.
/// </summary>
/// <remarks>
/// Left out are whole suites whose point is what threads do to each other: <see cref="RaceTests"/>, <see cref="WakeUpTests"/> and
/// <see cref="PipeRaceTests"/>; and those that count what a thread allocates.
/// </remarks>
[Collection(LoopTestCollection.Name)]
public sealed class DrivenContractTests
{
    private const int Seeds = 5;

    // Tests are left out of such a run by their traits, which the runner does not know of rows before it has begun.
    private static readonly bool s_isUnderFaults = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("AWSIO_FAULT_PLAN"));

    private static readonly Type[] s_suites =
    [
        typeof(SchedulingTests), typeof(TimerTests), typeof(CancelTests), typeof(CancelBetweenLoopsTests), typeof(StopTests),
        typeof(StopDuringEndTests), typeof(LoopEndTests), typeof(LocalObjectTests), typeof(SubscriptionTests),
        typeof(SubscriptionEndTests), typeof(StaleEventTests), typeof(EventLoopGroupTests), typeof(GroupLeaseTests),
        typeof(FutureLoopTests), typeof(ChannelFutureTests), typeof(PipeOnOneLoopTests), typeof(PipeOnTwoLoopsTests),
        typeof(PipeReadTests), typeof(PipeWriteTests), typeof(PipeLifeTests), typeof(PipeBrokenTests), typeof(PipeSubscriptionTests),
        typeof(PipeMemoryTests), typeof(LiteralTests), typeof(CacheTests), typeof(HangingLookUpTests), typeof(DisposedResolverTests),
    ];

    public static IEnumerable<TheoryDataRow<string, string, int>> Tests =>
        from suite in s_suites
        from test in suite.GetMethods()
        where test.GetCustomAttribute<FactAttribute>() is not null && test.GetCustomAttribute<NeedsThreadsAttribute>() is null
            && !(s_isUnderFaults && Traits(test).Any(static trait => trait.Value == "ExactCalls"))
        from row in Enumerable.Range(0, Arguments(test).Count)
        select WithTraits(new TheoryDataRow<string, string, int>(suite.Name, test.Name, row), test);

    [Theory]
    [MemberData(nameof(Tests))]
    public void The_contract_holds_without_threads_whatever_the_seed(string suite, string test, int row)
    {
        Type type = s_suites.Single(candidate => candidate.Name == suite);
        MethodInfo method = type.GetMethod(test)!;
        object?[] arguments = Arguments(method)[row];
        string? only = Environment.GetEnvironmentVariable("AWSIO_SEED");
        int first = string.IsNullOrEmpty(only) ? 0 : int.Parse(only, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        for (int seed = first; seed < (string.IsNullOrEmpty(only) ? Seeds : first + 1); seed++)
        {
            try
            {
                new DrivenLoops(seed).RunOn(() => Run(type, method, arguments));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{suite}.{test} failed with seed {seed}; AWSIO_SEED={seed} replays it. {exception.Message}"),
                    exception);
            }
        }
    }

    [Fact]
    public void A_test_that_waits_for_what_no_loop_does_is_found_out()
    {
        TaskCompletionSource never = new();
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => DrivenLoops.Complete(never.Task, "this"));
        Assert.Contains("this", failure.Message, StringComparison.Ordinal);
    }

    private static void Run(Type type, MethodInfo method, object?[] arguments)
    {
        object instance = Activator.CreateInstance(type)!;
        IAsyncLifetime life = (IAsyncLifetime)instance;
        DrivenLoops.Complete(life.InitializeAsync().AsTask(), "Its beginning");
        try
        {
            HashSet<string> threads = Descriptors.Threads();
            object? result = method.Invoke(
                instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, CultureInfo.InvariantCulture);
            DrivenLoops.Complete(result as Task ?? Task.CompletedTask, "The test");
            Assert.DoesNotContain(
                Descriptors.Threads().Except(threads), static thread => thread.Contains("awsio-1", StringComparison.Ordinal));
        }
        finally
        {
            DrivenLoops.Complete(life.DisposeAsync().AsTask(), "Its end");
        }
    }

    private static List<object?[]> Arguments(MethodInfo test) =>
        test.GetCustomAttribute<TheoryAttribute>() is null
            ? [[]]
            : [.. test.GetCustomAttributes<InlineDataAttribute>().Select(static data => data.Data)];

    private static IEnumerable<TraitAttribute> Traits(MethodInfo test) =>
        test.GetCustomAttributes<TraitAttribute>().Concat(test.ReflectedType!.GetCustomAttributes<TraitAttribute>());

    private static TheoryDataRow<string, string, int> WithTraits(TheoryDataRow<string, string, int> row, MethodInfo test)
    {
        foreach (TraitAttribute trait in Traits(test))
        {
            row.Traits[trait.Name] = [trait.Value];
        }

        return row;
    }
}
