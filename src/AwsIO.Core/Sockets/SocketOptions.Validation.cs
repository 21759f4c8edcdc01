using System.Text;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>What is legal.</summary>
public sealed partial class SocketOptions
{
    private const int LargestBuffer = int.MaxValue / 2;

    /// <summary>The most whole seconds that a kernel takes in all of its options.</summary>
    private const int MostSeconds = 32767;

    private static readonly TimeSpan s_longestUserTimeout = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>Says which option is wrong and what is legal, or gives no error.</summary>
    internal IoError Validate()
    {
        if (Type is < IoSocketType.Stream or > IoSocketType.Datagram)
        {
            return Invalid($"Type is {(int)Type}, which is no socket type.");
        }

        if (Domain is < SocketDomain.IPv4 or > SocketDomain.Vsock)
        {
            return Invalid($"Domain is {(int)Domain}, which is no socket domain.");
        }

        if (Domain == SocketDomain.Vsock && Type == IoSocketType.Datagram)
        {
            return Invalid("Domain is Vsock and Type is Datagram; AwsIO has VSOCK for streams alone.");
        }

        if (ConnectTimeout != Timeout.InfiniteTimeSpan && ConnectTimeout <= TimeSpan.Zero)
        {
            return Invalid($"ConnectTimeout is {ConnectTimeout}; it must be more than zero, or Timeout.InfiniteTimeSpan for none.");
        }

        IoError error = ValidateImplementation();
        error = error.IsError ? error : Seconds(nameof(KeepAliveIdleTime), KeepAliveIdleTime, 1);
        error = error.IsError ? error : Seconds(nameof(KeepAliveInterval), KeepAliveInterval, 1);
        error = error.IsError ? error : Range(nameof(KeepAliveProbes), KeepAliveProbes, 1, 127);
        error = error.IsError ? error : Seconds(nameof(Linger), Linger, 0);
        error = error.IsError ? error : Seconds(nameof(DeferAccept), DeferAccept, 1);
        error = error.IsError ? error : Range(nameof(SendBufferSize), SendBufferSize, 1, LargestBuffer);
        error = error.IsError ? error : Range(nameof(ReceiveBufferSize), ReceiveBufferSize, 1, LargestBuffer);
        error = error.IsError ? error : Range(nameof(TypeOfService), TypeOfService, 0, 255);
        error = error.IsError ? error : Range(nameof(TimeToLive), TimeToLive, 1, 255);
        return error.IsError ? error : ValidateRest();
    }

    /// <summary>Refuses what cannot carry a channel, or gives no error.</summary>
    internal IoError ValidateForChannel() => Type == IoSocketType.Stream
        ? IoError.None
        : Invalid($"Type is {Type}; a channel stands on a stream. IoSocket sends and receives datagrams.");

    internal static bool IsInterfaceName(string name) =>
        name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal)
        && Encoding.UTF8.GetByteCount(name) <= LibcInterfaces.MaxNameLength;

    private IoError ValidateImplementation() => Implementation switch
    {
        SocketImplementation.PlatformDefault or SocketImplementation.Posix => IoError.None,
        SocketImplementation.Winsock or SocketImplementation.AppleNetworkFramework => new IoError(
            IoErrorCode.PlatformNotSupported,
            $"Implementation is {Implementation}, which this platform does not have; PlatformDefault and Posix are there."),
        _ => Invalid($"Implementation is {(int)Implementation}, which is no socket implementation."),
    };

    private IoError ValidateRest()
    {
        if (UserTimeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout > s_longestUserTimeout))
        {
            return Invalid($"UserTimeout is {timeout}; it must be between 1 ms and {int.MaxValue} ms.");
        }

        if (NetworkInterface is { } name && !IsInterfaceName(name))
        {
            return Invalid(
                $"NetworkInterface is '{name}'; the name of a network interface has 1 to {LibcInterfaces.MaxNameLength} bytes and no NUL.");
        }

        if (RawOptions is null || RawOptions.Contains(null!))
        {
            return Invalid("RawOptions is null, or has an element that is; leave it empty for none.");
        }

        return Domain == SocketDomain.Vsock && !SockAddr.HasVsock
            ? new IoError(IoErrorCode.PlatformNotSupported, "Domain is Vsock, but only Linux has VSOCK sockets.")
            : ValidateForPlatform(Abi.Current.Sockets);
    }

    /// <summary>Refuses what a platform does not have, where it would count.</summary>
    internal IoError ValidateForPlatform(SocketNumbers numbers)
    {
        if (Domain is not (SocketDomain.IPv4 or SocketDomain.IPv6))
        {
            return IoError.None;
        }

        int? boundInterface = Domain == SocketDomain.IPv4 ? numbers.IPBoundInterface : numbers.IPv6BoundInterface;
        return NetworkInterface is not null && numbers.BindToDevice is null && boundInterface is null ? Lacking(nameof(NetworkInterface))
            : UserTimeout is not null && numbers.TcpUserTimeout is null ? Lacking(nameof(UserTimeout))
            : QuickAck is not null && numbers.TcpQuickAck is null ? Lacking(nameof(QuickAck))
            : DeferAccept is not null && numbers.TcpDeferAccept is null ? Lacking(nameof(DeferAccept))
            : IoError.None;
    }

    private static IoError Seconds(string name, TimeSpan? value, int least) =>
        value is { } time
            && (time < TimeSpan.FromSeconds(least) || time > TimeSpan.FromSeconds(MostSeconds) || time.Ticks % TimeSpan.TicksPerSecond != 0)
            ? Invalid($"{name} is {time}; it must be {least} to {MostSeconds} whole seconds.")
            : IoError.None;

    private static IoError Range(string name, int? value, int least, int most) =>
        value < least || value > most ? Invalid($"{name} is {value}; it must be between {least} and {most}.") : IoError.None;

    private static IoError Lacking(string name) =>
        new(IoErrorCode.PlatformNotSupported, $"{name} is set, but this platform has no such option; leave it null here.");

    private static IoError Invalid(string detail) => new(IoErrorCode.SocketInvalidOptions, detail);
}
