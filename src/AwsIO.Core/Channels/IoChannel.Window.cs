namespace AwsIO;

/// <summary>Read windows: how many bytes each handler takes, counted exactly, updated in batches.</summary>
public sealed partial class IoChannel
{
    /// <summary>
    /// While every handler takes more than this, increments are gathered; once one takes no more than this, they are passed on.
    /// </summary>
    internal const long WindowThreshold = 4 * MessagePool.FragmentSize;

    private IoTask? _windowTask;
    private bool _hasPendingIncrement;

    internal void GrantWindow(ChannelSlot slot, long size)
    {
        if (!BackPressure || size == 0 || _state == ChannelState.ShutDown)
        {
            return;
        }

        EventLoop.AssertOnLoop();
        slot.PendingIncrement = AddSaturating(slot.PendingIncrement, size);
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

        slot.Window -= size;
        if (_hasPendingIncrement)
        {
            PassOnWhenScarce();
        }

        return true;
    }

    private static long AddSaturating(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;

    private void PassOnWhenScarce()
    {
        if (_windowTask is { IsScheduled: true } || ScarcestWindow() > WindowThreshold)
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
            long increment = slot.PendingIncrement;
            if (increment == 0)
            {
                continue;
            }

            slot.PendingIncrement = 0;
            slot.Window = AddSaturating(slot.Window, increment);
            if (slot.LeftWithHandler is { } left)
            {
                try
                {
                    left.Handler!.OnWindowIncrement(left, increment);
                }
                catch (Exception exception)
                {
                    OnHandlerException(exception);
                }
            }
        }
    }
}
