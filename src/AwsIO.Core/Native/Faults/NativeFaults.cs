using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.OpenSsl;
using AwsIO.Native.Unix;

namespace AwsIO.Native.Faults;

/// <summary>
/// Where the wrappers of <c>Native/</c> ask, right at each call, whether it is to be failed or cut short. Off, as it is unless a test
/// asks for it, nothing of this is left in optimized code.
/// </summary>
/// <remarks>
/// A wrapper writes <c>NativeFaults.IsOn &amp;&amp; NativeFaults.Fails(…) ? -1 : call(…)</c>, inside the loop that retries EINTR, so that
/// an EINTR from here is retried by the code that retries the kernel's.
/// </remarks>
internal static class NativeFaults
{
    /// <summary>The AppContext switch; <c>ILLink.Substitutions.xml</c> names it too.</summary>
    internal const string SwitchName = "AwsIO.Testing.Faults";

    /// <summary>The environment variable that stands in for the switch where that is not set.</summary>
    internal const string VariableName = "AWSIO_FAULTS";

    private static volatile NativeFaultSource? s_source;

    /// <summary>
    /// Whether faults can be asked for in this process. Decided once: the JIT takes it for a constant when it optimizes a wrapper.
    /// </summary>
    internal static bool IsOn { get; } = AppContext.TryGetSwitch(SwitchName, out bool isOn)
        ? isOn
        : Environment.GetEnvironmentVariable(VariableName) == "1";

    /// <summary>Who is asked; null for nobody, and then every call passes.</summary>
    internal static NativeFaultSource? Source
    {
        get => s_source;
        set => s_source = value;
    }

    /// <summary>Whether a use is to fail instead of being made; errno is set then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool Fails(NativeCall call, int descriptor = -1)
    {
        int error = Take(call, descriptor);
        if (error == 0)
        {
            return false;
        }

        Libc.SetErrno(error);
        return true;
    }

    /// <summary>Whether a use is to fail instead of being made. If it is to be made with less, the length is cut.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool Fails(NativeCall call, int descriptor, ref nuint length)
    {
        int error = Take(call, descriptor, out int maxLength);
        if (maxLength != 0)
        {
            length = Math.Min(length, (nuint)maxLength);
        }

        if (error == 0)
        {
            return false;
        }

        Libc.SetErrno(error);
        return true;
    }

    /// <summary>Whether a wait for events is to fail instead of being made. If it is to bring fewer, the capacity is cut.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool Fails(NativeCall call, int descriptor, ref int capacity)
    {
        nuint length = (nuint)capacity;
        bool fails = Fails(call, descriptor, ref length);
        capacity = (int)length;
        return fails;
    }

    /// <summary>Whether a use is to fail instead of being made. If it is to be made with less, the last buffers are cut.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static unsafe bool Fails(NativeCall call, int descriptor, IoVector* vectors, ref nuint count)
    {
        nuint length = nuint.MaxValue;
        bool fails = Fails(call, descriptor, ref length);
        for (nuint i = 0; i < count; i++)
        {
            if (vectors[i].Length >= length)
            {
                vectors[i].Length = length;
                count = i + 1;
            }

            length -= vectors[i].Length;
        }

        return fails;
    }

    /// <summary>Whether a look-up is to fail instead of being made.</summary>
    /// <param name="code">getaddrinfo's code then.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool FailsLookUp(out int code)
    {
        code = Take(NativeCall.GetAddrInfo, -1);
        if (code == Libc.SystemFailure)
        {
            // What lies behind it is read from errno: most often the resolver could not have a socket.
            Marshal.SetLastPInvokeError(Errno.EMFILE);
        }

        return code != 0;
    }

    /// <summary>Whether a function of OpenSSL is to find no memory; its error queue says so then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool FailsOpenSsl(NativeCall call)
    {
        if (Take(call, -1) == 0)
        {
            return false;
        }

        LibCrypto.RaiseOutOfMemory();
        return true;
    }

    /// <summary>The error that a close is to answer, or 0; it is made all the same, as the kernel's failing close is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int TakeClose(int descriptor)
    {
        Registrations.Forget(descriptor);
        return Take(NativeCall.Close, descriptor);
    }

    /// <summary>The error that a use is to answer, or 0. For wrappers that make the call all the same.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Take(NativeCall call, int descriptor) => Take(call, descriptor, out _);

    private static int Take(NativeCall call, int descriptor, out int maxLength)
    {
        NativeFault fault = s_source?.Take(call, descriptor) ?? default;
        maxLength = fault.MaxLength;
        if (call is not (NativeCall.EpollWait or NativeCall.EpollPwait2 or NativeCall.KeventWait) && (maxLength != 0 || fault.Error == Errno.EAGAIN))
        {
            Registrations.Rearm(descriptor);
        }

        return fault.Error;
    }
}
