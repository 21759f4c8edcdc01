using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

/// <summary>Hosts with several addresses, good and bad.</summary>
public sealed class AddressTests : ConnectionTest
{
    [Fact]
    public async Task A_dead_address_is_passed_over_for_one_that_lives()
    {
        Listening listening = this.Listen(at: SocketEndpoint.Tcp("127.0.0.2", 0));

        // Nobody listens at the first, and the refusal does not wait for the second's turn.
        Dialled client = await this.Dial(
            "two.test", listening.Port, resolver: new FixedResolver("127.0.0.1", "127.0.0.2"), attemptDelay: TimeSpan.FromMinutes(5)).Ready();

        Assert.Equal("127.0.0.2", Peer(client).Address);
    }

    [Fact]
    [Trait("Upstream", "channel_connect_some_hosts_timeout")]
    public async Task A_silent_address_does_not_keep_a_good_one_from_being_used()
    {
        using Backlogged silent = new("127.0.0.1");
        Listening listening = this.Listen(at: SocketEndpoint.Tcp("127.0.0.2", silent.Port));

        Dialled client = await this.Dial(
            "two.test", silent.Port, resolver: new FixedResolver("127.0.0.1", "127.0.0.2")).Ready();

        Assert.Equal("127.0.0.2", Peer(client).Address);
        await listening.NextReady();
    }

    [Fact]
    public async Task When_all_addresses_refuse_the_refusal_is_told_once()
    {
        Dialled client = this.Dial(
            "three.test",
            Plain.FreePort(),
            resolver: new FixedResolver("127.0.0.1", "::1", "127.0.0.2"),
            attemptDelay: TimeSpan.Zero);
        IoError error = await client.Setup.Task.Within();

        Assert.True(error.Code is IoErrorCode.SocketConnectionRefused or IoErrorCode.SocketInvalidAddress, error.ToString());
    }

    [Fact]
    public async Task When_all_addresses_answer_at_once_one_is_kept_and_the_others_end()
    {
        Listening first = this.Listen(at: SocketEndpoint.Tcp("127.0.0.1", 0));
        Listening second = this.Listen(at: SocketEndpoint.Tcp("127.0.0.2", first.Port));
        for (int i = 0; i < 30; i++)
        {
            Dialled client = await this.Dial(
                "two.test", first.Port, resolver: new FixedResolver("127.0.0.1", "127.0.0.2"), attemptDelay: TimeSpan.Zero).Ready();
            client.Channel!.Shutdown(IoError.None);
            await client.Ended.Task.Within();
            Assert.Equal(1, client.Setup.Count);
        }

        Assert.InRange(first.Incoming + second.Incoming, 30, 60);
    }

    [Fact]
    public async Task Families_take_turns_beginning_with_the_resolvers_first_choice()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        Listening six = this.Listen(at: SocketEndpoint.Tcp("::1", 0));

        // Both of the first family are silent; the second family's one comes between them.
        using Backlogged silent = new("127.0.0.1", six.Port);
        using Backlogged alsoSilent = new("127.0.0.2", six.Port);
        Dialled client = await this.Dial(
            "three.test", six.Port, resolver: new FixedResolver("127.0.0.1", "127.0.0.2", "::1")).Ready();

        Assert.Equal("::1", Peer(client).Address);
        await six.NextReady();
    }

    [Fact]
    public async Task A_host_without_addresses_is_named()
    {
        Dialled client = this.Dial("empty.test", 80, resolver: new FixedResolver());
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.DnsNoAddressForHost, error.Code);
        Assert.Contains("empty.test", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_none_fails_and_the_next_one_is_used()
    {
        Listening listening = this.Listen();

        Dialled client = await this.Dial("odd.test", listening.Port, resolver: new FixedResolver("not-an-address", "127.0.0.1")).Ready();

        Assert.Equal("127.0.0.1", Peer(client).Address);
    }

    [Fact]
    public async Task A_failing_look_up_is_told_as_it_is()
    {
        Dialled client = this.Dial(
            "gone.test", 80, resolver: new FixedResolver(new IoError(IoErrorCode.DnsQueryAgain, "Looking up 'gone.test' failed.")));

        Assert.Equal(IoErrorCode.DnsQueryAgain, (await client.Setup.Task.Within()).Code);
    }

    private static SocketEndpoint Peer(Dialled client) => ((SocketChannelHandler)client.Channel!.First!.Handler!).Socket.RemoteEndpoint!.Value;
}
