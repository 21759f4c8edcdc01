using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>A few faults of each scenario in every run of the tests: the first and the last use of each call, and one error for all.</summary>
public sealed class TortureSmokeTests
{
    [Fact]
    public Task Each_scenario_stands_a_first_and_a_last_fault_of_each_call() =>
        Torturer.TortureInChild(typeof(TortureSmoke), new ShortTortureCases().Count);
}

/// <summary>Run by <see cref="TortureSmokeTests"/> in a process where faults are on.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class TortureSmoke
{
    [Theory(Explicit = true)]
    [ClassData(typeof(ShortTortureCases))]
    public Task A_scenario_stands_a_first_and_a_last_fault(string scenario, FaultKind kind) =>
        Torturer.Torture(Scenarios.Find(scenario), kind, most: 2, isSmoke: true);
}
