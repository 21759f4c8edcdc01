using Xunit.Sdk;
using Xunit.v3;

namespace AwsIO.Tests.Shared.Refusals;

/// <summary>
/// Has each test of a class be refused a call. One that fails after that has done what was to be expected, and counts as skipped; unless
/// it failed as nothing of the library may, or was refused nothing. Whether the process lives on, and what is left after the class, is
/// judged as ever.
/// </summary>
internal sealed class RefusedTests(IMessageBus inner) : IMessageBus
{
    // What a task says that is completed a second time.
    private const string AnsweredTwice = "to a final state when it had already completed";

    // What nobody throws on purpose.
    private static readonly string[] s_never =
    [
        typeof(NullReferenceException).FullName!,
        typeof(IndexOutOfRangeException).FullName!,
        typeof(InvalidCastException).FullName!,
        typeof(AccessViolationException).FullName!,
        typeof(DivideByZeroException).FullName!,
        typeof(OverflowException).FullName!,
    ];

    private Refusal? _refusal;
    private string _test = "";

    /// <summary>How many tests that failed do not count as such.</summary>
    internal int Refused { get; private set; }

    public bool QueueMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestStarting starting:
                _test = starting.TestDisplayName;
                _refusal = Refusal.Of(_test);
                break;
            case ITestFailed failed when _refusal is { } refusal:
                List<string> remaining = refusal.EndLeftOpen();
                if (refusal.IsTaken && remaining.Count == 0 && !IsDefect(failed))
                {
                    Refused++;
                    return inner.QueueMessage(Skipped(failed, refusal.Plan));
                }

                Say(refusal, remaining);
                break;
            case ITestFinished:
                _refusal?.Dispose();
                _refusal = null;
                break;
            default:
                break;
        }

        return inner.QueueMessage(message);
    }

    // The bus is the assembly's.
    public void Dispose()
    {
    }

    private static bool IsDefect(ITestFailed failed) =>
        failed.ExceptionTypes.Any(s_never.Contains)
        || failed.Messages.Any(static message => message.Contains(AnsweredTwice, StringComparison.Ordinal));

    private void Say(Refusal refusal, List<string> remaining) =>
        Console.Error.WriteLine(
            $"refusal: {_test} was {(refusal.IsTaken ? "" : "to be ")}refused {refusal.Plan}"
            + (remaining.Count == 0 ? "" : $"; these do not end: {string.Join(", ", remaining)}"));

    private static TestSkipped Skipped(ITestFailed failed, string plan) => new()
    {
        AssemblyUniqueID = failed.AssemblyUniqueID,
        TestCollectionUniqueID = failed.TestCollectionUniqueID,
        TestClassUniqueID = failed.TestClassUniqueID,
        TestMethodUniqueID = failed.TestMethodUniqueID,
        TestCaseUniqueID = failed.TestCaseUniqueID,
        TestUniqueID = failed.TestUniqueID,
        ExecutionTime = failed.ExecutionTime,
        FinishTime = failed.FinishTime,
        Output = failed.Output,
        Warnings = failed.Warnings,
        Reason = $"refused {plan}: {failed.ExceptionTypes[0]}: {failed.Messages[0].ReplaceLineEndings(" ")} {At(failed)}",
    };

    /// <summary>The test's line that failed.</summary>
    private static string? At(ITestFailed failed) =>
        failed.StackTraces[0]?.Split('\n').LastOrDefault(static line => line.Contains("Tests.cs", StringComparison.Ordinal))?.Trim();
}
