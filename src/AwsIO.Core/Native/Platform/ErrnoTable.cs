namespace AwsIO.Native.Platform;

/// <summary>
/// errno of the three platforms side by side. Inside AwsIO Linux's numbers count; on another platform the wrappers of
/// Native/ translate what a call has answered, and errors that users see are translated back.
/// </summary>
internal static class ErrnoTable
{
    // An error that Linux has no name for keeps its number, so far above all others that it meets none of them.
    private const int Foreign = 0x10000;
    private const int Missing = -1;

    private static readonly (string Name, int Linux, int Darwin, int FreeBsd)[] s_rows =
    [
        ("EDEADLK", 35, 11, 11),
        ("EAGAIN", 11, 35, 35),
        ("EINPROGRESS", 115, 36, 36),
        ("EALREADY", 114, 37, 37),
        ("ENOTSOCK", 88, 38, 38),
        ("EDESTADDRREQ", 89, 39, 39),
        ("EMSGSIZE", 90, 40, 40),
        ("EPROTOTYPE", 91, 41, 41),
        ("ENOPROTOOPT", 92, 42, 42),
        ("EPROTONOSUPPORT", 93, 43, 43),
        ("ESOCKTNOSUPPORT", 94, 44, 44),
        ("EOPNOTSUPP", 95, 102, 45),
        ("ENOTSUP", 95, 45, 45),
        ("EPFNOSUPPORT", 96, 46, 46),
        ("EAFNOSUPPORT", 97, 47, 47),
        ("EADDRINUSE", 98, 48, 48),
        ("EADDRNOTAVAIL", 99, 49, 49),
        ("ENETDOWN", 100, 50, 50),
        ("ENETUNREACH", 101, 51, 51),
        ("ENETRESET", 102, 52, 52),
        ("ECONNABORTED", 103, 53, 53),
        ("ECONNRESET", 104, 54, 54),
        ("ENOBUFS", 105, 55, 55),
        ("EISCONN", 106, 56, 56),
        ("ENOTCONN", 107, 57, 57),
        ("ESHUTDOWN", 108, 58, 58),
        ("ETOOMANYREFS", 109, 59, 59),
        ("ETIMEDOUT", 110, 60, 60),
        ("ECONNREFUSED", 111, 61, 61),
        ("ELOOP", 40, 62, 62),
        ("ENAMETOOLONG", 36, 63, 63),
        ("EHOSTDOWN", 112, 64, 64),
        ("EHOSTUNREACH", 113, 65, 65),
        ("ENOTEMPTY", 39, 66, 66),
        ("EUSERS", 87, 68, 68),
        ("EDQUOT", 122, 69, 69),
        ("ESTALE", 116, 70, 70),
        ("EREMOTE", 66, 71, 71),
        ("ENOLCK", 37, 77, 77),
        ("ENOSYS", 38, 78, 78),
        ("EOVERFLOW", 75, 84, 84),
        ("ECANCELED", 125, 89, 85),
        ("EIDRM", 43, 90, 82),
        ("ENOMSG", 42, 91, 83),
        ("EILSEQ", 84, 92, 86),
        ("EBADMSG", 74, 94, 89),
        ("EMULTIHOP", 72, 95, 90),
        ("ENODATA", 61, 96, Missing),
        ("ENOLINK", 67, 97, 91),
        ("ENOSR", 63, 98, Missing),
        ("ENOSTR", 60, 99, Missing),
        ("EPROTO", 71, 100, 92),
        ("ETIME", 62, 101, Missing),
        ("ENOTRECOVERABLE", 131, 104, 95),
        ("EOWNERDEAD", 130, 105, 96),
    ];

    private static readonly Maps s_darwin = new(static row => row.Darwin);
    private static readonly Maps s_freeBsd = new(static row => row.FreeBsd);

    /// <summary>The errno values that differ; every other one up to 34 is the same on all three.</summary>
    internal static ReadOnlySpan<(string Name, int Linux, int Darwin, int FreeBsd)> Rows => s_rows;

    internal static int ToCanonical(AbiKind kind, int native) => kind switch
    {
        AbiKind.Darwin => s_darwin.ToCanonical(native),
        AbiKind.FreeBsd => s_freeBsd.ToCanonical(native),
        _ => native,
    };

    internal static int ToNative(AbiKind kind, int canonical) => kind switch
    {
        AbiKind.Darwin => s_darwin.ToNative(canonical),
        AbiKind.FreeBsd => s_freeBsd.ToNative(canonical),
        _ => canonical,
    };

    private sealed class Maps
    {
        // 35 and above differ everywhere; below only 11 does.
        private const int FirstDifferent = 35;
        private const int DeadlockOnBsd = 11;

        private readonly int[] _canonical = new int[128];
        private readonly int[] _native = new int[256];

        internal Maps(Func<(string Name, int Linux, int Darwin, int FreeBsd), int> column)
        {
            for (int i = 0; i < _canonical.Length; i++)
            {
                _canonical[i] = i < FirstDifferent && i != DeadlockOnBsd ? i : Foreign + i;
            }

            for (int i = 0; i < _native.Length; i++)
            {
                _native[i] = i < FirstDifferent ? i : Missing;
            }

            foreach ((string Name, int Linux, int Darwin, int FreeBsd) row in s_rows)
            {
                int native = column(row);
                if (native == Missing)
                {
                    continue;
                }

                _canonical[native] = row.Linux;
                if (_native[row.Linux] < 0 || row.Linux < FirstDifferent)
                {
                    // Where two names of a platform share one on Linux, the first row is what goes back.
                    _native[row.Linux] = native;
                }
            }
        }

        internal int ToCanonical(int native) =>
            (uint)native < (uint)_canonical.Length ? _canonical[native] : Foreign + native;

        internal int ToNative(int canonical)
        {
            if (canonical >= Foreign)
            {
                return canonical - Foreign;
            }

            int native = (uint)canonical < (uint)_native.Length ? _native[canonical] : Missing;

            // The platform has no such error: its number on Linux says more than none.
            return native == Missing ? canonical : native;
        }
    }
}
