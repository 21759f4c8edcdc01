using AwsIO.Native.Unix;

namespace AwsIO.Testing;

/// <summary>Errors by their names in C.</summary>
internal static class FaultErrors
{
    // As Linux numbers them, which is how the wrappers know them everywhere.
    private static readonly Dictionary<string, int> s_errnos = new(StringComparer.Ordinal)
    {
        ["EPERM"] = 1,
        ["ENOENT"] = 2,
        ["EINTR"] = 4,
        ["EIO"] = 5,
        ["EBADF"] = 9,
        ["EAGAIN"] = 11,
        ["ENOMEM"] = 12,
        ["EACCES"] = 13,
        ["EEXIST"] = 17,
        ["ENODEV"] = 19,
        ["EINVAL"] = 22,
        ["ENFILE"] = 23,
        ["EMFILE"] = 24,
        ["ENOTTY"] = 25,
        ["ENOSPC"] = 28,
        ["EPIPE"] = 32,
        ["ENOSYS"] = 38,
        ["EPROTO"] = 71,
        ["EDESTADDRREQ"] = 89,
        ["EMSGSIZE"] = 90,
        ["ENOPROTOOPT"] = 92,
        ["EOPNOTSUPP"] = 95,
        ["EAFNOSUPPORT"] = 97,
        ["EADDRINUSE"] = 98,
        ["EADDRNOTAVAIL"] = 99,
        ["ENETDOWN"] = 100,
        ["ENETUNREACH"] = 101,
        ["ECONNABORTED"] = 103,
        ["ECONNRESET"] = 104,
        ["ENOBUFS"] = 105,
        ["EISCONN"] = 106,
        ["ENOTCONN"] = 107,
        ["ETIMEDOUT"] = 110,
        ["ECONNREFUSED"] = 111,
        ["EHOSTDOWN"] = 112,
        ["EHOSTUNREACH"] = 113,
        ["EINPROGRESS"] = 115,
    };

    private static readonly Dictionary<string, int> s_lookUps = new(StringComparer.Ordinal)
    {
        ["EAI_NONAME"] = Libc.NameNotFound,
        ["EAI_AGAIN"] = Libc.TryAgain,
        ["EAI_FAIL"] = Libc.UnrecoverableFailure,
        ["EAI_NODATA"] = Libc.NoData,
        ["EAI_MEMORY"] = Libc.OutOfMemory,
        ["EAI_SYSTEM"] = Libc.SystemFailure,
    };

    /// <summary>All names, for messages.</summary>
    internal static string Names => string.Join(", ", s_errnos.Keys.Concat(s_lookUps.Keys));

    internal static bool Knows(string error) => s_errnos.ContainsKey(error) || s_lookUps.ContainsKey(error);

    internal static bool IsLookUps(string error) => s_lookUps.ContainsKey(error);

    /// <summary>The number for a known name by which the wrappers know it: Linux's, on every platform.</summary>
    internal static int Number(string error) => s_lookUps.TryGetValue(error, out int code) ? code : s_errnos[error];
}
