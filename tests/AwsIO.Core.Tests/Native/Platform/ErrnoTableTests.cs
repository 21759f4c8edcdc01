using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO.Tests.NativeCalls.Platform;

public sealed class ErrnoTableTests
{
    private const string Table = """
        EPERM            1    1    1
        ENOENT           2    2    2
        EINTR            4    4    4
        EBADF            9    9    9
        ENOMEM           12   12   12
        EACCES           13   13   13
        EEXIST           17   17   17
        EINVAL           22   22   22
        ENFILE           23   23   23
        EMFILE           24   24   24
        EPIPE            32   32   32
        EDEADLK          11   11   35
        EAGAIN           35   35   11
        EINPROGRESS      36   36   115
        EALREADY         37   37   114
        ENOTSOCK         38   38   88
        EDESTADDRREQ     39   39   89
        EMSGSIZE         40   40   90
        EPROTOTYPE       41   41   91
        ENOPROTOOPT      42   42   92
        EPROTONOSUPPORT  43   43   93
        ESOCKTNOSUPPORT  44   44   94
        EOPNOTSUPP       102  45   95
        EPFNOSUPPORT     46   46   96
        EAFNOSUPPORT     47   47   97
        EADDRINUSE       48   48   98
        EADDRNOTAVAIL    49   49   99
        ENETDOWN         50   50   100
        ENETUNREACH      51   51   101
        ENETRESET        52   52   102
        ECONNABORTED     53   53   103
        ECONNRESET       54   54   104
        ENOBUFS          55   55   105
        EISCONN          56   56   106
        ENOTCONN         57   57   107
        ESHUTDOWN        58   58   108
        ETOOMANYREFS     59   59   109
        ETIMEDOUT        60   60   110
        ECONNREFUSED     61   61   111
        ELOOP            62   62   40
        ENAMETOOLONG     63   63   36
        EHOSTDOWN        64   64   112
        EHOSTUNREACH     65   65   113
        ENOTEMPTY        66   66   39
        EUSERS           68   68   87
        EDQUOT           69   69   122
        ESTALE           70   70   116
        EREMOTE          71   71   66
        ENOLCK           77   77   37
        ENOSYS           78   78   38
        EOVERFLOW        84   84   75
        ECANCELED        89   85   125
        EIDRM            90   82   43
        ENOMSG           91   83   42
        EILSEQ           92   86   84
        EBADMSG          94   89   74
        EMULTIHOP        95   90   72
        ENODATA          96   -    61
        ENOLINK          97   91   67
        ENOSR            98   -    63
        ENOSTR           99   -    60
        EPROTO           100  92   71
        ETIME            101  -    62
        ENOTRECOVERABLE  104  95   131
        EOWNERDEAD       105  96   130
        """;

    [Fact]
    public void Each_error_is_found_by_its_number_on_each_platform_and_goes_back()
    {
        foreach (AbiRow row in AbiTable.Parse(Table))
        {
            int canonical = (int)row.Values[2]!;
            foreach ((Abi abi, long? native) in AbiTable.All.Zip(row.Values))
            {
                if (native is { } number)
                {
                    Assert.Equal((row.Name, canonical), (row.Name, abi.ToCanonicalErrno((int)number)));
                    Assert.Equal((row.Name, (int)number), (row.Name, abi.ToNativeErrno(canonical)));
                }
            }
        }
    }

    [Fact]
    public void Every_error_that_src_knows_stands_in_the_table()
    {
        HashSet<string> rows = [.. AbiTable.Parse(Table).Select(static row => row.Name)];
        foreach ((string name, int linux, int darwin, int freeBsd) in ErrnoTable.Rows)
        {
            // A second name of EOPNOTSUPP.
            Assert.True(name == "ENOTSUP" || rows.Contains(name), $"{name} {linux} {darwin} {freeBsd}");
        }
    }

    [Fact]
    public void Two_errors_of_macos_that_are_one_on_linux_come_in_as_that_one() =>
        Assert.Equal([95, 95], [Abi.Darwin.ToCanonicalErrno(45), Abi.Darwin.ToCanonicalErrno(102)]);

    [Fact]
    public void No_number_of_a_bsd_is_lost_or_taken_for_another_error()
    {
        foreach (Abi abi in new[] { Abi.Darwin, Abi.FreeBsd })
        {
            HashSet<int> seen = [];
            for (int native = 0; native < 300; native++)
            {
                int canonical = abi.ToCanonicalErrno(native);
                bool isSecondName = abi.Kind == AbiKind.Darwin && native == 102;
                Assert.True(seen.Add(canonical) || isSecondName, $"{abi.Kind} {native} is {canonical}, and so is another.");
                Assert.Equal(abi.Kind == AbiKind.Darwin && native == 45 ? 102 : native, abi.ToNativeErrno(canonical));
            }
        }
    }

    [Fact]
    public void Numbers_that_mean_something_else_on_linux_do_not_keep_theirs()
    {
        // 35 is EDEADLK on Linux, 11 EAGAIN: taken as they are, a read that would block would be a failure.
        foreach (Abi abi in new[] { Abi.Darwin, Abi.FreeBsd })
        {
            Assert.Equal(Errno.EAGAIN, abi.ToCanonicalErrno(35));
            Assert.NotEqual(Errno.EAGAIN, abi.ToCanonicalErrno(11));
            Assert.Equal(Errno.EINPROGRESS, abi.ToCanonicalErrno(36));
            Assert.Equal(Errno.ECONNRESET, abi.ToCanonicalErrno(54));
            Assert.Equal(Errno.ECONNREFUSED, abi.ToCanonicalErrno(61));
        }
    }

    [Fact]
    public void On_linux_nothing_is_translated()
    {
        for (int errno = 0; errno < 200; errno++)
        {
            Assert.Equal(errno, Abi.Linux.ToCanonicalErrno(errno));
            Assert.Equal(errno, Abi.Linux.ToNativeErrno(errno));
        }
    }

    [Fact]
    public void An_error_of_linux_that_a_bsd_does_not_have_keeps_its_number() =>
        Assert.Equal([61, 4000], [Abi.FreeBsd.ToNativeErrno(61), Abi.FreeBsd.ToNativeErrno(4000)]);
}
