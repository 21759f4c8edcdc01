using AwsIO.Testing;
using AwsIO.Tests.Shared;
using AwsIO.Tests.Shared.Refusals;

[assembly: AssemblyFixture(typeof(EnvironmentPlan))]

namespace AwsIO.Tests.Shared;

/// <summary>
/// Runs all tests of a program under the fault plan that the environment names, if it does (<c>AWSIO_FAULT_PLAN</c>), and says what came of
/// it; or of calls that were refused to each test (<see cref="Refusal"/>).
/// </summary>
public sealed class EnvironmentPlan : IDisposable
{
    private readonly FaultPlan? _plan;

    public EnvironmentPlan()
    {
        string? plan = Environment.GetEnvironmentVariable("AWSIO_FAULT_PLAN");
        _plan = string.IsNullOrEmpty(plan) ? null : FaultPlan.Start(plan);
    }

    public void Dispose()
    {
        if (_plan is not null)
        {
            _plan.Dispose();
            Console.Error.WriteLine($"fault plan: {_plan.TakenCount} faults by {_plan}");
        }

        if (Refusal.IsOn)
        {
            Console.Error.WriteLine($"refusals: {Refusal.Summary}");
        }
    }
}
