using System.Globalization;

namespace AwsIO;

/// <summary>
/// An expected failure as a value: what went wrong, the native figure behind it, and a sentence that names the operation and the peer.
/// The default value is <see cref="None"/>: success.
/// </summary>
/// <remarks>Core never throws for an expected failure: callbacks and calls give this value. The facades turn it into an exception.</remarks>
public readonly struct IoError : IEquatable<IoError>
{
    // A string, or what makes one for who reads it.
    private readonly object? _detail;

    /// <summary>Makes an error from a code alone.</summary>
    /// <param name="code">What went wrong.</param>
    public IoError(IoErrorCode code)
        : this(code, 0, null)
    {
    }

    /// <summary>Makes an error from a code and a sentence.</summary>
    /// <param name="code">What went wrong.</param>
    /// <param name="detail">What was being done, with which peer, and what to do about it; null for the code's own text.</param>
    public IoError(IoErrorCode code, string? detail)
        : this(code, 0, detail)
    {
    }

    /// <summary>Makes an error from a code, the native figure behind it and a sentence.</summary>
    /// <param name="code">What went wrong.</param>
    /// <param name="nativeError">The errno value, or the TLS library's own number; 0 where there is none.</param>
    /// <param name="detail">What was being done, with which peer, and what to do about it; null for the code's own text.</param>
    public IoError(IoErrorCode code, int nativeError, string? detail)
    {
        Code = code;
        NativeError = nativeError;
        _detail = detail;
    }

    /// <summary>Makes an error whose sentence is put together only for who reads it: what does that must not change, and costs less.</summary>
    internal IoError(IoErrorCode code, ErrorSentence detail)
    {
        Code = code;
        _detail = detail;
    }

    /// <summary>Success.</summary>
    public static IoError None => default;

    /// <summary>What went wrong; <see cref="IoErrorCode.Success"/> for <see cref="None"/>.</summary>
    public IoErrorCode Code { get; }

    /// <summary>The errno value or the TLS library's own number; 0 where there is none.</summary>
    public int NativeError { get; }

    /// <summary>One sentence: what failed and why.</summary>
    public string Detail => _detail?.ToString() ?? IoErrorText.Describe(Code);

    /// <summary>True for success.</summary>
    public bool IsNone => Code == IoErrorCode.Success;

    /// <summary>True for a failure.</summary>
    public bool IsError => Code != IoErrorCode.Success;

    /// <summary>Whether the same operation may succeed when it is tried again later (<c>aws_io_error_code_is_retryable</c>).</summary>
    public bool IsTransient => Code is IoErrorCode.SocketClosed or IoErrorCode.SocketConnectAborted
        or IoErrorCode.SocketConnectionRefused or IoErrorCode.SocketNetworkDown or IoErrorCode.DnsQueryAgain
        or IoErrorCode.DnsNoAddressForHost or IoErrorCode.SocketTimeout or IoErrorCode.TlsNegotiationTimeout;

    /// <summary>Whether this is a failure of TLS (<c>aws_error_code_is_tls</c>).</summary>
    public bool IsTls => (int)Code is (>= 1029 and <= 1035) or 1067 or 1068 or 1071 or 1072 or 1178
        or (>= 1181 and <= 1194);

    /// <summary>Makes an error from a code, with the code's own text.</summary>
    /// <param name="code">What went wrong.</param>
    public static implicit operator IoError(IoErrorCode code) => new(code);

    /// <summary>Makes an error from a code, with the code's own text.</summary>
    /// <param name="code">What went wrong.</param>
    /// <returns>The error.</returns>
    public static IoError FromIoErrorCode(IoErrorCode code) => new(code);

    /// <summary>Whether both errors have the same code and native figure; the sentence does not count.</summary>
    /// <param name="left">One error.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(IoError left, IoError right) => left.Equals(right);

    /// <summary>Whether the errors differ in code or native figure.</summary>
    /// <param name="left">One error.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(IoError left, IoError right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(IoError other) => Code == other.Code && NativeError == other.NativeError;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IoError other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, NativeError);

    /// <summary>The sentence, the code and the native figure, as logs show them.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        if (IsNone)
        {
            return "no error";
        }

        string native = NativeError == 0 ? "" : "/" + NativeError.ToString(CultureInfo.InvariantCulture);
        return $"{Detail} ({Code}{native})";
    }
}
