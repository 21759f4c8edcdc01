namespace AwsIO;

/// <summary>Read windows: how many bytes each handler takes, counted exactly, updated in batches.</summary>
public sealed partial class IoChannel
{
    private readonly long _windowThreshold;
    private IoTask? _windowTask;
    private bool _hasPendingIncrement;

    internal void GrantWindow(ChannelSlot slot, long size)
    {
        if (!BackPressure || size == 0 || _state == ChannelState.ShutDown)
        {
            return;
        }

        EventLoop.AssertOnLoop();
        slot.AddPendingIncrement(size);
        _hasPendingIncrement = true;
        PassOnWhenScarce();
    }

    /// <summary>Counts bytes against a slot's window.</summary>
    /// <returns>False, and nothing counted, when the window has no room for them.</returns>
    internal bool DebitWindow(ChannelSlot slot, int size)
    {
        if (slot.Window < size)
        {
            return false;
        }

        slot.Debit(size);
        if (_hasPendingIncrement)
        {
            PassOnWhenScarce();
        }

        return true;
    }

    /// <summary>Another slot may be the scarcest now, and a walk along the chain that goes on may have lost its way.</summary>
    internal void OnChainChanged()
    {
        for (ChannelSlot? slot = First; slot is not null; slot = slot.Right)
        {
            if (slot.PendingIncrement != 0)
            {
                _hasPendingIncrement = true;
                PassOnWhenScarce();
                return;
            }
        }
    }

    private void PassOnWhenScarce()
    {
        if (_windowTask is { IsScheduled: true } || ScarcestWindow() > _windowThreshold)
        {
            return;
        }

        _windowTask ??= IoTask.Create(static (channel, _) => channel.PassIncrementsOn(), this);
        EventLoop.Schedule(_windowTask);
    }

    // Every slot counts but the first, whose own window nobody debits: a chain must not stall because the slot that starves
    // is not the one that grants.
    private long ScarcestWindow()
    {
        long scarcest = long.MaxValue;
        for (ChannelSlot? slot = First?.Right; slot is not null; slot = slot.Right)
        {
            if (slot.Handler is not null && slot.Window < scarcest)
            {
                scarcest = slot.Window;
            }
        }

        return scarcest;
    }

    private void PassIncrementsOn()
    {
        if (_state == ChannelState.ShutDown)
        {
            return;
        }

        _hasPendingIncrement = false;
        for (ChannelSlot? slot = Last; slot is not null; slot = slot.Left)
        {
            if (slot.PendingIncrement != 0)
            {
                long increment = slot.TakePendingIncrement();
                slot.LeftWithHandler?.TellIncrement(increment);
            }
        }
    }
}
