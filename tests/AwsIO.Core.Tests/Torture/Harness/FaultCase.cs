using System.Globalization;
using AwsIO.Testing;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tests.Torture;

/// <summary>The kinds of faults; each is a test of its own for each scenario.</summary>
public enum FaultKind
{
    /// <summary>Calls that fail for good.</summary>
    Errors,

    /// <summary>EINTR, which nobody must notice.</summary>
    Interruptions,

    /// <summary>EAGAIN, which nobody must notice but by a delay.</summary>
    WouldBlock,

    /// <summary>Fewer bytes than were asked for, which nobody must notice.</summary>
    ShortCounts,
}

/// <summary>One plan to run a scenario under.</summary>
/// <param name="Plan">Its text.</param>
/// <param name="MustSucceed">Whether everything must end well all the same.</param>
/// <param name="MayTell">Whether an error may be told all the same.</param>
internal sealed record FaultCase(string Plan, bool MustSucceed, bool MayTell = false)
{
    /// <summary>The plans for one function that a run without faults has used so many times.</summary>
    /// <param name="kind">The kind of faults.</param>
    /// <param name="function">The function.</param>
    /// <param name="uses">How often it was used.</param>
    /// <param name="most">How many uses are tried, the first and the last among them.</param>
    /// <param name="isSmoke">Whether one error stands for all.</param>
    internal static IEnumerable<FaultCase> Of(FaultKind kind, NativeFunction function, long uses, int most, bool isSmoke) => kind switch
    {
        FaultKind.Errors => ErrorsOf(function, uses, most, isSmoke),
        FaultKind.Interruptions when FaultTable.CanBeInterrupted(function) =>
            Unnoticed(function, uses, most, "EINTR", isSmoke ? ["*2"] : ["*2", "30%@7"]),
        FaultKind.WouldBlock when FaultTable.CanBlock(function) =>
            Unnoticed(function, uses, most, "EAGAIN", isSmoke ? ["*2"] : ["*2", "30%@7"]),
        FaultKind.ShortCounts when FaultTable.CanBeShort(function) =>
            Unnoticed(function, uses, most, "short(1)", isSmoke ? [] : ["*3", "30%@7"])
                .Append(new FaultCase($"{FunctionNames.Of(function)}:*=short({(IsWait(function) ? 1 : 777)})", MustSucceed: true)),
        _ => [],
    };

    private static bool IsWait(NativeFunction function) => function
        is NativeFunction.EpollWait or NativeFunction.EpollPwait2 or NativeFunction.KeventWait;

    private static IEnumerable<FaultCase> ErrorsOf(NativeFunction function, long uses, int most, bool isSmoke)
    {
        bool harmless = FaultTable.IsHarmless(function);
        string name = FunctionNames.Of(function);
        IEnumerable<string> errors = FaultTable.Errors(function);
        foreach (string error in errors)
        {
            foreach (long use in Spread(uses, most))
            {
                yield return new FaultCase(Invariant($"{name}:{use}={error}"), harmless, MayTell: true);
            }

            if (isSmoke)
            {
                break;
            }

            // For good: but nobody comes in where nothing can be accepted, and nothing would end.
            yield return function == NativeFunction.Accept4
                ? new FaultCase(Invariant($"{name}:1-3={error}"), harmless, MayTell: true)
                : new FaultCase(Invariant($"{name}:*={error}"), harmless, MayTell: true);
        }
    }

    private static IEnumerable<FaultCase> Unnoticed(NativeFunction function, long uses, int most, string outcome, string[] patterns) =>
        Spread(uses, most).Select(static use => use.ToString(CultureInfo.InvariantCulture)).Concat(patterns)
            .Select(which => new FaultCase($"{FunctionNames.Of(function)}:{which}={outcome}", MustSucceed: true));

    /// <summary>So many of the uses, evenly, with the first and the last.</summary>
    private static IEnumerable<long> Spread(long uses, int most)
    {
        if (uses <= most)
        {
            for (long use = 1; use <= uses; use++)
            {
                yield return use;
            }
        }
        else
        {
            for (int i = 0; i < most; i++)
            {
                yield return 1 + ((uses - 1) * i / (most - 1));
            }
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
