using System.Diagnostics.CodeAnalysis;

namespace AwsIO;

/// <summary>Either a value or an <see cref="IoError"/>.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct IoResult<T>
{
    private readonly T? _value;

    /// <summary>A success.</summary>
    /// <param name="value">The value.</param>
    public IoResult(T value)
    {
        _value = value;
        Error = IoError.None;
    }

    /// <summary>A failure.</summary>
    /// <param name="error">What went wrong; never <see cref="IoError.None"/>.</param>
    public IoResult(IoError error)
    {
        if (error.IsNone)
        {
            throw new ArgumentException("A failed result needs an error.", nameof(error));
        }

        _value = default;
        Error = error;
    }

    /// <summary>What went wrong; <see cref="IoError.None"/> for a success.</summary>
    public IoError Error { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsSuccess => Error.IsNone;

    /// <summary>The value of a success.</summary>
    /// <exception cref="InvalidOperationException">The result is a failure.</exception>
    public T Value => Error.IsNone ? _value! : throw new InvalidOperationException($"There is no value: {Error}.");

    /// <summary>Gives the value of a success.</summary>
    /// <param name="value">The value, or the type's default for a failure.</param>
    /// <returns>Whether there is a value.</returns>
    public bool TryGetValue([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return Error.IsNone;
    }

    /// <inheritdoc/>
    public override string ToString() => Error.IsNone ? $"{_value}" : Error.ToString();
}
