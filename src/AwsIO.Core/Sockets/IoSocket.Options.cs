using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Options, by name and by number.</summary>
public sealed partial class IoSocket
{
    // The user has said by number whether an address may be bound again.
    private bool _reuseIsGiven;

    /// <summary>
    /// Changes the socket's options (<c>aws_socket_set_options</c>): those that are set are given to the system again, what is null
    /// stays as it is. For a connection that is being made, or a listener, some come too late to count.
    /// </summary>
    /// <remarks>On the loop's thread; anywhere while the socket has no loop.</remarks>
    /// <param name="options">The options, of the socket's own type and domain; copied.</param>
    /// <returns>
    /// <see cref="IoErrorCode.SocketInvalidOptions"/>, also for another type or domain; <see cref="IoErrorCode.PlatformNotSupported"/>,
    /// <see cref="IoErrorCode.NoPermission"/>, <see cref="IoErrorCode.SocketClosed"/>, <see cref="IoErrorCode.EventLoopThreadOnly"/>, or
    /// no error.
    /// </returns>
    public IoError Configure(SocketOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IoError error = CheckUsable();
        error = error.IsError ? error : options.Validate();
        if (error.IsError)
        {
            return error;
        }

        if (options.Domain != Options.Domain || options.Type != Options.Type)
        {
            return new IoError(
                IoErrorCode.SocketInvalidOptions,
                $"The options are for {options.Domain} and {options.Type}, but the socket is of {Options.Domain} and {Options.Type}.");
        }

        bool endsKeepAlive = Options.KeepAlive && !options.KeepAlive;
        bool endsNoDelay = Options.NoDelay && !options.NoDelay;
        Options = options.Freeze(options.Domain);
        if (endsKeepAlive && IsTcp)
        {
            ApplySoftly("SO_KEEPALIVE", SocketConstants.LevelSocket, SocketConstants.KeepAlive, 0);
        }

        if (endsNoDelay && IsTcp)
        {
            ApplySoftly("TCP_NODELAY", SocketConstants.LevelTcp, SocketConstants.TcpNoDelay, 0);
        }

        error = ApplyOptions();
        return error.IsNone && (_state & SocketStates.Listening) != 0 ? ApplyListenerOptions() : error;
    }

    /// <summary>Sets an option by its numbers: for what <see cref="SocketOptions"/> does not name.</summary>
    /// <remarks>On the loop's thread; anywhere while the socket has no loop.</remarks>
    /// <param name="level">The option's level, such as IPPROTO_TCP, as this platform numbers it.</param>
    /// <param name="name">The option's number.</param>
    /// <param name="value">Its value, byte for byte.</param>
    /// <returns>
    /// <see cref="IoErrorCode.SocketInvalidOptions"/> with the system's errno when it refuses, <see cref="IoErrorCode.SocketClosed"/>,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public IoError SetRawOption(int level, int name, ReadOnlySpan<byte> value)
    {
        IoError error = CheckUsable();
        return error.IsError ? error : ApplyRaw(level, name, value);
    }

    /// <summary>Reads an option by its numbers.</summary>
    /// <remarks>On the loop's thread; anywhere while the socket has no loop.</remarks>
    /// <param name="level">The option's level, such as IPPROTO_TCP, as this platform numbers it.</param>
    /// <param name="name">The option's number.</param>
    /// <param name="value">Where to; what does not fit is cut off.</param>
    /// <param name="length">How many bytes of it the system has written.</param>
    /// <returns>As for <see cref="SetRawOption"/>.</returns>
    public IoError GetRawOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        IoError error = CheckUsable();
        if (error.IsError)
        {
            return error;
        }

        int result = Libc.GetOption(_handle.Descriptor, level, name, value);
        if (result < 0)
        {
            return Refused($"Reading option {name} of level {level}", -result);
        }

