using AwsIO.Testing;

namespace AwsIO.Tests.Shared.Refusals;

/// <summary>What each function can answer, by its manual page and by what kernels were seen to do.</summary>
internal static class FaultTable
{
    /// <summary>Errors after which something may end otherwise than well.</summary>
    internal static string[] Errors(NativeFunction function) => function switch
    {
        NativeFunction.Socket => ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EACCES", "EAFNOSUPPORT"],
        NativeFunction.Connect => ["ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT", "EADDRNOTAVAIL", "ENOBUFS", "EAGAIN"],
        NativeFunction.Bind => ["EADDRINUSE", "EACCES", "ENOMEM"],
        NativeFunction.Listen => ["EADDRINUSE", "ENOBUFS"],
        NativeFunction.Accept4 => ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED", "EPROTO", "EPERM", "ENETDOWN"],
        NativeFunction.Recv => ["ECONNRESET", "ETIMEDOUT", "ENOMEM", "ENOBUFS"],
        NativeFunction.Send or NativeFunction.SendMsg => ["EPIPE", "ECONNRESET", "ENOBUFS", "ENOMEM"],
        NativeFunction.SendTo or NativeFunction.SendMMsg => ["ECONNREFUSED", "EMSGSIZE", "ENETUNREACH", "EPERM", "ENOMEM"],
        NativeFunction.RecvMsg or NativeFunction.RecvMMsg => ["ECONNREFUSED", "ENOMEM", "ENOBUFS"],
        NativeFunction.Shutdown => ["ENOTCONN"],
        NativeFunction.SetSockOpt => ["EINVAL", "ENOPROTOOPT", "ENOMEM"],
        NativeFunction.GetSockOpt => ["ENOBUFS", "ENOMEM"],
        NativeFunction.GetSockName => ["ENOBUFS"],
        NativeFunction.Close => ["EIO", "ENOSPC"],
        NativeFunction.Read => ["EIO"],
        NativeFunction.Write => ["EPIPE", "EIO"],
        NativeFunction.Pipe2 => ["EMFILE", "ENFILE"],
        NativeFunction.Ioctl => ["ENOTTY", "EINVAL"],
        NativeFunction.GetAddrInfo => ["EAI_AGAIN", "EAI_FAIL", "EAI_MEMORY", "EAI_NODATA", "EAI_NONAME", "EAI_SYSTEM"],
        NativeFunction.PthreadCreate => ["EAGAIN"],
        NativeFunction.SchedGetAffinity => ["EINVAL"],
        NativeFunction.SchedSetAffinity => ["EINVAL", "EPERM"],
        NativeFunction.GetPeerName => ["ENOBUFS", "EINVAL"],
        NativeFunction.Fcntl => ["EINVAL"],
        NativeFunction.IfNameToIndex => ["ENODEV", "EMFILE"],
        NativeFunction.EventFd => ["EMFILE", "ENFILE", "ENOMEM", "ENODEV"],
        NativeFunction.EpollCreate1 => ["EMFILE", "ENFILE", "ENOMEM"],
        NativeFunction.EpollCtl => ["ENOMEM", "ENOSPC"],
        NativeFunction.Kqueue => ["EMFILE", "ENFILE", "ENOMEM"],
        NativeFunction.Kevent => ["ENOMEM"],
        >= NativeFunction.BioMethNew => ["ENOMEM"],
        _ => [],
    };

    /// <summary>Whether a signal can interrupt the function: the wrapper makes it again, and nobody sees it.</summary>
    internal static bool CanBeInterrupted(NativeFunction function) => function
        is NativeFunction.Connect or NativeFunction.Accept4 or NativeFunction.Recv or NativeFunction.Send or NativeFunction.SendMsg
            or NativeFunction.Read or NativeFunction.Write or NativeFunction.EventFdWrite or NativeFunction.EpollWait
            or NativeFunction.EpollPwait2 or NativeFunction.Close or NativeFunction.Kevent or NativeFunction.KeventTrigger
            or NativeFunction.KeventWait or NativeFunction.SendTo or NativeFunction.RecvMsg or NativeFunction.SendMMsg
            or NativeFunction.RecvMMsg;

    /// <summary>Whether the function can find nothing to do just now: an event says when there is.</summary>
    internal static bool CanBlock(NativeFunction function) => function
        is NativeFunction.Accept4 or NativeFunction.Recv or NativeFunction.Send or NativeFunction.SendMsg or NativeFunction.Read
            or NativeFunction.Write or NativeFunction.SendTo or NativeFunction.RecvMsg or NativeFunction.SendMMsg
            or NativeFunction.RecvMMsg;

    /// <summary>Whether the function can do a part of what it was asked for.</summary>
    internal static bool CanBeShort(NativeFunction function) => function
        is NativeFunction.Recv or NativeFunction.Send or NativeFunction.SendMsg or NativeFunction.Read or NativeFunction.Write
            or NativeFunction.EpollWait or NativeFunction.EpollPwait2 or NativeFunction.KeventWait or NativeFunction.SendMMsg
            or NativeFunction.RecvMMsg;

    /// <summary>
    /// Functions whose failure nothing depends on: an option that was not set is logged, a descriptor is closed whatever close says, and
    /// what could not be accepted is accepted a little later; a loop that cannot be kept on its processors runs on others.
    /// </summary>
    internal static bool IsHarmless(NativeFunction function) => function
        is NativeFunction.SetSockOpt or NativeFunction.Close or NativeFunction.Accept4 or NativeFunction.SchedSetAffinity
            or NativeFunction.GetPeerName;
}
