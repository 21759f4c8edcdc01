using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Infrastructure.Proxies;

/// <summary>
/// Stands between clients and a server on this machine, on plain sockets of the runtime: delays, splits, joins, stalls and cuts what
/// goes through.
/// </summary>
internal sealed class FaultProxy
{
    private readonly Socket _listener;
    private readonly int _target;
    private readonly Func<(ProxyPlan ToServer, ProxyPlan ToClient)> _plans;
    private readonly Channel<ProxiedConnection> _connections = System.Threading.Channels.Channel.CreateUnbounded<ProxiedConnection>();
    private readonly List<ProxiedConnection> _all = [];
    private readonly List<Task> _running = [];

    private FaultProxy(Socket listener, int target, Func<(ProxyPlan ToServer, ProxyPlan ToClient)> plans)
    {
        _listener = listener;
        _target = target;
        _plans = plans;
    }

    internal int Port => _listener.Port();

    /// <summary>Starts a proxy that the test ends.</summary>
    /// <param name="test">Ends the proxy.</param>
    /// <param name="target">The server's port.</param>
    /// <param name="toServer">What is done to the clients' bytes.</param>
    /// <param name="toClient">What is done to the server's bytes.</param>
    internal static FaultProxy Start(ConnectionTest test, int target, ProxyPlan? toServer = null, ProxyPlan? toClient = null) =>
        Start(test, target, () => (toServer ?? ProxyPlan.Pass, toClient ?? ProxyPlan.Pass));

    /// <summary>Starts a proxy that asks for the plans of each connection.</summary>
    internal static FaultProxy Start(ConnectionTest test, int target, Func<(ProxyPlan ToServer, ProxyPlan ToClient)> plans)
    {
        FaultProxy proxy = new(test.Listen("127.0.0.1", backlog: 128), target, plans);
        Task accepting = proxy.Accept();
        test.After(async () =>
        {
            proxy._listener.Dispose();
            await accepting.Within("the proxy's last accept");
            proxy._all.ForEach(static connection => connection.Close());
            await Task.WhenAll(proxy._running).Within("the proxy's end");
            proxy._all.ForEach(static connection => connection.Dispose());
        });
        return proxy;
    }

    /// <summary>The next connection that goes through.</summary>
    internal Task<ProxiedConnection> Next() => _connections.Reader.ReadAsync(TestContext.Current.CancellationToken).Within();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync();
                Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                (ProxyPlan toServer, ProxyPlan toClient) = _plans();
                ProxiedConnection connection = new(client, server, toServer, toClient);
                _all.Add(connection);
                try
                {
                    await server.ConnectAsync(IPAddress.Loopback, _target);
                }
                catch (SocketException)
                {
                    connection.Cut(ProxyCut.Reset);
                }

                _running.Add(connection.Run());
                _connections.Writer.TryWrite(connection);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
