using System.Globalization;
using System.Text.RegularExpressions;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Plain;

/// <summary>Both of our ends with <c>nc</c>, which knows bytes and half-closes and nothing else.</summary>
public sealed partial class NetcatTests : ConnectionTest
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("unix")]
    public async Task A_large_file_goes_to_our_server_and_another_comes_back_after_its_half_close(string address)
    {
        (string input, string output, byte[] there, byte[] back) = await Files();
        Listening listening = this.Listen(at: Places.Free(this, address), app: Patient);

        ExternalProgram nc = ExternalProgram.StartWithFiles(this, input, output, "nc", ["-N", .. To(listening.Listener.LocalEndpoint)]);
        Dialled server = await listening.NextReady();
        Assert.Equal(IoErrorCode.SocketClosed, (await server.App.ReadEnd.Task.Within()).Code);
        Assert.Equal(there, server.App.Bytes);
        Assert.Equal(IoError.None, await server.App.Send(back, isLast: true).Within());

        Assert.Equal(0, await nc.Exited());
        Assert.Equal(back, await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("unix")]
    public async Task A_large_file_goes_to_our_client_and_another_comes_back_after_its_half_close(string address)
    {
        (string input, string output, byte[] there, byte[] back) = await Files();
        (ExternalProgram nc, SocketEndpoint endpoint) = await Listening(address, (input, output));

        Dialled client = await this.DialEndpoint(endpoint, app: Patient()).Ready();
        await client.App.ReadEnd.Task.Within();
        Assert.Equal(there, client.App.Bytes);
        Assert.Equal(IoError.None, await client.App.Send(back, isLast: true).Within());

        Assert.Equal(0, await nc.Exited());
        Assert.Equal(back, await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("unix")]
    public async Task After_our_servers_half_close_nc_goes_on_sending(string address)
    {
        Listening listening = this.Listen(at: Places.Free(this, address), app: Patient);
        ExternalProgram nc = ExternalProgram.Start(this, "nc", ["-N", .. To(listening.Listener.LocalEndpoint)]);
        Dialled server = await listening.NextReady();

        Assert.Equal(IoError.None, await server.App.Send("our last words\n", isLast: true).Within());
        await nc.Said("our last words");
        await nc.Type("theirs");
        await server.App.Received(6).Within();
        Assert.Equal(0, server.App.ReadEnd.Count);
        nc.EndInput();

        Assert.Equal(IoErrorCode.SocketClosed, (await server.App.ReadEnd.Task.Within()).Code);
        Assert.Equal(0, await nc.Exited());
        Assert.Equal("theirs", server.App.Text);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("unix")]
    public async Task After_our_clients_half_close_a_listening_nc_ends_in_order(string address)
    {
        (ExternalProgram nc, SocketEndpoint endpoint) = await Listening(address);
        Dialled client = await this.DialEndpoint(endpoint, app: Patient()).Ready();
        await nc.Type("theirs");
        await client.App.Received(6).Within();

        // A listening nc does not wait for its input once the network has ended.
        Assert.Equal(IoError.None, await client.App.Send("our last words\n", isLast: true).Within());

        Assert.Equal(0, await nc.Exited());
        Assert.Contains("our last words\n", nc.Output, StringComparison.Ordinal);
        Assert.Equal(IoErrorCode.SocketClosed, (await client.App.ReadEnd.Task.Within()).Code);
        Assert.Equal("theirs", client.App.Text);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("unix")]
    public async Task An_nc_that_is_killed_ends_the_connection_and_the_next_one_is_served(string address)
    {
        Listening listening = this.Listen(at: Places.Free(this, address));
        string[] arguments = ["-N", .. To(listening.Listener.LocalEndpoint)];
        ExternalProgram first = ExternalProgram.Start(this, "nc", arguments);
        Dialled server = await listening.NextReady();
        await first.Type("hello");
        await server.App.Received(5).Within();

        first.Kill();
        await server.Ended.Task.Within();
        ExternalProgram second = ExternalProgram.Start(this, "nc", arguments);
        Dialled next = await listening.NextReady();
        await next.App.Send("welcome").Within();

        await second.Said("welcome");
    }

    [GeneratedRegex(@"Listening on \S+ (\d+)\n")]
    private static partial Regex ListeningLine();

    // Keeps its own direction open when the peer has ended the other.
    private static Recorder Patient() => new() { Regrants = true, StaysAfterReadEnd = true };

    private static string[] To(SocketEndpoint endpoint) => endpoint.Domain == SocketDomain.Local
        ? ["-U", endpoint.Address]
        : ["-n", endpoint.Address, endpoint.Port.ToString(CultureInfo.InvariantCulture)];

    private async Task<(string Input, string Output, byte[] There, byte[] Back)> Files()
    {
        string input = Places.Path(this, "input");
        byte[] there = Payload.Of(1_300_007, 3);
        await File.WriteAllBytesAsync(input, there, TestContext.Current.CancellationToken);
        return (input, Places.Path(this, "output"), there, Payload.Of(1_700_003, 4));
    }

    private async Task<(ExternalProgram Program, SocketEndpoint Endpoint)> Listening(
        string address, (string Input, string Output)? files = null)
    {
        string path = Places.Path(this, "nc.sock");
        string[] arguments = address == "unix" ? ["-lvNU", path] : ["-lvnN", address, "0"];
        ExternalProgram nc = files is { } both
            ? ExternalProgram.StartWithFiles(this, both.Input, both.Output, "nc", arguments)
            : ExternalProgram.Start(this, "nc", arguments);
        if (address == "unix")
        {
            await nc.Said("Listening on ");
            return (nc, SocketEndpoint.Unix(path));
        }

        Match match = await nc.Said(ListeningLine());
        return (nc, SocketEndpoint.Tcp(address, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
    }
}
