using AwsIO.Native.Platform;

namespace AwsIO.Tests.EventLoops.Kqueue;

public sealed class KqueueEventsTests
{
    private const IoEvents Both = IoEvents.Readable | IoEvents.Writable;
    private const ushort End = KqueueNumbers.EndOfFile;

    [Theory]
    [InlineData(KqueueNumbers.FilterRead, Both, IoEvents.Readable)]
    [InlineData(KqueueNumbers.FilterWrite, Both, IoEvents.Writable)]
    [InlineData(KqueueNumbers.FilterRead, IoEvents.Readable, IoEvents.Readable)]
    [InlineData(KqueueNumbers.FilterWrite, IoEvents.Readable, IoEvents.None)]
    [InlineData(KqueueNumbers.FilterRead, IoEvents.Writable, IoEvents.None)]
    [InlineData(KqueueNumbers.FilterRead, IoEvents.None, IoEvents.None)]
    public void A_filter_reports_its_direction_to_who_has_asked_for_it(short filter, IoEvents asked, IoEvents expected) =>
        Assert.Equal(expected, Translate(filter, 0, 0, asked));

    [Theory]
    [InlineData(KqueueNumbers.Add)]
    [InlineData(KqueueNumbers.Clear)]
    [InlineData(KqueueNumbers.Receipt)]
    [InlineData((ushort)0x100)]
    [InlineData((ushort)0x2000)]
    public void Flags_that_the_kernel_hands_back_mean_nothing(ushort flag) =>
        Assert.Equal(IoEvents.Readable, Translate(KqueueNumbers.FilterRead, flag, 0, Both));

    [Fact]
    public void The_peers_end_is_told_by_reading_and_is_still_to_be_read()
    {
        Assert.Equal(IoEvents.Readable | IoEvents.RemoteHangUp, Translate(KqueueNumbers.FilterRead, End, 0, Both));
        Assert.Equal(IoEvents.RemoteHangUp, Translate(KqueueNumbers.FilterRead, End, 0, IoEvents.None));
    }

    [Fact]
    public void The_end_of_writing_alone_wakes_both_sides_and_closes_nothing()
    {
        // A local shutdown of the writing direction looks like this.
        Assert.Equal(Both, Translate(KqueueNumbers.FilterWrite, End, 0, Both));
    }

    [Fact]
    public void The_end_of_writing_says_nothing_new_to_a_reader_who_knows_the_peers_end()
    {
        IoEvents ended = IoEvents.None;
        _ = KqueueEvents.Translate(KqueueNumbers.FilterRead, End, 0, Both, ref ended);
        Assert.Equal(
            IoEvents.Writable | IoEvents.RemoteHangUp | IoEvents.Closed,
            KqueueEvents.Translate(KqueueNumbers.FilterWrite, End, 0, Both, ref ended));
    }

    [Theory]
    [InlineData(KqueueNumbers.FilterRead, KqueueNumbers.FilterWrite)]
    [InlineData(KqueueNumbers.FilterWrite, KqueueNumbers.FilterRead)]
    public void Both_ends_make_a_closed_connection_whichever_comes_first_and_however_long_before(short first, short second)
    {
        IoEvents ended = IoEvents.None;
        Assert.False(KqueueEvents.Translate(first, End, 0, Both, ref ended).HasFlag(IoEvents.Closed));
        Assert.Equal(IoEvents.Writable, KqueueEvents.Translate(KqueueNumbers.FilterWrite, 0, 0, Both, ref ended));
        Assert.True(KqueueEvents.Translate(second, End, 0, Both, ref ended).HasFlag(IoEvents.Closed));
        Assert.True(KqueueEvents.Translate(first, End, 0, Both, ref ended).HasFlag(IoEvents.Closed));
    }

    [Theory]
    [InlineData(KqueueNumbers.FilterRead)]
    [InlineData(KqueueNumbers.FilterWrite)]
    public void The_sockets_error_makes_an_error_of_an_end(short filter)
    {
        Assert.True(Translate(filter, End, 61, Both).HasFlag(IoEvents.Error));
        Assert.True(Translate(filter, End, 54, IoEvents.None).HasFlag(IoEvents.Error));

        // Without the end the same field says something else, such as NOTE_LOWAT.
        Assert.False(Translate(filter, 0, 61, Both).HasFlag(IoEvents.Error));
    }

    [Fact]
    public void An_error_in_place_of_an_event_wakes_everybody() =>
        Assert.Equal(Both | IoEvents.Error, Translate(KqueueNumbers.FilterRead, KqueueNumbers.Error, 0, Both));

    private static IoEvents Translate(short filter, ushort flags, uint filterFlags, IoEvents asked)
    {
        IoEvents ended = IoEvents.None;
        return KqueueEvents.Translate(filter, flags, filterFlags, asked, ref ended);
    }
}
