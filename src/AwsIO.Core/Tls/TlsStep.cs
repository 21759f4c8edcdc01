namespace AwsIO;

/// <summary>How far a step of a TLS session came.</summary>
public enum TlsStep
{
    /// <summary>It is done: the handshake is over, or plaintext was given.</summary>
    Done,

    /// <summary>It needs more of the peer's ciphertext.</summary>
    NeedsInput,

    /// <summary>The peer has said that nothing more will come (close_notify).</summary>
    Closed,

    /// <summary>It failed for good; <see cref="TlsSession.Error"/> says why.</summary>
    Failed,
}
