using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Torture;

namespace AwsIO.Tests.Faults;

public sealed class FaultPlanTests
{
    [Fact]
    public async Task Plans_do_what_they_say_where_faults_are_on()
    {
        (int exitCode, string output) = await ChildTest.Run(typeof(FaultPlanEffects), "*", environment: Torturer.FaultsOn);
        Assert.True(exitCode == 0, output);
        Assert.Matches("Total: [1-9][0-9]+, Errors: 0, Failed: 0, Skipped: 0", output);
    }

    [Fact]
    public async Task A_plan_says_how_to_switch_faults_on_where_they_are_off()
    {
        await ChildTest.Passes(
            typeof(FaultPlanTests), nameof(Child_starts_a_plan_in_vain), environment: [("AWSIO_FAULTS", null), ("AWSIO_FAULT_PLAN", null)]);
    }

    [Fact(Explicit = true)]
    public void Child_starts_a_plan_in_vain()
    {
        Assert.False(FaultPlan.IsAvailable);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(static () => FaultPlan.Start(""));
        Assert.Contains("AwsIO.Testing.Faults", error.Message, StringComparison.Ordinal);
        Assert.Contains("AWSIO_FAULTS=1", error.Message, StringComparison.Ordinal);
    }
}
