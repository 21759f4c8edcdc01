using System.Reflection;
using AwsIO.Tests.Shared.Counting;
using AwsIO.Tests.Shared.Refusals;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestFramework(typeof(CountingFramework))]

namespace AwsIO.Tests.Shared.Counting;

/// <summary>
/// Runs tests as xunit does, and counts around each class: before its fixtures are made, and after they are gone. What is left then is an
/// error of the class, which fails the run.
/// </summary>
public sealed class CountingFramework : XunitTestFramework
{
    private readonly string? _configFileName;

    public CountingFramework()
    {
    }

    public CountingFramework(string? configFileName)
        : base(configFileName) => _configFileName = configFileName;

    protected override ITestFrameworkExecutor CreateExecutor(Assembly assembly) =>
        new Executor(new XunitTestAssembly(assembly, _configFileName));

    private sealed class Executor(IXunitTestAssembly testAssembly) : XunitTestFrameworkExecutor(testAssembly)
    {
        public override async ValueTask RunTestCases(
            IReadOnlyCollection<IXunitTestCase> testCases,
            IMessageSink executionMessageSink,
            ITestFrameworkExecutionOptions executionOptions,
            CancellationToken cancellationToken) =>
            await new AssemblyRunner().RunCounted(
                new AssemblyContext(TestAssembly, testCases, executionMessageSink, executionOptions, cancellationToken));
    }

    private sealed class AssemblyRunner : XunitTestAssemblyRunner
    {
        internal async Task RunCounted(AssemblyContext context)
        {
            await using (context)
            {
                await context.InitializeAsync();
                await Run(context);
            }
        }
    }

    private sealed class AssemblyContext(
        IXunitTestAssembly testAssembly,
        IReadOnlyCollection<IXunitTestCase> testCases,
        IMessageSink executionMessageSink,
        ITestFrameworkExecutionOptions executionOptions,
        CancellationToken cancellationToken)
        : XunitTestAssemblyRunnerContext(testAssembly, testCases, executionMessageSink, executionOptions, cancellationToken)
    {
        public override ValueTask<RunSummary> RunTestCollection(
            IXunitTestCollection testCollection, IReadOnlyCollection<IXunitTestCase> testCases) =>
            new CollectionRunner().RunCounted(new CollectionContext(
                testCollection,
                testCases,
                ExplicitOption,
                MessageBus,
                Aggregator.Clone(),
                CancellationTokenSource,
                ParallelMode,
                Scheduler,
                AssemblyFixtureMappings));
    }

    private sealed class CollectionRunner : XunitTestCollectionRunner
    {
        internal async ValueTask<RunSummary> RunCounted(CollectionContext context)
        {
            await using (context)
            {
                await context.InitializeAsync();
                return await Run(context);
            }
        }
    }

    private sealed class CollectionContext(
        IXunitTestCollection testCollection,
        IReadOnlyCollection<IXunitTestCase> testCases,
        ExplicitOption explicitOption,
        IMessageBus messageBus,
        ExceptionAggregator aggregator,
        CancellationTokenSource cancellationTokenSource,
        ParallelMode parallelMode,
        ExecutionScheduler scheduler,
        FixtureMappingManager assemblyFixtureMappings)
        : XunitTestCollectionRunnerContext(
            testCollection,
            testCases,
            explicitOption,
            messageBus,
            aggregator,
            cancellationTokenSource,
            parallelMode,
            scheduler,
            assemblyFixtureMappings)
    {
        public override async ValueTask<RunSummary> RunTestClass(
            IXunitTestClass testClass, IReadOnlyCollection<IXunitTestCase> testCases)
        {
            using RefusedTests? refused = Refusal.IsOn ? new RefusedTests(MessageBus) : null;
            RunSummary summary = await new ClassRunner().Run(
                testClass,
                testCases,
                ExplicitOption,
                refused ?? MessageBus,
                Aggregator.Clone(),
                CancellationTokenSource,
                ParallelMode,
                Scheduler,
                CollectionFixtureMappings);
            if (refused is not null)
            {
                summary.Failed -= refused.Refused;
                summary.Skipped += refused.Refused;
            }

            return summary;
        }
    }

    private sealed class ClassRunner : XunitTestClassRunner
    {
        private Holdings? _before;

        protected override async ValueTask<bool> OnTestClassStarting(XunitTestClassRunnerContext ctxt)
        {
            await WarmRuntime.Done;
            if (!ctxt.TestClass.Class.IsDefined(typeof(LeavesThingsAttribute), inherit: true))
            {
                _before = RunningClasses.Instance.Enter();
            }

            return await base.OnTestClassStarting(ctxt);
        }

        protected override async ValueTask<bool> OnTestClassFinished(XunitTestClassRunnerContext ctxt, RunSummary summary)
        {
            // The base would do it too late, and does nothing then.
            await ctxt.Aggregator.RunAsync(ctxt.ClassFixtureMappings.DisposeAsync);

            // This may be one of the threads that are to leave, when what it did last was to tell the test of it.
            if (_before is not null)
            {
                await ctxt.Aggregator.RunAsync(
                    () => new ValueTask(Task.Run(() => RunningClasses.Instance.Leave(ctxt.TestClass.TestClassName, _before))));
            }

            return await base.OnTestClassFinished(ctxt, summary);
        }
    }
}
