using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>No function is beyond the torture's reach, unless it is said here why.</summary>
public sealed class TortureCoverageTests
{
    [Fact]
    public Task The_scenarios_use_every_function_that_can_fail() => Torturer.TortureInChild(typeof(TortureCoverage), 1);
}

/// <summary>Run by <see cref="TortureCoverageTests"/> in a process where faults are on.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class TortureCoverage
{
    private static readonly Dictionary<NativeFunction, string> s_unreached = new()
    {
        [NativeFunction.Fcntl] = "Linux makes descriptors non-blocking at once; FaultPlanEffects fails it directly",
        [NativeFunction.IfNameToIndex] = "only for the names of interfaces; FaultPlanEffects fails it directly",
        [NativeFunction.BioGetNewIndex] = "used once in a process: OnceInAProcessTests",
        [NativeFunction.BioMethNew] = "used once in a process: OnceInAProcessTests",
        [NativeFunction.OpenSslInitSsl] = "used once in a process: OnceInAProcessTests",
        [NativeFunction.SslCtxLoadVerifyLocations] =
            "only where OpenSSL's own places for trusted certificates do not exist; FaultPlanEffects fails it directly",
    };

    [Fact(Explicit = true)]
    public async Task Scenarios_use_every_function()
    {
        HashSet<NativeFunction> unused = [.. Enum.GetValues<NativeFunction>()];
        foreach (TortureScenario scenario in Scenarios.All)
        {
            unused.ExceptWith(await Torturer.FunctionsOf(scenario));
        }

        unused.ExceptWith(s_unreached.Keys);
        Assert.True(unused.Count == 0, $"No scenario uses {string.Join(", ", unused)}.");
    }
}
