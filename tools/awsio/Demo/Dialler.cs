using System.Diagnostics;
using AwsIO.Tasks;

namespace AwsIO.Tool.Demo;

/// <summary>
/// Connects step by step at the callback level, so that TCP and TLS can be timed each for itself: a socket, a channel on it, a socket
/// handler, a TLS handler. A bootstrap does the same in one call.
/// </summary>
internal static class Dialler
{
    /// <summary>Connects a socket to the first address that answers.</summary>
    internal static async Task<(IoSocket Socket, TimeSpan Time)> ConnectAsync(EventLoop loop, IReadOnlyList<HostAddress> addresses, int port)
    {
        IoException? failure = null;
        foreach (HostAddress address in addresses)
        {
            try
            {
                return await ConnectAsync(loop, SocketEndpoint.Tcp(address.Address, port));
            }
            catch (IoException exception)
            {
                failure = exception;
            }
        }

        throw failure ?? new IoException(IoErrorCode.DnsNoAddressForHost);
    }

    /// <summary>Makes a channel with TLS on a connected socket, and a client at its end.</summary>
    internal static Task<(Peer Peer, TimeSpan Time)> SecureAsync(IoSocket socket, TlsConnectionOptions tls)
    {
        Securing securing = new(socket, tls);
        _ = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = socket.EventLoop!,
            OnSetup = static (channel, error, state) => ((Securing)state!).OnSetup(channel, error),
            OnShutdown = static (_, error, state) => ((Securing)state!).OnShutdown(error),
            State = securing,
        });
        return securing.Task;
    }

    private static Task<(IoSocket Socket, TimeSpan Time)> ConnectAsync(EventLoop loop, SocketEndpoint endpoint)
    {
        TaskCompletionSource<(IoSocket, TimeSpan)> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoSocket socket = IoSocket.Create(new SocketOptions { Domain = endpoint.Domain }).GetOrThrow();
        long begin = Stopwatch.GetTimestamp();
        IoError refused = socket.Connect(
            endpoint,
            loop,
            (connected, error, _) =>
            {
                TimeSpan time = Stopwatch.GetElapsedTime(begin);
                if (error.IsNone)
                {
                    source.SetResult((connected, time));
                }
                else
                {
                    connected.Dispose();
                    source.SetException(error.ToException());
                }
            },
            null);
        if (refused.IsError)
        {
            socket.Dispose();
            source.SetException(refused.ToException());
        }

        return source.Task;
    }

    /// <summary>A connection with TLS.</summary>
    internal sealed record Peer(EchoClient Client, IoChannel Channel, TlsConnectionInfo Tls, Task Ended);

    private sealed class Securing(IoSocket socket, TlsConnectionOptions tls)
    {
        private readonly TaskCompletionSource<(Peer, TimeSpan)> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _begin;

        internal Task<(Peer Peer, TimeSpan Time)> Task => _source.Task;

        internal void OnSetup(IoChannel channel, IoError error)
        {
            channel.AddLast(new SocketChannelHandler(socket));
            if (error.IsError)
            {
                channel.Shutdown(error);
                return;
            }

            tls.OnNegotiated = (handler, failure, _) => OnNegotiated(channel, handler, failure);
            TlsChannelHandler handler = new(tls);
            channel.AddLast(handler);
            _begin = Stopwatch.GetTimestamp();
            _ = handler.StartNegotiation();
        }

        internal void OnShutdown(IoError error)
        {
            _source.TrySetException((error.IsError ? error : IoErrorCode.SocketClosed).ToException());
            _ended.TrySetResult();
        }

        private void OnNegotiated(IoChannel channel, TlsChannelHandler handler, IoError error)
        {
            TimeSpan time = Stopwatch.GetElapsedTime(_begin);
            if (error.IsError)
            {
                _source.TrySetException(error.ToException());
                return;
            }

            EchoClient client = new();
            channel.AddLast(client);
            _source.TrySetResult((new Peer(client, channel, handler.Info!, _ended.Task), time));
        }
    }
}
