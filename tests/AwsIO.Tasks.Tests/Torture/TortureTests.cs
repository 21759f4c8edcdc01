using AwsIO.Tasks.Tests.Infrastructure;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Torture;

namespace AwsIO.Tasks.Tests.Torture;

/// <summary>
/// Each scenario of the facade once for each native call that can fail, for each way in which it can. Left out of ordinary runs:
/// <c>./test.sh --torture</c>.
/// </summary>
[Collection(RuntimeTestCollection.Name)]
[Trait("Category", "Torture")]
public sealed class TortureTests
{
    private const int MostUses = 40;

    [Theory]
    [ClassData(typeof(TortureCases))]
    public async Task A_scenario_stands_each_fault(string scenario, FaultKind kind)
    {
        Assert.SkipUnless(FaultPlan.IsAvailable, "Faults are off: run ./test.sh --torture.");
        Assert.SkipWhen(Torturer.ReplayAsked(out _, out _), "One plan is to be replayed.");
        await Torturer.Torture(FacadeScenarios.Find(scenario), kind, MostUses, isSmoke: false);
    }

    [Fact]
    public async Task A_plan_that_was_printed_is_replayed()
    {
        Assert.SkipUnless(Torturer.ReplayAsked(out string scenario, out string plan), Torturer.HowToReplay);
        Assert.SkipUnless(FacadeScenarios.All.Any(known => known.Name == scenario), "The scenario is another program's.");
        await Torturer.Replay(FacadeScenarios.Find(scenario), plan);
    }
}

/// <summary>A few faults of each scenario: the first and the last use of each call. AwsIO.Core.Tests has its like in every run.</summary>
[Trait("Category", "Torture")]
public sealed class TortureSmokeTests
{
    [Fact]
    public Task Each_scenario_stands_a_first_and_a_last_fault_of_each_call() =>
        Torturer.TortureInChild(typeof(TortureSmoke), new TortureCases().Count);
}

/// <summary>Run by <see cref="TortureSmokeTests"/> in a process where faults are on.</summary>
[Collection(RuntimeTestCollection.Name)]
public sealed class TortureSmoke
{
    [Theory(Explicit = true)]
    [ClassData(typeof(TortureCases))]
    public Task A_scenario_stands_a_first_and_a_last_fault(string scenario, FaultKind kind) =>
        Torturer.Torture(FacadeScenarios.Find(scenario), kind, most: 2, isSmoke: true);
}

/// <summary>Each scenario of this program with each kind of faults.</summary>
internal sealed class TortureCases : TheoryData<string, FaultKind>
{
    public TortureCases()
    {
        foreach (TortureScenario scenario in FacadeScenarios.All)
        {
            foreach (FaultKind kind in Enum.GetValues<FaultKind>())
            {
                Add(scenario.Name, kind);
            }
        }
    }
}
