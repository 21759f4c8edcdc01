namespace AwsIO.Tasks;

/// <summary>An <see cref="IoError"/> as an exception: what the facade throws for every expected failure.</summary>
public sealed class IoException : IOException
{
    /// <summary>Makes the exception of an error.</summary>
    /// <param name="error">What went wrong.</param>
    public IoException(IoError error)
        : base(error.ToString())
    {
        Error = error;
        HResult = (int)error.Code;
    }

    /// <summary>The error, as the callback level gives it.</summary>
    public IoError Error { get; }

    /// <summary>What went wrong.</summary>
    public IoErrorCode ErrorCode => Error.Code;

    /// <summary>The errno value or the TLS library's own number; 0 where there is none.</summary>
    public int NativeError => Error.NativeError;

    /// <summary>Whether the same operation may succeed when it is tried again later.</summary>
    public bool IsTransient => Error.IsTransient;
}
