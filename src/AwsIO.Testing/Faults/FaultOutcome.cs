using System.Globalization;

namespace AwsIO.Testing;

/// <summary>What becomes of a use that a rule is about.</summary>
public readonly record struct FaultOutcome
{
    private readonly string? _error;

    private FaultOutcome(string? error, int maxLength)
    {
        _error = error;
        MaxLength = maxLength;
    }

    /// <summary>
    /// The error that is answered, by its name in C: <c>ENOMEM</c>, for getaddrinfo <c>EAI_AGAIN</c>; null for a use that is made, but
    /// shortened.
    /// </summary>
    public string? Error => _error;

    /// <summary>The most bytes, or events, that the call is offered; 0 for one that fails.</summary>
    public int MaxLength { get; }

    /// <summary>The call is not made: it answers an error.</summary>
    /// <param name="error">The error's name in C: <c>EMFILE</c>, <c>EAGAIN</c>, for getaddrinfo <c>EAI_AGAIN</c>.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentException">There is no such error.</exception>
    public static FaultOutcome Fail(string error)
    {
        ArgumentException.ThrowIfNullOrEmpty(error);
        return FaultErrors.Knows(error)
            ? new(error, 0)
            : throw new ArgumentException($"There is no error '{error}'. Known are {FaultErrors.Names}.", nameof(error));
    }

    /// <summary>The call is made, but with less: a read, or a write, moves no more than so many bytes, a wait brings no more events.</summary>
    /// <param name="maxLength">How much; at least 1.</param>
    /// <returns>The outcome.</returns>
    public static FaultOutcome Shorten(int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxLength);
        return new(null, maxLength);
    }

    /// <summary>As a plan's text has it: <c>EAGAIN</c>, <c>short(1)</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        _error ?? (MaxLength == 0 ? "nothing" : string.Create(CultureInfo.InvariantCulture, $"short({MaxLength})"));
}
