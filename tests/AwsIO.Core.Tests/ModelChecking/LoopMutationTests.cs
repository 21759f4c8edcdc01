namespace AwsIO.Tests.ModelChecking;

/// <summary>The models see mistakes: each of these is one that the code could have had.</summary>
public sealed class LoopMutationTests(ITestOutputHelper output)
{
    [Fact]
    public void A_flag_without_a_fence_loses_a_wake_up() =>
        Shows(LoopMutation.NoFenceBeforeSleep, LoopModels.Queue, "a task is left in the queue");

    [Fact]
    public void A_sleep_without_a_last_look_loses_a_wake_up() =>
        Shows(LoopMutation.NoLookBeforeSleep, LoopModels.Queue, "a task is left in the queue");

    [Fact]
    public void A_last_look_before_the_flag_loses_a_wake_up() =>
        Shows(LoopMutation.LookBeforeFlag, LoopModels.Queue, "a task is left in the queue");

    [Fact]
    public void A_flag_that_is_set_before_the_spin_loses_a_wake_up() =>
        Shows(LoopMutation.FlagBeforeSpin, LoopModels.Queue, "a task is left in the queue", spins: true);

    [Fact]
    public void A_pusher_that_looks_before_it_pushes_loses_a_wake_up() =>
        Shows(LoopMutation.WakeBeforePush, LoopModels.Queue, "a task is left in the queue");

    [Fact]
    public void A_pusher_that_does_not_claim_the_wake_up_wakes_twice() =>
        Shows(LoopMutation.WakeWithoutClaim, LoopModels.ThreePushers, "a loop was woken twice from one sleep");

    [Fact]
    public void A_cancellation_that_wakes_nobody_is_left() =>
        Shows(LoopMutation.NoWakeForCancel, LoopModels.Cancels, "a task is left in the cancel queue");

    [Fact]
    public void A_push_by_load_and_store_leaves_a_task_that_was_taken() =>
        Shows(LoopMutation.PushWithoutSwap, LoopModels.ThreePushers, "a task was called twice");

    [Fact]
    public void A_link_that_is_written_after_the_push_loses_a_task() =>
        Shows(LoopMutation.LinkAfterPush, LoopModels.ThreePushers, "a task was not called");

    [Fact]
    public void A_stack_that_is_not_turned_round_breaks_the_order() =>
        Shows(LoopMutation.NotReversed, LoopModels.Queue, "a task ran before one that its thread had scheduled earlier");

    [Fact]
    public void A_stack_that_is_not_closed_loses_what_comes_after_the_end() =>
        Shows(LoopMutation.NotClosed, LoopModels.End, "a task is left in the queue");

    [Fact]
    public void An_end_that_is_noted_after_the_last_look_leaves_a_cancellation() =>
        Shows(LoopMutation.EndedAfterLastDrain, LoopModels.EndOfTwoCancels, "a task is left in the cancel queue");

    [Fact]
    public void A_cancellation_that_does_not_look_for_the_end_is_left() =>
        Shows(LoopMutation.NoDrainAfterEnd, LoopModels.EndOfTwoCancels, "a task is left in the cancel queue");

    [Fact]
    public void An_end_that_does_not_start_a_stopped_loop_again_is_none() =>
        Shows(LoopMutation.NoSecondStart, LoopModels.EndAndStop, "the loop has not ended");

    [Fact]
    public void A_stop_that_wakes_before_it_asks_is_not_seen() =>
        Shows(LoopMutation.WakeBeforeStop, LoopModels.Restart, "a thread waits for ever");

    [Fact]
    public void A_wake_up_without_a_guard_writes_to_a_closed_descriptor() =>
        Shows(LoopMutation.WakeUnguarded, LoopModels.EndAndStop, "a closed descriptor was written to");

    [Fact]
    public void A_late_task_that_does_not_wait_for_the_end_runs_beside_the_loop() =>
        Shows(LoopMutation.LateBeforeEnd, LoopModels.End, "two callbacks run at once");

    [Fact]
    public void A_call_that_forgets_the_cancel_queue_puts_a_task_into_it_twice() =>
        Shows(LoopMutation.CallForgetsQueue, LoopModels.CancelOfReused, "a task left the cancel queue twice");

    [Fact]
    public void A_link_that_is_read_after_the_task_has_left_breaks_the_cancel_queue() =>
        Shows(LoopMutation.LinkAfterLeaving, LoopModels.TwoTimers, "a task stays marked");

    [Fact]
    public void A_cancellation_of_any_use_reaches_the_next_one() =>
        Shows(LoopMutation.CancelAnyUse, LoopModels.CancelOfReused, "a task was cancelled that nobody has asked for");

    [Fact]
    public void A_loop_that_is_looked_for_after_the_use_may_be_none() =>
        Shows(LoopMutation.UseThenOwner, LoopModels.TwoCancelsOfMoved, "a cancellation was sent to no loop");

    [Fact]
    public void A_task_that_goes_back_into_a_cancel_queue_without_a_look_is_in_it_twice() =>
        Shows(LoopMutation.BackWithoutCompare, LoopModels.TwoCancelsOfMoved, "a task left the cancel queue twice");

    [Fact]
    public void A_task_that_does_not_go_back_past_an_older_cancellation_loses_its_own() =>
        Shows(LoopMutation.BackIntoNoneAlone, LoopModels.CancelOfMovedTimer, "a cancellation was lost");

    [Fact]
    public void A_late_cancellation_in_place_of_one_for_a_later_use_loses_that() =>
        Shows(LoopMutation.AskOverLater, LoopModels.CancelOfReusedTimer, "a cancellation was lost");

    [Fact]
    public void A_use_that_is_known_before_its_loop_has_a_cancellation_sent_nowhere() =>
        Shows(LoopMutation.UseBeforeOwner, LoopModels.TwoCancelsOfMoved, "a cancellation was sent to no loop");

    [Fact]
    public void A_loop_that_is_forgotten_before_the_use_is_over_has_a_cancellation_sent_nowhere() =>
        Shows(LoopMutation.OwnerBeforeUse, LoopModels.TwoCancelsOfMoved, "a cancellation was sent to no loop");

    private void Shows(LoopMutation mutation, string model, string violation, bool spins = false)
    {
        Exploration found = new LoopModel(LoopModels.Get(model, spins), mutation).Explore();
        output.WriteLine(found.ToString());
        Assert.Equal(violation, found.Violation);
        Assert.NotEmpty(found.Trace);
    }
}
