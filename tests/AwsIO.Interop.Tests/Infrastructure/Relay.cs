using System.Net;
using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Infrastructure;

/// <summary>
/// Stands between a client and a server, on plain sockets of the runtime, and lets their TLS records through one by one: the test says
/// where it stops.
/// </summary>
internal sealed class Relay
{
    private readonly Socket _listener;
    private readonly int _target;
    private readonly object _gate = new();

    private Relay(Socket listener, int target, Func<RelayRecord, int?>? toServer, Func<RelayRecord, int?>? toClient)
    {
        _listener = listener;
        _target = target;
        ToServer = new RelayDirection(_gate, toServer);
        ToClient = new RelayDirection(_gate, toClient);
    }

    internal int Port => _listener.Port();

    /// <summary>What the client says.</summary>
    internal RelayDirection ToServer { get; }

    /// <summary>What the server says.</summary>
    internal RelayDirection ToClient { get; }

    /// <summary>Relays the next connection.</summary>
    /// <param name="test">Ends the relay.</param>
    /// <param name="target">The server's port.</param>
    /// <param name="toServer">Asked before each record of the client: null lets it pass, a number stops after so many of its bytes.</param>
    /// <param name="toClient">The same for the records of the server.</param>
    internal static Relay Start(
        ConnectionTest test, int target, Func<RelayRecord, int?>? toServer = null, Func<RelayRecord, int?>? toClient = null)
    {
        Relay relay = new(test.Listen("127.0.0.1"), target, toServer, toClient);
        Task running = relay.Run(test);
        test.After(() =>
        {
            relay._listener.Dispose();
            relay.ToServer.Close();
            relay.ToClient.Close();
            return running.Within("the relay's end");
        });
        return relay;
    }

    private async Task Run(ConnectionTest test)
    {
        try
        {
            Socket client = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
            test.After(client.Dispose);
            Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            test.After(server.Dispose);
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _target, TestContext.Current.CancellationToken);
            await Task.WhenAll(ToServer.Run(client, server), ToClient.Run(server, client));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over, or has taken a peer away.
        }
    }
}

/// <summary>One record on its way.</summary>
/// <param name="Index">How many went before it in its direction.</param>
/// <param name="Type">Its type: 20 change of cipher, 21 alert, 22 handshake, 23 data, or anything that is encrypted.</param>
/// <param name="Length">Its length with the header.</param>
internal readonly record struct RelayRecord(int Index, byte Type, int Length);

/// <summary>One direction of a relay.</summary>
internal sealed class RelayDirection(object gate, Func<RelayRecord, int?>? stop)
{
    private const int HeaderSize = 5;

    private readonly List<byte> _waiting = [];
    private readonly List<RelayRecord> _passed = [];
    private Func<RelayRecord, int?>? _stop = stop;
    private Socket? _from;
    private Socket? _to;
    private bool _stopped;

    /// <summary>Set once the direction stands still, with the record before which or in which it does.</summary>
    internal Signal<RelayRecord> Stopped { get; } = new();

    /// <summary>The records that went through.</summary>
    internal IReadOnlyList<RelayRecord> Passed
    {
        get
        {
            lock (gate)
            {
                return [.. _passed];
            }
        }
    }

    /// <summary>Where the bytes go; known once a record came.</summary>
    internal Socket Destination => _to!;

    /// <summary>Lets through what waits, and whatever comes after it.</summary>
    internal void Release()
    {
        lock (gate)
        {
            _stop = null;
            _stopped = false;
            if (_waiting.Count > 0)
            {
                // The rest of a record of which a part may have gone.
                Send(_waiting.Count);
            }
        }
    }

    /// <summary>Resets the connection to where the bytes go.</summary>
    internal void ResetDestination() => _to!.Reset();

    internal void Close()
    {
        _from?.Dispose();
        _to?.Dispose();
    }

    internal async Task Run(Socket from, Socket to)
    {
        _from = from;
        _to = to;
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                lock (gate)
                {
                    _waiting.AddRange(buffer.AsSpan(0, count));
                    Pass();
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            to.Reset();
        }
        catch (ObjectDisposedException)
        {
            // The other direction, or the test, has closed them.
        }
    }

    private void Pass()
    {
        while (!_stopped && _waiting.Count >= HeaderSize)
        {
            int length = HeaderSize + (_waiting[3] << 8) + _waiting[4];
            if (_waiting.Count < length)
            {
                return;
            }

            RelayRecord record = new(_passed.Count, _waiting[0], length);
            if (_stop?.Invoke(record) is { } part)
            {
                _stopped = true;
                Send(part);
                Stopped.Set(record);
                return;
            }

            Send(length);
            _passed.Add(record);
        }
    }

    private void Send(int count)
    {
        byte[] bytes = [.. _waiting.Take(count)];
        _waiting.RemoveRange(0, count);
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += _to!.Send(bytes, sent, bytes.Length - sent, SocketFlags.None);
        }
    }
}