        length = result;
        return IoError.None;
    }

    /// <summary>
    /// Who is at the other end of a Unix domain connection: the process that connected, or that let the socket listen, and whose it
    /// was then (SO_PEERCRED, LOCAL_PEERCRED).
    /// </summary>
    /// <remarks>On the loop's thread; anywhere while the socket has no loop.</remarks>
    /// <returns>
    /// The credentials; or <see cref="IoErrorCode.SocketInvalidOperationForType"/> for a socket of another domain,
    /// <see cref="IoErrorCode.SocketNotConnected"/>, <see cref="IoErrorCode.EventLoopThreadOnly"/>.
    /// </returns>
    public IoResult<PeerCredentials> GetPeerCredentials()
    {
        IoError error = CheckUsable();
        if (error.IsError)
        {
            return new(error.Code == IoErrorCode.SocketClosed ? NotConnected("asked for its peer") : error);
        }

        if (Options.Domain != SocketDomain.Local || IsDatagram)
        {
            return new(new IoError(
                IoErrorCode.SocketInvalidOperationForType,
                $"Only the peer of a Unix domain stream has credentials; this socket is of {Options.Domain} and {Options.Type}."));
        }

        if ((_state & (SocketStates.ConnectedRead | SocketStates.ConnectedWrite)) == 0)
        {
            return new(NotConnected("asked for its peer"));
        }

        SocketNumbers numbers = Abi.Current.Sockets;
        StructLayouts layouts = Abi.Current.Layouts;
        Span<byte> value = stackalloc byte[layouts.CredentialsSize];
        int result = Libc.GetOption(_handle.Descriptor, numbers.CredentialsLevel, numbers.CredentialsOption, value);
        if (result < 0)
        {
            return new(Errno.ToSocketError(-result, "Reading the peer's credentials"));
        }

        int process = 0;
        bool isTold = numbers.ProcessOption is { } option
            ? Libc.GetOption(_handle.Descriptor, numbers.CredentialsLevel, option, out process) == 0
            : layouts.CredentialsProcessOffset is { } offset && (process = BitConverter.ToInt32(value[offset..])) != 0;
        return new(new PeerCredentials(
            isTold ? process : null,
            BitConverter.ToUInt32(value[layouts.CredentialsUserOffset..]),
            BitConverter.ToUInt32(value[layouts.CredentialsGroupOffset..])));
    }

    private IoError CheckUsable() =>
        _loop is { IsOnLoop: false } ? IoErrorCode.EventLoopThreadOnly
        : IsOpen ? IoError.None
        : new IoError(IoErrorCode.SocketClosed, "The socket was closed.");

    /// <summary>Gives the system all options but those of listeners alone.</summary>
    private IoError ApplyOptions()
    {
        SocketNumbers numbers = Abi.Current.Sockets;
        IoError error = Apply(nameof(SocketOptions.SendBufferSize), SocketConstants.LevelSocket, numbers.SendBuffer, Options.SendBufferSize);
        error = error.IsError ? error
            : Apply(nameof(SocketOptions.ReceiveBufferSize), SocketConstants.LevelSocket, numbers.ReceiveBuffer, Options.ReceiveBufferSize);
        if (error.IsNone && IsIP)
        {
            if (IsTcp)
            {
                ApplyTcpSoftly();
            }

            error = ApplyTransport(numbers);
            error = error.IsError ? error : Options.Domain == SocketDomain.IPv4 ? ApplyIPv4(numbers) : ApplyIPv6(numbers);
            error = error.IsError ? error : ApplyInterface(numbers);
        }

        for (int i = 0; error.IsNone && i < Options.RawOptions.Count; i++)
        {
            RawSocketOption raw = Options.RawOptions[i];
            error = ApplyRaw(raw.Level, raw.Name, raw.Value.Span);
        }

        return error;
    }

    /// <summary>
    /// Lets an address be bound again whose connections of before are not quite over, unless the user has said otherwise. A socket that is
    /// not bound has no use for it.
    /// </summary>
    private void AllowRebinding()
    {
        // Datagrams leave nothing behind that would hinder a bind: with this a second socket could take the address away.
        if (!IsDatagram && !_reuseIsGiven)
        {
            ApplySoftly("SO_REUSEADDR", SocketConstants.LevelSocket, SocketConstants.ReuseAddress, 1);
        }
    }

    /// <summary>Gives an accepted socket its options. Where the system refuses one, that is logged: the connection stands.</summary>
    private void ApplyAcceptedOptions()
    {
        IoError error = Abi.Current.Sockets.AcceptedInheritOptions ? ApplyConnectedOptions() : ApplyOptions();
        if (error.IsError)
        {
            IoLog.SocketOptionFailed(_logger, "of the listener", _handle.Descriptor, error);
        }
    }

    /// <summary>Gives the system the options that count for a connection only once it stands.</summary>
    private IoError ApplyConnectedOptions() => Options.QuickAck is { } quick && IsTcp
        ? Apply(nameof(SocketOptions.QuickAck), SocketConstants.LevelTcp, Abi.Current.Sockets.TcpQuickAck!.Value, quick ? 1 : 0)
        : IoError.None;

    /// <summary>Gives the system the options that a connecting socket must not have.</summary>
    private IoError ApplyListenerOptions() => IsTcp && Options.DeferAccept is { } time
        ? Apply(nameof(SocketOptions.DeferAccept), SocketConstants.LevelTcp, Abi.Current.Sockets.TcpDeferAccept!.Value, (int)time.TotalSeconds)
        : IoError.None;

    private bool IsIP => Options.Domain is SocketDomain.IPv4 or SocketDomain.IPv6;

    private void ApplyTcpSoftly()
    {
        // What a new socket has not anyhow.
        if (Options.NoDelay)
        {
            ApplySoftly("TCP_NODELAY", SocketConstants.LevelTcp, SocketConstants.TcpNoDelay, 1);
        }

        if (!Options.KeepAlive)
        {
            return;
        }

        ApplySoftly("SO_KEEPALIVE", SocketConstants.LevelSocket, SocketConstants.KeepAlive, 1);
        if (Options.KeepAliveIdleTime is { } idle)
        {
            ApplySoftly("TCP_KEEPIDLE", SocketConstants.LevelTcp, SocketConstants.TcpKeepIdle, (int)idle.TotalSeconds);
        }

        if (Options.KeepAliveInterval is { } interval)
        {
            ApplySoftly("TCP_KEEPINTVL", SocketConstants.LevelTcp, SocketConstants.TcpKeepInterval, (int)interval.TotalSeconds);
        }

        if (Options.KeepAliveProbes is { } probes)
        {
            ApplySoftly("TCP_KEEPCNT", SocketConstants.LevelTcp, SocketConstants.TcpKeepCount, probes);
        }
    }

    private IoError ApplyTransport(SocketNumbers numbers)
    {
        IoError error = Options.ReusePort
            ? Apply(nameof(SocketOptions.ReusePort), SocketConstants.LevelSocket, numbers.ReusePort, 1)
            : IoError.None;
        if (error.IsNone && IsTcp && Options.Linger is { } linger)
        {
            int result = Libc.SetOption(
                _handle.Descriptor, SocketConstants.LevelSocket, SocketConstants.Linger, 1, (int)linger.TotalSeconds);
            error = result < 0 ? Refused($"Setting {nameof(SocketOptions.Linger)} to {linger}", -result) : IoError.None;
        }

        if (error.IsNone && IsTcp && Options.UserTimeout is { } timeout)
        {
            error = ApplyUserTimeout(numbers, timeout);
        }

        return error.IsError ? error : ApplyConnectedOptions();
    }

    private IoError ApplyUserTimeout(SocketNumbers numbers, TimeSpan timeout) => Apply(
        nameof(SocketOptions.UserTimeout),
        SocketConstants.LevelTcp,
        numbers.TcpUserTimeout!.Value,
        (int)Math.Ceiling(numbers.TcpUserTimeoutIsInSeconds ? timeout.TotalSeconds : timeout.TotalMilliseconds));

    private IoError ApplyIPv4(SocketNumbers numbers)
    {
        IoError error = Apply(nameof(SocketOptions.TypeOfService), SocketConstants.LevelIP, numbers.IPTypeOfService, Options.TypeOfService);
        return error.IsError ? error
            : Apply(nameof(SocketOptions.TimeToLive), SocketConstants.LevelIP, numbers.IPTimeToLive, Options.TimeToLive);
    }

    private IoError ApplyIPv6(SocketNumbers numbers)
    {
        int? only = Options.IPv6Only is { } value ? value ? 1 : 0 : null;

        // Once the socket is bound this one is settled.
        IoError error = (_state & SocketStates.Init) != 0
            ? Apply(nameof(SocketOptions.IPv6Only), SocketConstants.LevelIPv6, numbers.IPv6Only, only)
            : IoError.None;
        error = error.IsError ? error
            : Apply(nameof(SocketOptions.TypeOfService), SocketConstants.LevelIPv6, numbers.IPv6TrafficClass, Options.TypeOfService);
        return error.IsError ? error
            : Apply(nameof(SocketOptions.TimeToLive), SocketConstants.LevelIPv6, numbers.IPv6UnicastHops, Options.TimeToLive);
    }

    private IoError ApplyInterface(SocketNumbers numbers)
    {
        if (Options.NetworkInterface is not { } name)
        {
            return IoError.None;
        }

        int result;
        if (numbers.BindToDevice is { } byName)
        {
            Span<byte> bytes = stackalloc byte[LibcInterfaces.MaxNameLength + 1];
            int length = System.Text.Encoding.UTF8.GetBytes(name, bytes);
            result = Libc.SetOption(_handle.Descriptor, SocketConstants.LevelSocket, byName, bytes[..length]);
        }
        else
        {
            uint index = LibcInterfaces.IndexOf(name);
            if (index == 0)
            {
                return new IoError(IoErrorCode.SocketInvalidOptions, $"NetworkInterface is '{name}', which this machine does not have.");
            }

            result = Options.Domain == SocketDomain.IPv4
                ? Libc.SetOption(_handle.Descriptor, SocketConstants.LevelIP, numbers.IPBoundInterface!.Value, (int)index)
                : Libc.SetOption(_handle.Descriptor, SocketConstants.LevelIPv6, numbers.IPv6BoundInterface!.Value, (int)index);
        }

        return result < 0 ? Refused($"Setting {nameof(SocketOptions.NetworkInterface)} to '{name}'", -result) : IoError.None;
    }

    private IoError Apply(string name, int level, int option, int? value)
    {
        if (value is not { } number)
        {
            return IoError.None;
        }

        int result = Libc.SetOption(_handle.Descriptor, level, option, number);
        return result < 0 ? Refused($"Setting {name} to {number}", -result) : IoError.None;
    }

    private IoError ApplyRaw(int level, int name, ReadOnlySpan<byte> value)
    {
        _reuseIsGiven |= level == SocketConstants.LevelSocket && name == SocketConstants.ReuseAddress;
        int result = Libc.SetOption(_handle.Descriptor, level, name, value);
        return result < 0 ? Refused($"Setting option {name} of level {level}", -result) : IoError.None;
    }

    // As upstream: a socket without such an option still works, so that a refusal is only logged.
    private void ApplySoftly(string name, int level, int option, int value)
    {
        int result = Libc.SetOption(_handle.Descriptor, level, option, value);
        if (result < 0)
        {
            IoLog.SocketOptionFailed(_logger, name, _handle.Descriptor, Errno.ToSocketError(-result, $"Setting {name}"));
        }
    }

    private static IoError Refused(string operation, int errno) => new(
        errno is Errno.EPERM or Errno.EACCES ? IoErrorCode.NoPermission : IoErrorCode.SocketInvalidOptions,
        Errno.ToNative(errno),
        $"{operation} failed: {Errno.Describe(errno)}");
}
