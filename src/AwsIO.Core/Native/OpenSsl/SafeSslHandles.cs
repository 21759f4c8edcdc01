using System.Runtime.InteropServices;

namespace AwsIO.Native.OpenSsl;

/// <summary>Owns an <c>SSL_CTX</c>.</summary>
internal sealed class SafeSslContextHandle : SafeHandle
{
    internal SafeSslContextHandle(nint context)
        : base(0, ownsHandle: true) => SetHandle(context);

    public override bool IsInvalid => handle == 0;

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        return true;
    }
}

/// <summary>Owns an <c>SSL</c> with its BIO, and the handle by which native code finds the session.</summary>
internal sealed class SafeSslHandle : SafeHandle
{
    private readonly GCHandle _session;

    /// <summary>Takes over <paramref name="ssl"/> and <paramref name="session"/>.</summary>
    internal SafeSslHandle(nint ssl, GCHandle session)
        : base(0, ownsHandle: true)
    {
        _session = session;
        SetHandle(ssl);
    }

    public override bool IsInvalid => handle == 0;

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        _session.Free();
        return true;
    }
}
