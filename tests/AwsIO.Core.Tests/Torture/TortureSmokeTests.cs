using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>A few faults of each scenario in every run of the tests: the first and the last use of each call, and one error for all.</summary>
public sealed class TortureSmokeTests
{
    [Fact]
    public async Task Each_scenario_stands_a_first_and_a_last_fault_of_each_call()
    {
        (int exitCode, string output) = await ChildTest.Run(
            typeof(TortureSmoke), "*", environment: Torturer.FaultsOn, limit: TimeSpan.FromMinutes(5));
        Assert.True(exitCode == 0, Torturer.Shortened(output));
        Assert.Matches($"Total: {new ShortTortureCases().Count}, Errors: 0, Failed: 0, Skipped: 0", output);
    }
}

/// <summary>Run by <see cref="TortureSmokeTests"/> in a process where faults are on.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class TortureSmoke
{
    [Theory(Explicit = true)]
    [ClassData(typeof(ShortTortureCases))]
    public async Task A_scenario_stands_a_first_and_a_last_fault(string scenario, FaultKind kind)
    {
        int faulty = await Torturer.Torture(Scenarios.Find(scenario), kind, most: 2, isSmoke: true);
        Assert.True(faulty > 0 || kind is FaultKind.WouldBlock or FaultKind.ShortCounts, "No fault came about.");
    }
}
