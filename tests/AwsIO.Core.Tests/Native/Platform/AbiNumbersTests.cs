using AwsIO.Native.Platform;

namespace AwsIO.Tests.NativeCalls.Platform;

/// <summary>
/// The numbers of all three platforms, written down a second time: from their headers, and in another form than the values in src.
/// </summary>
public sealed class AbiNumbersTests
{
    // Each row: what the headers call it, then macOS, FreeBSD, Linux. "-" is for what a platform does not have. MSG_NOSIGNAL is in
    // macOS's newest headers only, as 0x80000. Older systems may not know it, and SO_NOSIGPIPE covers all of them: 0 is passed there.
    private const string Table = """
        AF_UNIX                 1           1           1
        AF_INET                 2           2           2
        AF_INET6                30          28          10
        SOCK_NONBLOCK           -           0x20000000  0x800
        SOCK_CLOEXEC            -           0x10000000  0x80000
        SOL_SOCKET              0xffff      0xffff      1
        SO_REUSEADDR            4           4           2
        SO_REUSEPORT            0x200       0x200       15
        SO_KEEPALIVE            8           8           9
        SO_BROADCAST            0x20        0x20        6
        SO_OOBINLINE            0x100       0x100       10
        SO_SNDBUF               0x1001      0x1001      7
        SO_RCVBUF               0x1002      0x1002      8
        SO_RCVLOWAT             0x1004      0x1004      18
        SO_SNDTIMEO             0x1005      0x1005      21
        SO_RCVTIMEO             0x1006      0x1006      20
        SO_ERROR                0x1007      0x1007      4
        SO_TYPE                 0x1008      0x1008      3
        SO_LINGER               0x1080      0x80        13
        SO_ACCEPTCONN           2           2           30
        SO_NOSIGPIPE            0x1022      0x800       -
        SO_NWRITE               0x1024      -           -
        MSG_NOSIGNAL            0           0x20000     0x4000
        MSG_PEEK                2           2           2
        MSG_TRUNC               0x10        0x10        0x20
        MSG_CTRUNC              0x20        0x20        8
        MSG_WAITALL             0x40        0x40        0x100
        MSG_DONTWAIT            0x80        0x80        0x40
        TCP_NODELAY             1           1           1
        TCP_KEEPIDLE            0x10        0x100       4
        TCP_KEEPINTVL           0x101       0x200       5
        TCP_KEEPCNT             0x102       0x400       6
        TCP_NOPUSH              4           4           3
        IPV6_V6ONLY             27          27          26
        IP_TTL                  4           4           2
        IP_TOS                  3           3           1
        IPV6_UNICAST_HOPS       4           4           16
        SOMAXCONN               128         128         4096
        SO_BINDTODEVICE         -           -           25
        IP_BOUND_IF             25          -           -
        IPV6_BOUND_IF           125         -           -
        SOL_PEERCRED            0           0           1
        SO_PEERCRED             1           1           17
        LOCAL_PEERPID           2           -           -
        TCP_USER_TIMEOUT        0x80        -           18
        TCP_QUICKACK            -           -           12
        TCP_DEFER_ACCEPT        -           -           9
        IPV6_TCLASS             36          61          67
        F_GETFD                 1           1           1
        F_SETFD                 2           2           2
        F_GETFL                 3           3           3
        F_SETFL                 4           4           4
        F_DUPFD_CLOEXEC         67          17          1030
        FD_CLOEXEC              1           1           1
        O_NONBLOCK              4           4           0x800
        O_CLOEXEC               0x1000000   0x100000    0x80000
        FIONBIO                 0x8004667e  0x8004667e  0x5421
        FIONREAD                0x4004667f  0x4004667f  0x541b
        FIOCLEX                 0x20006601  0x20006601  0x5451
        FIONWRITE               -           0x40046677  0x5411
        CLOCK_MONOTONIC         6           4           1
        EAI_AGAIN               2           2           -3
        EAI_BADFLAGS            3           3           -1
        EAI_FAIL                4           4           -4
        EAI_FAMILY              5           5           -6
        EAI_MEMORY              6           6           -10
        EAI_NODATA              -           -           -5
        EAI_NONAME              8           8           -2
        EAI_SERVICE             9           9           -8
        EAI_SOCKTYPE            10          10          -7
        EAI_SYSTEM              11          11          -11
        EAI_OVERFLOW            14          14          -12
        AI_ALL                  0x100       0x100       0x10
        AI_ADDRCONFIG           0x400       0x400       0x20
        AI_V4MAPPED             0x800       0x800       8
        AI_NUMERICSERV          0x1000      8           0x400
        EVFILT_USER             -10         -11         -
        """;

