using System.Net.Sockets;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Faults;

/// <summary>Places at which nobody listens.</summary>
public sealed class RefusedPortTests : ConnectionTest
{
    // ECONNREFUSED, ENOENT
    private const int ConnectionRefused = 111;
    private const int NoSuchFile = 2;

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", false)]
    [InlineData("::1", true)]
    [InlineData("unix", false)]
    [InlineData("unix", true)]
    public async Task A_refusal_names_the_place_and_once_somebody_listens_there_the_same_bootstrap_connects(string address, bool tls)
    {
        // Bound and not listening: nobody else can take the place.
        SocketEndpoint free = Places.Free(this, address);
        Socket bound = Places.NewSocket(this, free);
        bound.Bind(free.ToEndPoint());
        SocketEndpoint endpoint = address == "unix" ? free : free with { Port = bound.Port() };
        ClientBootstrap bootstrap = new(Group, Resolver);

        Dialled client = this.DialEndpoint(endpoint, tls ? TlsParts.Client().Localhosted() : null, bootstrap: bootstrap);
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.SocketConnectionRefused, error.Code);
        Assert.Equal(ConnectionRefused, error.NativeError);
        Assert.Equal($"Connecting to {endpoint} failed: Connection refused", error.Detail);
        bound.Listen();
        await this.DialEndpoint(endpoint, bootstrap: bootstrap).Ready();
    }

    [Fact]
    public async Task A_path_at_which_there_is_nothing_is_named()
    {
        SocketEndpoint endpoint = Places.Free(this, "unix");

        IoError error = await this.DialEndpoint(endpoint).Setup.Task.Within();

        Assert.Equal(NoSuchFile, error.NativeError);
        Assert.Contains(endpoint.Address, error.Detail, StringComparison.Ordinal);
    }
}
