using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using AwsIO.Native.Linux;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;
using AwsIO.Tests.NativeCalls.Platform;

namespace AwsIO.Tests.NativeCalls;

/// <summary>Compiles a C program that prints what the system's headers say, and compares.</summary>
public sealed class HeaderConstantsTests
{
    [Fact]
    public void Numbers_and_layouts_are_those_of_the_systems_headers()
    {
        Dictionary<string, long> ours = Ours();
        StringBuilder program = new();
        program.Append(
            "#define _GNU_SOURCE\n#include <stddef.h>\n#include <stdio.h>\n#include <errno.h>\n#include <fcntl.h>\n"
            + "#include <linux/sockios.h>\n#include <sys/ioctl.h>\n#include <time.h>\n#include <net/if.h>\n#include <netdb.h>\n#include <netinet/in.h>\n#include <netinet/tcp.h>\n#include <sys/epoll.h>\n"
            + "#include <sys/eventfd.h>\n#include <sys/socket.h>\n#include <sys/syscall.h>\n#include <sys/uio.h>\n#include <linux/vm_sockets.h>\n#include <sys/un.h>\n"
            + "#ifndef SYS_epoll_pwait2\n#define SYS_epoll_pwait2 441\n#endif\nint main(void) {\n");
        foreach (string expression in ours.Keys)
        {
            program.Append(CultureInfo.InvariantCulture, $"printf(\"%lld\\n\", (long long)({expression}));\n");
        }

        program.Append("return 0; }\n");
        string[] lines = CompileAndRun(program.ToString());

        Assert.Equal(
            ours.Select(static pair => $"{pair.Key} = {pair.Value}"),
            ours.Keys.Zip(lines, static (name, value) => $"{name} = {value}"));
    }