    // The same for layouts: sizes and offsets in bytes.
    private const string LayoutTable = """
        sizeof(kevent)              32   64   -
        sizeof(sockaddr_un)         106  106  110
        addrinfo.ai_addr            32   32   24
        addrinfo.ai_canonname       24   24   32
        sizeof(msghdr)              48   48   56
        msghdr.msg_iovlen           24   24   24
        sizeof(msg_iovlen)          4    4    8
        msghdr.msg_control          32   32   32
        msghdr.msg_controllen       40   40   40
        sizeof(msg_controllen)      4    4    8
        msghdr.msg_flags            44   44   48
        sizeof(cmsghdr)             12   12   16
        sizeof(cmsg_len)            4    4    8
        cmsg alignment              4    8    8
        sizeof(timespec)            16   16   16
        sizeof(timeval)             16   16   16
        sizeof(tv_usec)             4    8    8
        sizeof(ucred)               76   88   12
        ucred.uid                   4    4    4
        ucred.gid                   12   12   8
        ucred.pid                   -    80   0
        """;

    // What the headers have beside and src does without, and why. Who comes to use one moves it to a table above.
    private static readonly Dictionary<string, string> s_leftOut = new(StringComparer.Ordinal)
    {
        ["EV_SYSFLAGS"] = "The kernel's own mask: of an event that is returned only EV_ERROR and EV_EOF are looked at.",
        ["EV_UDATA_SPECIFIC"] = "macOS's 0x100: a descriptor has one event of each filter.",
        ["EV_FORCEONESHOT"] = "FreeBSD's 0x100: nothing is armed for one event only.",
        ["SO_LINGER_SEC"] = "Stands in the table as SO_LINGER: macOS's own SO_LINGER, 0x80, counts in ticks.",
        ["TCP_FASTOPEN"] = "Upstream has no option for it; by its number it can be set as any other.",
        ["TCP_CONNECTIONTIMEOUT"] = "macOS alone has it: a timer of the loop limits a connect on each platform alike.",
        ["F_SETNOSIGPIPE"] = "macOS alone has it: SO_NOSIGPIPE does for sockets, and a write to a pipe keeps the signal from its thread.",
        ["AI_PASSIVE"] = "1 on each platform; listeners bind to addresses, and look nothing up.",
        ["AI_CANONNAME"] = "2 on each platform; nobody is told of a canonical name.",
        ["AI_NUMERICHOST"] = "4 on each platform; addresses in text are read without the system's resolver.",
    };

