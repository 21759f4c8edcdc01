namespace AwsIO.Tasks;

/// <summary>Errors as exceptions, and what Core gives as values and tasks.</summary>
public static class IoErrorExtensions
{
    /// <summary>The exception that stands for an error.</summary>
    /// <param name="error">An error; not success.</param>
    /// <returns>An <see cref="IoException"/>.</returns>
    public static Exception ToException(this IoError error) => new IoException(error);

    /// <summary>The value of a success; throws the exception of a failure.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="result">The result.</param>
    /// <returns>The value.</returns>
    /// <exception cref="IoException">The result is a failure.</exception>
    public static T GetOrThrow<T>(this IoResult<T> result) => result.IsSuccess ? result.Value : throw result.Error.ToException();

    internal static InvalidOperationException Overlapping(string operation) =>
        new($"A {operation} is under way on this connection: await it before the next one starts.");

    internal static InvalidOperationException NothingToTake(string operation) =>
        new($"This {operation} is not over yet, or its result was taken before: await it once.");
}
