namespace AwsIO;

/// <summary>The sentence of an error that is told far more often than read: it is put together for who reads it.</summary>
internal abstract class ErrorSentence
{
    /// <summary>Puts the sentence together, the same each time. Any thread.</summary>
    /// <returns>The sentence.</returns>
    public abstract override string ToString();
}