    private static readonly Dictionary<string, Func<Abi, long?>> s_ours = new(StringComparer.Ordinal)
    {
        ["AF_UNIX"] = static abi => abi.Sockets.FamilyUnix,
        ["AF_INET"] = static abi => abi.Sockets.FamilyIPv4,
        ["AF_INET6"] = static abi => abi.Sockets.FamilyIPv6,
        ["SOCK_NONBLOCK"] = static abi => abi.Sockets.TypeNonBlocking,
        ["SOCK_CLOEXEC"] = static abi => abi.Sockets.TypeCloseOnExec,
        ["SOL_SOCKET"] = static abi => abi.Sockets.LevelSocket,
        ["SO_REUSEADDR"] = static abi => abi.Sockets.ReuseAddress,
        ["SO_REUSEPORT"] = static abi => abi.Sockets.ReusePort,
        ["SO_KEEPALIVE"] = static abi => abi.Sockets.KeepAlive,
        ["SO_BROADCAST"] = static abi => abi.Sockets.Broadcast,
        ["SO_OOBINLINE"] = static abi => abi.Sockets.OutOfBandInline,
        ["SO_SNDBUF"] = static abi => abi.Sockets.SendBuffer,
        ["SO_RCVBUF"] = static abi => abi.Sockets.ReceiveBuffer,
        ["SO_RCVLOWAT"] = static abi => abi.Sockets.ReceiveLowWater,
        ["SO_SNDTIMEO"] = static abi => abi.Sockets.SendTimeout,
        ["SO_RCVTIMEO"] = static abi => abi.Sockets.ReceiveTimeout,
        ["SO_ERROR"] = static abi => abi.Sockets.Error,
        ["SO_TYPE"] = static abi => abi.Sockets.Type,
        ["SO_LINGER"] = static abi => abi.Sockets.Linger,
        ["SO_ACCEPTCONN"] = static abi => abi.Sockets.AcceptConnections,
        ["SO_NOSIGPIPE"] = static abi => abi.Sockets.NoSigPipe,
        ["SO_NWRITE"] = static abi => abi.Sockets.BytesToSend,
        ["MSG_NOSIGNAL"] = static abi => abi.Sockets.MessageNoSignal,
        ["MSG_PEEK"] = static abi => abi.Sockets.MessagePeek,
        ["MSG_TRUNC"] = static abi => abi.Sockets.MessageTruncated,
        ["MSG_CTRUNC"] = static abi => abi.Sockets.MessageControlTruncated,
        ["MSG_WAITALL"] = static abi => abi.Sockets.MessageWaitAll,
        ["MSG_DONTWAIT"] = static abi => abi.Sockets.MessageDontWait,
        ["TCP_NODELAY"] = static abi => abi.Sockets.TcpNoDelay,
        ["TCP_KEEPIDLE"] = static abi => abi.Sockets.TcpKeepIdle,
        ["TCP_KEEPINTVL"] = static abi => abi.Sockets.TcpKeepInterval,
        ["TCP_KEEPCNT"] = static abi => abi.Sockets.TcpKeepCount,
        ["TCP_NOPUSH"] = static abi => abi.Sockets.TcpNoPush,
        ["IPV6_V6ONLY"] = static abi => abi.Sockets.IPv6Only,
        ["IP_TTL"] = static abi => abi.Sockets.IPTimeToLive,
        ["IP_TOS"] = static abi => abi.Sockets.IPTypeOfService,
        ["IPV6_UNICAST_HOPS"] = static abi => abi.Sockets.IPv6UnicastHops,
        ["SOMAXCONN"] = static abi => abi.Sockets.MaxBacklog,
        ["SO_BINDTODEVICE"] = static abi => abi.Sockets.BindToDevice,
        ["IP_BOUND_IF"] = static abi => abi.Sockets.IPBoundInterface,
        ["IPV6_BOUND_IF"] = static abi => abi.Sockets.IPv6BoundInterface,
        ["SOL_PEERCRED"] = static abi => abi.Sockets.CredentialsLevel,
        ["SO_PEERCRED"] = static abi => abi.Sockets.CredentialsOption,
        ["LOCAL_PEERPID"] = static abi => abi.Sockets.ProcessOption,
        ["TCP_USER_TIMEOUT"] = static abi => abi.Sockets.TcpUserTimeout,
        ["TCP_QUICKACK"] = static abi => abi.Sockets.TcpQuickAck,
        ["TCP_DEFER_ACCEPT"] = static abi => abi.Sockets.TcpDeferAccept,
        ["IPV6_TCLASS"] = static abi => abi.Sockets.IPv6TrafficClass,
        ["F_GETFD"] = static abi => abi.Files.GetDescriptorFlags,
        ["F_SETFD"] = static abi => abi.Files.SetDescriptorFlags,
        ["F_GETFL"] = static abi => abi.Files.GetStatusFlags,
        ["F_SETFL"] = static abi => abi.Files.SetStatusFlags,
        ["F_DUPFD_CLOEXEC"] = static abi => abi.Files.DuplicateCloseOnExec,
        ["FD_CLOEXEC"] = static abi => abi.Files.DescriptorCloseOnExec,
        ["O_NONBLOCK"] = static abi => abi.Files.NonBlocking,
        ["O_CLOEXEC"] = static abi => abi.Files.CloseOnExec,
        ["FIONBIO"] = static abi => abi.Files.IoctlNonBlocking,
        ["FIONREAD"] = static abi => abi.Files.IoctlBytesToRead,
        ["FIOCLEX"] = static abi => abi.Files.IoctlCloseOnExec,
        ["FIONWRITE"] = static abi => abi.Files.IoctlBytesToSend,
        ["CLOCK_MONOTONIC"] = static abi => abi.Files.ClockMonotonic,
        ["EAI_AGAIN"] = static abi => abi.Resolver.TryAgain,
        ["EAI_BADFLAGS"] = static abi => abi.Resolver.BadFlags,
        ["EAI_FAIL"] = static abi => abi.Resolver.UnrecoverableFailure,
        ["EAI_FAMILY"] = static abi => abi.Resolver.FamilyNotSupported,
        ["EAI_MEMORY"] = static abi => abi.Resolver.OutOfMemory,
        ["EAI_NODATA"] = static abi => abi.Resolver.NoData,
        ["EAI_NONAME"] = static abi => abi.Resolver.NameNotFound,
        ["EAI_SERVICE"] = static abi => abi.Resolver.ServiceNotSupported,
        ["EAI_SOCKTYPE"] = static abi => abi.Resolver.SocketTypeNotSupported,
        ["EAI_SYSTEM"] = static abi => abi.Resolver.SystemFailure,
        ["EAI_OVERFLOW"] = static abi => abi.Resolver.Overflow,
        ["AI_ALL"] = static abi => abi.Resolver.FlagAll,
        ["AI_ADDRCONFIG"] = static abi => abi.Resolver.FlagConfiguredOnly,
        ["AI_V4MAPPED"] = static abi => abi.Resolver.FlagMappedIPv4,
        ["AI_NUMERICSERV"] = static abi => abi.Resolver.FlagNumericService,
        ["EVFILT_USER"] = static abi => abi.Kqueue?.FilterUser,
        ["sizeof(kevent)"] = static abi => abi.Kqueue?.EventSize,
        ["sizeof(sockaddr_un)"] = static abi => abi.Addresses.UnixSize,
        ["addrinfo.ai_addr"] = static abi => abi.Resolver.AddressOffset,
        ["addrinfo.ai_canonname"] = static abi => abi.Resolver.CanonicalNameOffset,
        ["sizeof(msghdr)"] = static abi => abi.Layouts.MessageHeaderSize,
        ["msghdr.msg_iovlen"] = static abi => abi.Layouts.MessageVectorCountOffset,
        ["sizeof(msg_iovlen)"] = static abi => abi.Layouts.MessageVectorCountSize,
        ["msghdr.msg_control"] = static abi => abi.Layouts.MessageControlOffset,
        ["msghdr.msg_controllen"] = static abi => abi.Layouts.MessageControlLengthOffset,
        ["sizeof(msg_controllen)"] = static abi => abi.Layouts.MessageControlLengthSize,
        ["msghdr.msg_flags"] = static abi => abi.Layouts.MessageFlagsOffset,
        ["sizeof(cmsghdr)"] = static abi => abi.Layouts.ControlHeaderSize,
        ["sizeof(cmsg_len)"] = static abi => abi.Layouts.ControlLengthSize,
        ["cmsg alignment"] = static abi => abi.Layouts.ControlAlignment,
        ["sizeof(timespec)"] = static abi => abi.Layouts.TimespecSize,
        ["sizeof(timeval)"] = static abi => abi.Layouts.TimevalSize,
        ["sizeof(tv_usec)"] = static abi => abi.Layouts.TimevalMicrosecondsSize,
        ["sizeof(ucred)"] = static abi => abi.Layouts.CredentialsSize,
        ["ucred.uid"] = static abi => abi.Layouts.CredentialsUserOffset,
        ["ucred.gid"] = static abi => abi.Layouts.CredentialsGroupOffset,
        ["ucred.pid"] = static abi => abi.Layouts.CredentialsProcessOffset,
    };

