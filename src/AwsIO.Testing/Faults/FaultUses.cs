namespace AwsIO.Testing;

/// <summary>Which uses of a function a rule is about. Uses are counted from 1, each function's for itself, from the plan's start on.</summary>
public readonly record struct FaultUses
{
    private readonly Kind _kind;
    private readonly long _first;
    private readonly long _last;
    private readonly double _probability;

    private FaultUses(Kind kind, long first, long last, double probability = 0)
    {
        _kind = kind;
        _first = first;
        _last = last;
        _probability = probability;
    }

    private enum Kind
    {
        None,
        Range,
        Every,
        Random,
    }

    /// <summary>Every use: <c>*</c>.</summary>
    public static FaultUses All => new(Kind.Every, 1, 0);

    /// <summary>One use: <c>3</c>.</summary>
    /// <param name="number">Which, from 1.</param>
    /// <returns>That use.</returns>
    public static FaultUses Number(long number) => Range(number, number);

    /// <summary>A use and all after it: <c>3-</c>.</summary>
    /// <param name="first">The first, from 1.</param>
    /// <returns>Those uses.</returns>
    public static FaultUses From(long first) => Range(first, long.MaxValue);

    /// <summary>A run of uses: <c>1-3</c>.</summary>
    /// <param name="first">The first, from 1.</param>
    /// <param name="last">The last.</param>
    /// <returns>Those uses.</returns>
    public static FaultUses Range(long first, long last)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        return new(Kind.Range, first, last);
    }

    /// <summary>Every so many-th use: <c>*5</c> is the 5th, the 10th and so on.</summary>
    /// <param name="interval">From one to the next.</param>
    /// <returns>Those uses.</returns>
    public static FaultUses Every(long interval)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interval);
        return new(Kind.Every, interval, 0);
    }

    /// <summary>
    /// Some uses at random, the same ones each time for the same seed: <c>2.5%@17</c>, or <c>2.5%</c> for the seed 0.
    /// </summary>
    /// <param name="probability">How many of all, from 0 to 1.</param>
    /// <param name="seed">Which.</param>
    /// <returns>Those uses.</returns>
    public static FaultUses Randomly(double probability, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probability, 1);
        return new(Kind.Random, seed, 0, probability);
    }

    /// <summary>As a plan's text has it.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => FormattableString.Invariant(_kind switch
    {
        Kind.Range when _first == _last => $"{_first}",
        Kind.Range when _last == long.MaxValue => $"{_first}-",
        Kind.Range => $"{_first}-{_last}",
        Kind.Every when _first == 1 => $"*",
        Kind.Every => $"*{_first}",
        Kind.Random when _first == 0 => $"{_probability * 100}%",
        Kind.Random => $"{_probability * 100}%@{_first}",
        _ => $"none",
    });

    internal bool Include(long use, NativeFunction function) => _kind switch
    {
        Kind.Range => use >= _first && use <= _last,
        Kind.Every => use % _first == 0,
        Kind.Random => Draw(_first, function, use) < _probability,
        _ => false,
    };

    /// <summary>A figure from 0 to 1 that depends on the use's number alone, whatever thread comes first (SplitMix64).</summary>
    private static double Draw(long seed, NativeFunction function, long use)
    {
        ulong state = unchecked(((ulong)seed * 0x9E3779B97F4A7C15) + ((ulong)function << 48) + ((ulong)use * 0xD1B54A32D192ED03));
        state = unchecked((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9);
        state = unchecked((state ^ (state >> 27)) * 0x94D049BB133111EB);
        return ((state ^ (state >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