    private static Dictionary<string, long> Ours()
    {
        Dictionary<string, long> ours = new(StringComparer.Ordinal)
        {
            ["EPOLLIN"] = LibcEpoll.In,
            ["EPOLLOUT"] = LibcEpoll.Out,
            ["EPOLLERR"] = LibcEpoll.Error,
            ["EPOLLHUP"] = LibcEpoll.HangUp,
            ["EPOLLRDHUP"] = LibcEpoll.ReadHangUp,
            ["(unsigned int)EPOLLET"] = LibcEpoll.EdgeTriggered,
            ["EPOLL_CTL_ADD"] = Number(typeof(LibcEpoll), "OperationAdd"),
            ["EPOLL_CTL_DEL"] = Number(typeof(LibcEpoll), "OperationDelete"),
            ["EPOLL_CLOEXEC"] = Number(typeof(LibcEpoll), "CloseOnExec"),
            ["EFD_CLOEXEC"] = 0x80000,
            ["EFD_NONBLOCK"] = 0x800,
            ["O_CLOEXEC"] = 0x80000,
            ["O_NONBLOCK"] = 0x800,
            ["SYS_epoll_pwait2"] = Number(typeof(LibcEpoll), "WaitWithTimespec"),
            ["sizeof(struct epoll_event)"] = EpollEventBuffer.Stride,
            ["offsetof(struct epoll_event, data)"] = EpollEventBuffer.Stride - 8,
            ["AF_UNIX"] = SocketConstants.FamilyUnix,
            ["AF_INET"] = SocketConstants.FamilyIPv4,
            ["AF_INET6"] = SocketConstants.FamilyIPv6,
            ["SOCK_STREAM"] = SocketConstants.TypeStream,
            ["SOCK_NONBLOCK"] = SocketConstants.NonBlocking,
            ["SOCK_CLOEXEC"] = SocketConstants.CloseOnExec,
            ["MSG_NOSIGNAL"] = SocketConstants.NoSignal,
            ["SHUT_RD"] = SocketConstants.ShutdownRead,
            ["SHUT_WR"] = SocketConstants.ShutdownWrite,
            ["SOL_SOCKET"] = SocketConstants.LevelSocket,
            ["SO_REUSEADDR"] = SocketConstants.ReuseAddress,
            ["SO_ERROR"] = SocketConstants.Error,
            ["SO_KEEPALIVE"] = SocketConstants.KeepAlive,
            ["SO_LINGER"] = SocketConstants.Linger,
            ["IPPROTO_TCP"] = SocketConstants.LevelTcp,
            ["TCP_NODELAY"] = SocketConstants.TcpNoDelay,
            ["TCP_KEEPIDLE"] = SocketConstants.TcpKeepIdle,
            ["TCP_KEEPINTVL"] = SocketConstants.TcpKeepInterval,
            ["TCP_KEEPCNT"] = SocketConstants.TcpKeepCount,
            ["IPPROTO_IP"] = SocketConstants.LevelIP,
            ["IPPROTO_IPV6"] = SocketConstants.LevelIPv6,
            ["IPV6_V6ONLY"] = SocketConstants.IPv6Only,
            ["EAI_NONAME"] = Libc.NameNotFound,
            ["EAI_AGAIN"] = Libc.TryAgain,
            ["EAI_FAIL"] = Libc.UnrecoverableFailure,
            ["EAI_NODATA"] = Libc.NoData,
            ["EAI_MEMORY"] = Libc.OutOfMemory,
            ["EAI_SYSTEM"] = Libc.SystemFailure,
            ["sizeof(((struct sockaddr_un *)0)->sun_path) - 1"] = SockAddr.MaxUnixPath,
            ["sizeof(struct addrinfo)"] = Marshal.SizeOf<AddrInfo>(),
            ["offsetof(struct addrinfo, ai_addr)"] = Offset<AddrInfo>(nameof(AddrInfo.Address)),
            ["offsetof(struct addrinfo, ai_next)"] = Offset<AddrInfo>(nameof(AddrInfo.Next)),
            ["sizeof(struct msghdr)"] = Marshal.SizeOf<MessageHeader>(),
            ["offsetof(struct msghdr, msg_iov)"] = Offset<MessageHeader>(nameof(MessageHeader.Vectors)),
            ["offsetof(struct msghdr, msg_iovlen)"] = Offset<MessageHeader>(nameof(MessageHeader.VectorCount)),
            ["offsetof(struct msghdr, msg_flags)"] = Offset<MessageHeader>(nameof(MessageHeader.Flags)),
            ["sizeof(struct iovec)"] = Marshal.SizeOf<IoVector>(),
            ["offsetof(struct iovec, iov_len)"] = Offset<IoVector>(nameof(IoVector.Length)),
        };
        foreach ((string name, long value) in AbiNumbersTests.OfLinux())
        {
            ours[name] = value;
        }

        foreach ((string name, int linux, _, _) in ErrnoTable.Rows)
        {
            ours[name] = linux;
        }

        StructLayouts layouts = Abi.Linux.Layouts;
        ours["sizeof(struct msghdr)"] = layouts.MessageHeaderSize;
        ours["offsetof(struct msghdr, msg_iovlen)"] = layouts.MessageVectorCountOffset;
        ours["sizeof(((struct msghdr *)0)->msg_iovlen)"] = layouts.MessageVectorCountSize;
        ours["offsetof(struct msghdr, msg_control)"] = layouts.MessageControlOffset;
        ours["offsetof(struct msghdr, msg_controllen)"] = layouts.MessageControlLengthOffset;
        ours["offsetof(struct msghdr, msg_flags)"] = layouts.MessageFlagsOffset;
        ours["sizeof(struct cmsghdr)"] = layouts.ControlHeaderSize;
        ours["CMSG_ALIGN(1)"] = layouts.ControlAlignment;
        ours["sizeof(struct timespec)"] = layouts.TimespecSize;
        ours["sizeof(struct timeval)"] = layouts.TimevalSize;
        ours["sizeof(struct ucred)"] = layouts.CredentialsSize;
        ours["offsetof(struct ucred, uid)"] = layouts.CredentialsUserOffset;
        ours["offsetof(struct ucred, gid)"] = layouts.CredentialsGroupOffset;
        ours["offsetof(struct ucred, pid)"] = layouts.CredentialsProcessOffset!.Value;
        ours["IFNAMSIZ - 1"] = LibcInterfaces.MaxNameLength;
        ours["sizeof(struct sockaddr_un)"] = Abi.Linux.Addresses.UnixSize;
        ours["AF_VSOCK"] = Abi.Linux.Addresses.FamilyVsock!.Value;
        ours["sizeof(struct sockaddr_vm)"] = SockAddrLayout.VsockSize;
        ours["offsetof(struct sockaddr_vm, svm_port)"] = SockAddrLayout.VsockPortOffset;
        ours["offsetof(struct sockaddr_vm, svm_cid)"] = SockAddrLayout.VsockCidOffset;
        ours["(unsigned int)VMADDR_CID_ANY"] = SocketEndpoint.VsockAnyCid;
        ours["VMADDR_CID_HOST"] = SocketEndpoint.VsockHostCid;
        ours["VMADDR_CID_LOCAL"] = SocketEndpoint.VsockLocalCid;
        ours["(unsigned int)VMADDR_PORT_ANY"] = SocketEndpoint.VsockAnyPort;
        ours["offsetof(struct addrinfo, ai_addr)"] = Abi.Linux.Resolver.AddressOffset;
        ours["offsetof(struct addrinfo, ai_canonname)"] = Abi.Linux.Resolver.CanonicalNameOffset;
        ours["offsetof(struct addrinfo, ai_addrlen)"] = ResolverNumbers.AddressLengthOffset;
        ours["offsetof(struct addrinfo, ai_socktype)"] = ResolverNumbers.SocketTypeOffset;
        ours["offsetof(struct addrinfo, ai_next)"] = ResolverNumbers.NextOffset;
        foreach (FieldInfo field in typeof(Errno).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Where(static f => f.IsLiteral))
        {
            ours[field.Name] = (int)field.GetRawConstantValue()!;
        }

        return ours;
    }

    private static long Number(Type type, string name) =>
        Convert.ToInt64(type.GetField(name, BindingFlags.Static | BindingFlags.NonPublic)!.GetRawConstantValue(), CultureInfo.InvariantCulture);

    private static long Offset<T>(string field) => (long)Marshal.OffsetOf<T>(field);

    private static string[] CompileAndRun(string program)
    {
        string folder = Directory.CreateTempSubdirectory("awsio-headers-").FullName;
        try
        {
            string source = Path.Combine(folder, "headers.c");
            string binary = Path.Combine(folder, "headers");
            File.WriteAllText(source, program);
            try
            {
                Run("cc", "-o", binary, source);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Assert.Skip("There is no C compiler 'cc' on this machine.");
            }

            return Run(binary).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string file, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