    [Fact]
    public void Numbers_are_those_of_each_platforms_headers() => Compare(AbiTable.Parse(Table));

    [Fact]
    public void Layouts_are_those_of_each_platforms_headers() => Compare(AbiTable.Parse(LayoutTable));

    [Fact]
    public void Every_number_that_src_has_stands_in_the_tables()
    {
        IEnumerable<string> rows = AbiTable.Parse(Table).Concat(AbiTable.Parse(LayoutTable)).Select(static row => row.Name);
        Assert.Equal(s_ours.Keys.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));

        // One value each, but for what is a constant, a duplicate or no number.
        int properties = new[]
        {
            typeof(SocketNumbers), typeof(FileNumbers), typeof(ResolverNumbers), typeof(StructLayouts), typeof(KqueueNumbers),
        }.Sum(static type => type.GetProperties(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)
            .Count(static property => property.PropertyType != typeof(bool) && property.Name != "EqualityContract"));
        Assert.Equal(properties + 1, s_ours.Count);
    }

    [Fact]
    public void What_is_left_out_has_no_value_and_a_reason()
    {
        // Each value of src has a row of its own, as another test sees to: so what is used stands there, and here no longer.
        Assert.Empty(s_leftOut.Keys.Intersect(s_ours.Keys, StringComparer.Ordinal));
        Assert.All(s_leftOut.Values, static reason => Assert.EndsWith(".", reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Events_have_the_same_fields_and_flags_wherever_there_is_a_kqueue()
    {
        Assert.Equal(
            [0, 8, 10, 12, 16, 24],
            [KqueueNumbers.IdentOffset, KqueueNumbers.FilterOffset, KqueueNumbers.FlagsOffset, KqueueNumbers.FilterFlagsOffset,
                KqueueNumbers.DataOffset, KqueueNumbers.UserDataOffset]);
        Assert.Equal([-1, -2], [KqueueNumbers.FilterRead, KqueueNumbers.FilterWrite]);
        Assert.Equal(
            [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x4000, 0x8000],
            [KqueueNumbers.Add, KqueueNumbers.Delete, KqueueNumbers.Enable, KqueueNumbers.Disable, KqueueNumbers.OneShot,
                KqueueNumbers.Clear, KqueueNumbers.Receipt, KqueueNumbers.Dispatch, KqueueNumbers.Error, KqueueNumbers.EndOfFile]);
        Assert.Equal(
            [0x01000000u, 1u, 0xC0000000u], [KqueueNumbers.NoteTrigger, KqueueNumbers.NoteLowWater, KqueueNumbers.NoteCopy]);
    }

    [Fact]
    public void Each_platform_has_the_calls_that_it_has()
    {
        Assert.Equal([false, true, true], AbiTable.All.Select(static abi => abi.Sockets.HasAccept4));
        Assert.Equal([false, true, true], AbiTable.All.Select(static abi => abi.Files.HasPipe2));
        Assert.Equal([true, false, false], AbiTable.All.Select(static abi => abi.Sockets.TcpUserTimeoutIsInSeconds));
        Assert.Equal([false, false, true], AbiTable.All.Select(static abi => abi.Sockets.AcceptedInheritOptions));
        Assert.Equal([true, false], new[] { Abi.Darwin, Abi.FreeBsd }.Select(static abi => abi.Kqueue!.AddsBothFiltersAtOnce));
        Assert.Equal([AbiKind.Darwin, AbiKind.FreeBsd, AbiKind.Linux], AbiTable.All.Select(static abi => abi.Kind));
        Assert.Null(Abi.Linux.Kqueue);
    }

    [Fact]
    public void The_current_platform_is_this_one() =>
        Assert.Same(OperatingSystem.IsMacOS() ? Abi.Darwin : OperatingSystem.IsFreeBSD() ? Abi.FreeBsd : Abi.Linux, Abi.Current);

    /// <summary>Linux's numbers, by the names that its headers have for them.</summary>
    internal static IEnumerable<(string Name, long Value)> OfLinux()
    {
        foreach (AbiRow row in AbiTable.Parse(Table))
        {
            string name = row.Name switch
            {
                "TCP_NOPUSH" => "TCP_CORK",
                "FIONWRITE" => "SIOCOUTQ",
                "SOL_PEERCRED" => "SOL_SOCKET",
                _ => row.Name,
            };

            // SOMAXCONN is another for each C library, and asks for nothing: the kernel cuts what is too large.
            if (row.Values[2] is { } value && name is not ("MSG_NOSIGNAL" or "SOMAXCONN"))
            {
                yield return (name, value);
            }
        }
    }

    private static void Compare(List<AbiRow> rows)
    {
        List<string> expected = [];
        List<string> actual = [];
        foreach (AbiRow row in rows)
        {
            expected.Add($"{row.Name}: {string.Join(' ', row.Values.Select(static value => value?.ToString() ?? "-"))}");
            actual.Add($"{row.Name}: {string.Join(' ', AbiTable.All.Select(abi => s_ours[row.Name](abi)?.ToString() ?? "-"))}");
        }

        Assert.Equal(expected, actual);
    }
}
