using System.Text;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>
/// A TLS provider that anybody could bring along: a greeting for a handshake, a mask for a cipher, a zero byte for a goodbye.
/// </summary>
internal sealed class MaskingProvider : ITlsProvider
{
    private int _sessions;
    private int _disposedSessions;

    public string Name => "Mask";

    internal int Sessions => Volatile.Read(ref _sessions);

    internal int DisposedSessions => Volatile.Read(ref _disposedSessions);

    internal int DisposedContexts { get; private set; }

    /// <summary>
    /// Has writes stop after a byte until something was received, as where a message of the protocol has come in part.
    /// </summary>
    internal bool WritesWaitForInput { get; set; }

    public IoResult<TlsProviderContext> CreateContext(TlsContextOptions options, bool isServer) => new(new Context(this));

    private sealed class Context(MaskingProvider provider) : TlsProviderContext
    {
        public override IoResult<TlsSession> CreateSession(TlsConnectionOptions options, ITlsTransport transport)
        {
            Interlocked.Increment(ref provider._sessions);
            return new(new Session(provider, options.ServerName, transport));
        }

        protected override void Dispose(bool disposing) => provider.DisposedContexts++;
    }

    private sealed class Session(MaskingProvider provider, string? name, ITlsTransport transport) : TlsSession
    {
        private const byte Goodbye = 0;
        private const byte Mask = 0x80;
        private static readonly byte[] s_greeting = Encoding.ASCII.GetBytes("HELLO");

        private readonly byte[] _theirs = new byte[5];
        private bool _greeted;
        private bool _stopped;
        private bool _ended;
        private int _got;
        private IoError _error;

        public override IoError Error => _error;

        public override TlsConnectionInfo Info => new() { Version = "Mask 1", CipherSuite = "XOR", ServerName = name };

        public override bool HasPending => _ended;

        public override TlsStep Handshake()
        {
            if (!_greeted)
            {
                _greeted = true;
                transport.WriteCiphertext(s_greeting);
            }

            _got += transport.ReadCiphertext(_theirs.AsSpan(_got));
            if (_got < s_greeting.Length)
            {
                return TlsStep.NeedsInput;
            }

            if (_theirs.AsSpan().SequenceEqual(s_greeting))
            {
                return TlsStep.Done;
            }

            _error = new IoError(IoErrorCode.TlsNegotiationFailure, "that was no greeting.");
            return TlsStep.Failed;
        }

        public override TlsStep Read(Span<byte> plaintext, out int count)
        {
            count = 0;
            if (_ended)
            {
                _ended = false;
                return TlsStep.Closed;
            }

            count = transport.ReadCiphertext(plaintext);
            for (int i = 0; i < count; i++)
            {
                if (plaintext[i] == Goodbye)
                {
                    count = i;
                    _ended = i > 0;
                    return i == 0 ? TlsStep.Closed : TlsStep.Done;
                }

                plaintext[i] ^= Mask;
            }

            if (count > 0)
            {
                // Not by &=: a test sets it on its own thread, and must not lose that to a read that brings nothing.
                provider.WritesWaitForInput = false;
            }

            return count == 0 ? TlsStep.NeedsInput : TlsStep.Done;
        }

        public override TlsStep Write(ReadOnlySpan<byte> plaintext, out int count)
        {
            bool waits = provider.WritesWaitForInput;
            count = waits ? _stopped ? 0 : 1 : plaintext.Length;
            _stopped = waits;
            byte[] masked = plaintext[..count].ToArray();
            for (int i = 0; i < masked.Length; i++)
            {
                masked[i] ^= Mask;
            }

            transport.WriteCiphertext(masked);
            return waits ? TlsStep.NeedsInput : TlsStep.Done;
        }

        public override void WriteCloseNotify() => transport.WriteCiphertext([Goodbye]);

        protected override void Dispose(bool disposing) => Interlocked.Increment(ref provider._disposedSessions);
    }
}
