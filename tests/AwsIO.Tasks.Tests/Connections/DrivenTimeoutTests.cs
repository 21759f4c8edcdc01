using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

/// <summary>
/// The timeouts of connections, each at its very moment by a virtual clock. That each kind comes by real time too is told by
/// <see cref="ReadTimeoutTests"/>, <see cref="WriteTimeoutTests"/> and, of the overall time of connecting, which is no loop's,
/// <see cref="ConnectCancelTests"/>.
/// </summary>
public sealed class DrivenTimeoutTests : RuntimeTest
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_read_fails_when_its_time_is_over_again_and_again()
    {
        using DrivenPair pair = new();
        pair.Server.ReadTimeout = s_minute;
        for (int round = 0; round < 3; round++)
        {
            pair.TimesOutAfter(s_minute, pair.Server.ReadAsync(new byte[8]).AsTask());
        }

        pair.Now(pair.Client.WriteAsync(new byte[] { 42 }));
        Assert.Equal(1, pair.Now(pair.Server.ReadAsync(new byte[8])));
    }

    [Fact]
    public void A_timeout_that_is_made_shorter_counts_at_once()
    {
        using DrivenPair pair = new();
        pair.Server.ReadTimeout = TimeSpan.FromHours(1);
        Task<int> first = pair.Server.ReadAsync(new byte[8]).AsTask();
        pair.Now(pair.Client.WriteAsync(new byte[] { 1 }));
        Assert.Equal(1, first.Result);

        pair.Server.ReadTimeout = s_minute;
        pair.TimesOutAfter(s_minute, pair.Server.ReadAsync(new byte[8]).AsTask());
    }

    [Fact]
    public void A_read_after_one_that_was_answered_has_all_its_time()
    {
        using DrivenPair pair = new();
        pair.Server.ReadTimeout = s_minute;
        for (int round = 0; round < 3; round++)
        {
            // The timer of the first is still set when the next begins.
            Task<int> answered = pair.Server.ReadAsync(new byte[8]).AsTask();
            pair.Loops.Advance(TimeSpan.FromSeconds(45));
            pair.Now(pair.Client.WriteAsync(new byte[] { 1 }));
            Assert.Equal(1, answered.Result);
        }

        pair.TimesOutAfter(s_minute, pair.Server.ReadAsync(new byte[8]).AsTask());
    }

    [Fact]
    public void A_write_that_waits_too_long_fails_and_reading_goes_on()
    {
        using DrivenPair pair = new();
        pair.Client.WriteTimeout = s_minute;
        pair.TimesOutAfter(s_minute, pair.Client.WriteAsync(Bytes.TooMuch).AsTask());
        pair.Now(pair.Server.WriteAsync(new byte[] { 8 }));
        Assert.Equal(1, pair.Now(pair.Client.ReadAsync(new byte[8])));
    }

    [Fact]
    public void A_flush_and_an_end_that_wait_too_long_fail_and_what_was_written_comes_all_the_same()
    {
        using DrivenPair pair = new();
        pair.Fill(pair.Client);
        pair.Client.WriteTimeout = s_minute;
        for (int round = 0; round < 3; round++)
        {
            pair.TimesOutAfter(s_minute, pair.Client.FlushAsync().AsTask());
        }

        pair.TimesOutAfter(s_minute, pair.Client.ShutdownWriteAsync().AsTask());
        byte[] buffer = new byte[64 * 1024];
        long count = 0;
        for (int read; (read = pair.Now(pair.Server.ReadAsync(buffer))) > 0;)
        {
            count += read;
        }

        Assert.NotEqual(0, count);
        pair.Client.WriteTimeout = Timeout.InfiniteTimeSpan;
        pair.Now(pair.Client.FlushAsync());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_close_that_the_peer_does_not_let_end_is_given_up_at_its_timeout(bool isClient)
    {
        using DrivenPair pair = new(closeTimeout: s_minute);
        IoConnection closing = isClient ? pair.Client : pair.Server;
        pair.Fill(closing);
        Task closed = closing.DisposeAsync().AsTask();
        pair.EndsAfter(s_minute, closed);
        Assert.True(closed.IsCompletedSuccessfully);
    }
}
