namespace AwsIO.SelfCheck;

/// <summary>One question to the kernel.</summary>
/// <param name="Name">What must hold, in a few words.</param>
/// <param name="Run">Asks; throws <see cref="CheckFailedException"/> when it does not hold, or <see cref="CheckSkippedException"/>.</param>
internal sealed record Check(string Name, Action Run);

/// <summary>How a check ended.</summary>
internal enum CheckState
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>What a check found.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="State">How it ended.</param>
/// <param name="Reason">Why, unless it passed.</param>
internal sealed record CheckResult(string Name, CheckState State, string Reason)
{
    public override string ToString()
    {
        string word = State switch
        {
            CheckState.Passed => "ok  ",
            CheckState.Failed => "FAIL",
            _ => "skip",
        };
        return Reason.Length == 0 ? $"{word}  {Name}" : $"{word}  {Name}: {Reason}";
    }
}

/// <summary>The kernel has answered something else.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);

/// <summary>There is nothing to check on this platform.</summary>
internal sealed class CheckSkippedException(string message) : Exception(message);

/// <summary>What checks say of answers.</summary>
internal static class Expect
{
    internal static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new CheckFailedException($"{what} is {actual}, not {expected}");
        }
    }

    internal static void True(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new CheckFailedException(otherwise);
        }
    }
}
