using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Infrastructure.Proxies;

/// <summary>One connection through a proxy.</summary>
internal sealed class ProxiedConnection : IDisposable
{
    private readonly Socket _client;
    private readonly Socket _server;
    private int _cuts;

    internal ProxiedConnection(Socket client, Socket server, ProxyPlan toServer, ProxyPlan toClient)
    {
        _client = client;
        _server = server;
        ToServer = new ProxyDirection(toServer, Cut);
        ToClient = new ProxyDirection(toClient, Cut);
    }

    /// <summary>What the client says.</summary>
    internal ProxyDirection ToServer { get; }

    /// <summary>What the server says.</summary>
    internal ProxyDirection ToClient { get; }

    /// <summary>Ends the connection now; only the first time counts.</summary>
    internal void Cut(ProxyCut cut)
    {
        if (Interlocked.Exchange(ref _cuts, 1) != 0)
        {
            return;
        }

        // What comes from now on is thrown away: unread bytes would turn an orderly close into a reset.
        ToServer.Discard();
        ToClient.Discard();
        if (cut == ProxyCut.Reset)
        {
            _client.Reset();
            _server.Reset();
            return;
        }

        EndSending(_client);
        EndSending(_server);
    }

    internal async Task Run()
    {
        // No small piece waits to be joined with the next one.
        try
        {
            _client.NoDelay = true;
            _server.NoDelay = true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A peer has gone already, which the first read tells.
        }

        await Task.WhenAll(ToServer.Run(_client, _server), ToClient.Run(_server, _client));
        Close();
    }

    internal void Close()
    {
        ToServer.Discard();
        ToClient.Discard();
        _client.Dispose();
        _server.Dispose();
    }

    /// <summary>Once it does not run any more.</summary>
    public void Dispose()
    {
        ToServer.Dispose();
        ToClient.Dispose();
    }

    private static void EndSending(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Its peer has gone.
        }
    }
}
