namespace AwsIO.Tests.ModelChecking;

/// <summary>A mistake that the loop's code does not make, for the model to make and the exploration to find.</summary>
internal enum LoopMutation
{
    None,

    /// <summary>The loop says that it sleeps by a plain store.</summary>
    NoFenceBeforeSleep,

    /// <summary>The loop does not look again after it has said that it sleeps.</summary>
    NoLookBeforeSleep,

    /// <summary>The loop looks for the last time, and then says that it sleeps.</summary>
    LookBeforeFlag,

    /// <summary>The loop says that it sleeps before it spins, where each look for events takes that back.</summary>
    FlagBeforeSpin,

    /// <summary>Who pushes looks whether the loop sleeps before the task is in the queue.</summary>
    WakeBeforePush,

    /// <summary>Who pushes does not take the flag before waking the loop.</summary>
    WakeWithoutClaim,

    /// <summary>Who asks for a cancellation does not wake the loop.</summary>
    NoWakeForCancel,

    /// <summary>A push is a load and a store.</summary>
    PushWithoutSwap,

    /// <summary>A task's link is written after the task is in the queue.</summary>
    LinkAfterPush,

    /// <summary>What was pushed last runs first.</summary>
    NotReversed,

    /// <summary>The loop's end leaves the way in open.</summary>
    NotClosed,

    /// <summary>The loop empties the cancel queue for the last time before it says that it has ended.</summary>
    EndedAfterLastDrain,

    /// <summary>Who asks for a cancellation does not look whether the loop has ended.</summary>
    NoDrainAfterEnd,

    /// <summary>Who ends the loop does not start it again when it has stopped without ending.</summary>
    NoSecondStart,

    /// <summary>A stop wakes the loop first and asks then.</summary>
    WakeBeforeStop,

    /// <summary>A wake-up does not look whether the descriptor is open.</summary>
    WakeUnguarded,

    /// <summary>What comes after the end is cancelled at once, even while the loop is still ending.</summary>
    LateBeforeEnd,

    /// <summary>A call also forgets that the task is in the cancel queue.</summary>
    CallForgetsQueue,

    /// <summary>The cancel queue's link is read after the task has left it.</summary>
    LinkAfterLeaving,

    /// <summary>Who empties the cancel queue does not look which of the task's uses was to be cancelled.</summary>
    CancelAnyUse,

    /// <summary>Who empties the cancel queue looks for the task's use first, and for its loop then.</summary>
    UseThenOwner,

    /// <summary>A task goes back into a cancel queue without a look whether it is in one.</summary>
    BackWithoutCompare,

    /// <summary>A task goes back into a cancel queue only where nobody has asked for anything.</summary>
    BackIntoNoneAlone,

    /// <summary>A cancellation that comes late takes the place of one for a later use.</summary>
    AskOverLater,

    /// <summary>A task is known to be in use before its loop is known.</summary>
    UseBeforeOwner,

    /// <summary>A call forgets the task's loop before the task's use is over.</summary>
    OwnerBeforeUse,
}
