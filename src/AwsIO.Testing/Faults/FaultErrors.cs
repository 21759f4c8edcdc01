using AwsIO.Native.Unix;

namespace AwsIO.Testing;

/// <summary>Errors by their names in C.</summary>
internal static class FaultErrors
{
    // On Linux, and on macOS.
    private static readonly Dictionary<string, (int Linux, int Apple)> s_errnos = new(StringComparer.Ordinal)
    {
        ["EPERM"] = (1, 1),
        ["ENOENT"] = (2, 2),
        ["EINTR"] = (4, 4),
        ["EIO"] = (5, 5),
        ["EBADF"] = (9, 9),
        ["EAGAIN"] = (11, 35),
        ["ENOMEM"] = (12, 12),
        ["EACCES"] = (13, 13),
        ["EEXIST"] = (17, 17),
        ["ENODEV"] = (19, 19),
        ["EINVAL"] = (22, 22),
        ["ENFILE"] = (23, 23),
        ["EMFILE"] = (24, 24),
        ["ENOTTY"] = (25, 25),
        ["ENOSPC"] = (28, 28),
        ["EPIPE"] = (32, 32),
        ["ENOSYS"] = (38, 78),
        ["EPROTO"] = (71, 100),
        ["EDESTADDRREQ"] = (89, 39),
        ["EMSGSIZE"] = (90, 40),
        ["ENOPROTOOPT"] = (92, 42),
        ["EOPNOTSUPP"] = (95, 102),
        ["EAFNOSUPPORT"] = (97, 47),
        ["EADDRINUSE"] = (98, 48),
        ["EADDRNOTAVAIL"] = (99, 49),
        ["ENETDOWN"] = (100, 50),
        ["ENETUNREACH"] = (101, 51),
        ["ECONNABORTED"] = (103, 53),
        ["ECONNRESET"] = (104, 54),
        ["ENOBUFS"] = (105, 55),
        ["EISCONN"] = (106, 56),
        ["ENOTCONN"] = (107, 57),
        ["ETIMEDOUT"] = (110, 60),
        ["ECONNREFUSED"] = (111, 61),
        ["EHOSTDOWN"] = (112, 64),
        ["EHOSTUNREACH"] = (113, 65),
        ["EINPROGRESS"] = (115, 36),
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

    /// <summary>The platform's number for a known name.</summary>
    internal static int Number(string error) => s_lookUps.TryGetValue(error, out int code) ? code
        : OperatingSystem.IsMacOS() ? s_errnos[error].Apple
        : s_errnos[error].Linux;
}
