using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;

namespace AwsIO.SelfCheck;

/// <summary>
/// Asks a kernel whether it does what AwsIO's kqueue loop and its calls take for granted. What no machine of the project runs, somebody
/// else's can be asked about by this.
/// </summary>
/// <param name="calls">The kernel, or what stands for it.</param>
/// <param name="abi">By whose numbers it answers.</param>
internal sealed class KqueueSelfCheck(KqueueCalls calls, Abi abi)
{
    /// <summary>Whether this system has a kqueue.</summary>
    internal static bool IsSupported => Abi.Current.Kqueue is not null;

    /// <summary>Asks the kernel of this system.</summary>
    internal static IEnumerable<CheckResult> RunHere() => new KqueueSelfCheck(KqueueCalls.OfSystem(), Abi.Current).Run();

    /// <summary>All that is asked, the smallest first.</summary>
    internal IEnumerable<Check> Checks() =>
        [.. SystemChecks.All(), .. new KqueueChecks(calls, abi).All(), .. new LoopChecks(NewGroup).All()];

    /// <summary>Asks one after the other.</summary>
    internal IEnumerable<CheckResult> Run() => Checks().Select(Run);

    private static CheckResult Run(Check check)
    {
        try
        {
            check.Run();
            return new CheckResult(check.Name, CheckState.Passed, "");
        }
        catch (CheckSkippedException skipped)
        {
            return new CheckResult(check.Name, CheckState.Skipped, skipped.Message);
        }
        catch (CheckFailedException failed)
        {
            return new CheckResult(check.Name, CheckState.Failed, failed.Message);
        }
        catch (Exception exception)
        {
            // One that the check did not think of; the others are worth asking all the same.
            return new CheckResult(check.Name, CheckState.Failed, $"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private EventLoopGroup NewGroup() => new(
        new EventLoopGroupOptions { LoopCount = 2, MaxLoops = 2 },
        settings => KqueueEventLoop.Create(settings, calls),
        EventLoopType.Kqueue);
}
