namespace AwsIO.Tests.Torture;

/// <summary>Each scenario of this program with each kind of faults.</summary>
internal class TortureCases : TheoryData<string, FaultKind>
{
    public TortureCases()
        : this(static _ => true)
    {
    }

    protected TortureCases(Func<TortureScenario, bool> which)
    {
        foreach (TortureScenario scenario in Scenarios.All.Where(which))
        {
            foreach (FaultKind kind in Enum.GetValues<FaultKind>())
            {
                Add(scenario.Name, kind);
            }
        }
    }
}

/// <summary>Those of scenarios that take no time.</summary>
internal sealed class ShortTortureCases() : TortureCases(static scenario => !scenario.IsLong);
