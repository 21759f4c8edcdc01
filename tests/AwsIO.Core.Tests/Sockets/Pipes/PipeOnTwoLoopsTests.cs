namespace AwsIO.Tests.Sockets.Pipes;

/// <summary>The read end on one loop, the write end on another.</summary>
public class PipeOnTwoLoopsTests : PipeTwins
{
    protected override int LoopCount => 2;

    [Fact]
    [Trait("Upstream", "pipe_open_close_2loops")]
    public Task Both_ends_open_and_close() => Ends_open_and_close();

    [Fact]
    [Trait("Upstream", "pipe_read_write_2loops")]
    public Task A_small_write_is_read() => What_is_written_is_read(4);

    [Fact]
    [Trait("Upstream", "pipe_read_write_large_buffer_2loops")]
    public Task A_write_much_larger_than_the_pipe_is_read() => What_is_written_is_read(Giant);

    [Fact]
    [Trait("Upstream", "pipe_readable_event_sent_after_write_2loops")]
    public Task A_write_is_an_event_at_the_read_end() => A_write_is_told_once();

    [Fact]
    [Trait("Upstream", "pipe_readable_event_sent_once_2loops")]
    public Task What_nobody_reads_is_no_event_again_and_again() => A_pipe_that_nobody_reads_is_told_of_no_more_than_what_happens();

    [Fact]
    [Trait("Upstream", "pipe_readable_event_sent_on_subscribe_if_data_present_2loops")]
    public Task What_came_before_the_subscription_is_an_event() => A_subscription_is_told_of_what_was_there_before();

    [Fact]
    [Trait("Upstream", "pipe_readable_event_sent_on_resubscribe_if_data_present_2loops")]
    public Task What_was_not_read_before_the_next_subscription_is_an_event_again() => A_second_subscription_is_told_of_what_was_not_read();

    // Counts events: after a fault one comes again.
    [Fact]
    [Trait("Upstream", "pipe_readable_event_sent_again_after_all_data_read_2loops")]
    [Trait("Category", "ExactCalls")]
    public Task After_the_pipe_was_emptied_the_next_write_is_an_event() => After_all_was_read_the_next_write_is_told_again();

    [Fact]
    [Trait("Upstream", "pipe_error_event_sent_after_write_end_closed_2loops")]
    public Task Closing_the_write_end_is_one_event_of_a_broken_pipe() => The_end_of_the_writer_is_told_once();

    [Fact]
    [Trait("Upstream", "pipe_error_event_sent_on_subscribe_if_write_end_already_closed_2loops")]
    public Task Subscribing_after_the_write_end_was_closed_is_one_event_of_a_broken_pipe() =>
        A_subscription_is_told_once_of_a_writer_that_has_ended_before();

    [Fact]
    [Trait("Upstream", "pipe_writes_are_fifo_2loops")]
    public Task Writes_are_first_in_first_out() => Writes_go_out_and_complete_in_their_order();

    // Its write is to fill the pipe: under a fault plan it waits before that.
    [Fact]
    [Trait("Upstream", "pipe_clean_up_cancels_pending_writes_2loops")]
    [Trait("Category", "ExactCalls")]
    public Task Closing_the_write_end_ends_pending_writes() => Closing_the_write_end_ends_a_write_that_is_stuck();
}
