using System.Globalization;

namespace AwsIO.Testing;

/// <summary>One rule of a <see cref="FaultPlan"/>: which uses of which function end how.</summary>
public sealed record FaultRule
{
    /// <summary>Makes a rule.</summary>
    /// <param name="function">The function.</param>
    /// <param name="uses">Which of its uses.</param>
    /// <param name="outcome">What becomes of them.</param>
    /// <exception cref="ArgumentException">The function has no such outcome; the message says what it has.</exception>
    public FaultRule(NativeFunction function, FaultUses uses, FaultOutcome outcome)
    {
        if (!FunctionNames.IsDefined(function))
        {
            throw new ArgumentOutOfRangeException(nameof(function), function, "There is no such function.");
        }

        if (FunctionNames.Refuses(function, outcome, out string? why))
        {
            throw new ArgumentException($"{why}.", nameof(outcome));
        }

        Function = function;
        Uses = uses;
        Outcome = outcome;
    }

    /// <summary>The function.</summary>
    public NativeFunction Function { get; }

    /// <summary>Which of its uses.</summary>
    public FaultUses Uses { get; }

    /// <summary>What becomes of them.</summary>
    public FaultOutcome Outcome { get; }

    /// <summary>Reads the rules of a plan's text: <c>recv:3=EAGAIN; send:*5=short(1); accept4:1-3=EMFILE</c>.</summary>
    /// <param name="plan">
    /// Rules with semicolons between them, each a function's name in C, a colon, uses and an outcome. Uses are <c>3</c>, <c>1-3</c>,
    /// <c>3-</c>, <c>*</c> for all, <c>*5</c> for every fifth, <c>2.5%@17</c> for some at random with the seed 17. Outcomes are an error's
    /// name in C, such as <c>EMFILE</c>, or <c>short(1)</c> with the most bytes. An empty text has no rules.
    /// </param>
    /// <returns>The rules.</returns>
    /// <exception cref="FormatException">The text cannot be read; the message says which part of it, and why.</exception>
    public static IReadOnlyList<FaultRule> Parse(string plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseOne)];
    }

    /// <summary>As a plan's text has it.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{FunctionNames.Of(Function)}:{Uses}={Outcome}";

    private static FaultRule ParseOne(string rule)
    {
        int colon = rule.IndexOf(':', StringComparison.Ordinal);
        int equals = rule.IndexOf('=', StringComparison.Ordinal);
        if (colon < 0 || equals < colon)
        {
            throw Unreadable(rule, "a rule is a function, a colon, its uses, an equals sign and an outcome, as in 'recv:3=EAGAIN'");
        }

        string name = rule[..colon].Trim();
        if (!FunctionNames.TryFind(name, out NativeFunction function))
        {
            throw Unreadable(rule, $"there is no function '{name}'. Known are {string.Join(", ", FunctionNames.All)}");
        }

        FaultUses uses = ParseUses(rule, rule[(colon + 1)..equals].Trim());
        FaultOutcome outcome = ParseOutcome(rule, rule[(equals + 1)..].Trim());
        return FunctionNames.Refuses(function, outcome, out string? why)
            ? throw Unreadable(rule, why)
            : new FaultRule(function, uses, outcome);
    }

    private static FaultUses ParseUses(string rule, string text)
    {
        if (text == "*")
        {
            return FaultUses.All;
        }

        if (text.StartsWith('*') && TryNumber(text[1..], out long interval))
        {
            return FaultUses.Every(interval);
        }

        if (text.IndexOf('%', StringComparison.Ordinal) is int percent and > 0
            && double.TryParse(text[..percent], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share)
            && share <= 100
            && TrySeed(text[(percent + 1)..], out int seed))
        {
            return FaultUses.Randomly(share / 100, seed);
        }

        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (TryNumber(dash < 0 ? text : text[..dash], out long first))
        {
            string rest = dash < 0 ? "" : text[(dash + 1)..];
            if (dash < 0)
            {
                return FaultUses.Number(first);
            }

            if (rest.Length == 0)
            {
                return FaultUses.From(first);
            }

            if (TryNumber(rest, out long last) && last >= first)
            {
                return FaultUses.Range(first, last);
            }
        }

        throw Unreadable(rule, $"'{text}' names no uses. They are counted from 1: '3', '1-3', '3-', '*', '*5', '2.5%@17'");
    }

    private static FaultOutcome ParseOutcome(string rule, string text)
    {
        if (FaultErrors.Knows(text))
        {
            return FaultOutcome.Fail(text);
        }

        if (text.StartsWith("short(", StringComparison.Ordinal) && text.EndsWith(')') && TryNumber(text[6..^1], out long length)
            && length <= int.MaxValue)
        {
            return FaultOutcome.Shorten((int)length);
        }

        throw Unreadable(rule, $"'{text}' is no outcome. It is 'short(1)', with the most bytes, or one of {FaultErrors.Names}");
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;

    private static bool TrySeed(string text, out int seed)
    {
        seed = 0;
        return text.Length == 0
            || (text[0] == '@' && int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out seed));
    }

    private static FormatException Unreadable(string rule, string why) => new($"The rule '{rule}' of a fault plan cannot be read: {why}.");
}
