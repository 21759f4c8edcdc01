using AwsIO.Native.Platform;
using AwsIO.SelfCheck;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.EventLoops.Kqueue;

/// <summary>
/// The questions that <c>awsio kqueue-selfcheck</c> asks a kernel, asked of the double: it answers as the project believes that kernels do.
/// </summary>
/// <remarks>Whether a kernel takes three bytes at once is one of the questions.</remarks>
[Collection(LoopTestCollection.Name)]
[Trait("Category", "ExactCalls")]
public sealed class KqueueSelfCheckTests
{
    [Theory]
    [InlineData(AbiKind.Darwin, 2)]
    [InlineData(AbiKind.FreeBsd, 3)]
    internal void The_double_passes_every_check(AbiKind kind, int skipped)
    {
        int before = KqueueDouble.Count;
        Abi abi = kind == AbiKind.Darwin ? Abi.Darwin : Abi.FreeBsd;
        List<CheckResult> results = [.. new KqueueSelfCheck(KqueueDouble.Calls(abi), abi).Run()];

        Assert.DoesNotContain(results, static result => result.State == CheckState.Failed);

        // SO_NOSIGPIPE is for macOS alone; two filters by one call are not for FreeBSD.
        Assert.True(results.Count(static result => result.State == CheckState.Skipped) < skipped);
        Assert.True(results.Count > 25, $"{results.Count} checks");
        Assert.Equal(results.Count, results.Select(static result => result.Name).Distinct().Count());
        Assert.Equal(before, KqueueDouble.Count);
    }

    [Fact]
    public void A_kernel_that_tells_of_what_is_not_there_fails_and_is_asked_the_rest_all_the_same()
    {
        KqueueSelfCheck check = new(KqueueDouble.Calls(Abi.Darwin), Abi.Darwin);
        List<CheckResult> results = [];
        for (int seed = 0; seed < 5; seed++)
        {
            results.AddRange(KqueueDouble.With(new KqueueFaults(KqueueFault.SpuriousRead, seed), () => check.Run().ToList()));
        }

        Assert.Equal(5 * check.Checks().Count(), results.Count);
        Assert.Contains(results, static result => result is { State: CheckState.Failed, Reason: not "" });
        Assert.DoesNotContain(
            results, static result => result.State == CheckState.Failed && result.Reason.Contains("Exception", StringComparison.Ordinal));

        // The loop stands what the checks find fault with.
        Assert.DoesNotContain(
            results, static result => result.State == CheckState.Failed && result.Name.Contains("1 MiB", StringComparison.Ordinal));
    }

    [Fact]
    public void A_result_is_one_line() =>
        Assert.Equal(
            ["ok    a", "FAIL  b: it is 1, not 2", "skip  c: not here"],
            new[]
            {
                new CheckResult("a", CheckState.Passed, ""), new CheckResult("b", CheckState.Failed, "it is 1, not 2"),
                new CheckResult("c", CheckState.Skipped, "not here"),
            }.Select(static result => result.ToString()));
}
