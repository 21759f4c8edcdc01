using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.OpenSsl;

namespace AwsIO;

/// <summary>
/// A BIO of our own that reads from and writes to a session's transport: ciphertext goes straight from the received messages to
/// OpenSSL, and from OpenSSL into the messages that are sent.
/// </summary>
internal static unsafe class OpenSslBio
{
    private const int RetryFlags = 0x0F;
    private const int RetryRead = 0x01 | 0x08;
    private const int ControlFlush = 11;

    private static nint s_method;

    /// <summary>Makes a BIO whose data is the handle by which the session is found; 0 where there is no memory for it.</summary>
    internal static nint Create(GCHandle session)
    {
        nint method = Method();
        nint bio = method == 0 ? 0 : LibCrypto.BIO_new(method);
        if (bio != 0)
        {
            LibCrypto.BIO_set_data(bio, GCHandle.ToIntPtr(session));
            LibCrypto.BIO_set_init(bio, 1);
        }

        return bio;
    }

    /// <summary>One for all, for good; one that could not be made is tried again.</summary>
    private static nint Method()
    {
        nint known = Volatile.Read(ref s_method);
        if (known != 0)
        {
            return known;
        }

        nint made = MakeMethod();
        known = made == 0 ? 0 : Interlocked.CompareExchange(ref s_method, made, 0);
        if (known == 0)
        {
            return made;
        }

        // Another thread was faster.
        LibCrypto.BIO_meth_free(made);
        return known;
    }

    private static nint MakeMethod()
    {
        const int sourceSink = 0x0400;
        int index = LibCrypto.BIO_get_new_index();
        if (index < 0)
        {
            return 0;
        }

        nint method;
        fixed (byte* name = "AwsIO"u8)
        {
            method = LibCrypto.BIO_meth_new(index | sourceSink, name);
        }

        if (method == 0)
        {
            return 0;
        }

        _ = LibCrypto.BIO_meth_set_read(method, &OnRead);
        _ = LibCrypto.BIO_meth_set_write(method, &OnWrite);
        _ = LibCrypto.BIO_meth_set_ctrl(method, &OnControl);
        return method;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRead(nint bio, byte* buffer, int length)
    {
        // No exception may leave: below is native code. The session remembers it.
        OpenSslSession? session = OpenSslSession.Find(LibCrypto.BIO_get_data(bio));
        LibCrypto.BIO_clear_flags(bio, RetryFlags);
        int count = session?.ReadCiphertext(new Span<byte>(buffer, length)) ?? -1;
        if (count == 0)
        {
            LibCrypto.BIO_set_flags(bio, RetryRead);
            return -1;
        }

        return count;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrite(nint bio, byte* buffer, int length)
    {
        OpenSslSession? session = OpenSslSession.Find(LibCrypto.BIO_get_data(bio));
        LibCrypto.BIO_clear_flags(bio, RetryFlags);
        return session is not null && session.WriteCiphertext(new ReadOnlySpan<byte>(buffer, length)) ? length : -1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnControl(nint bio, int command, nint number, void* pointer) => command == ControlFlush ? 1 : 0;
}
