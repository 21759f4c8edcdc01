namespace AwsIO.Tests.ModelChecking;

/// <summary>What <c>IoTask.cs</c> and <c>EventLoop.Tasks.cs</c> do to cancel a task from wherever.</summary>
internal sealed partial class LoopModel
{
    /// <returns>Goes on behind it when the caller has to push the task, and to the label otherwise.</returns>
    private void MarkCancelAsked(ModelThread thread, TaskOf task, ModelLabel otherwise)
    {
        int use = thread.Local("use to cancel");
        thread.Access("MarkCancelAsked: use = _use", machine =>
        {
            machine[use] = machine.Read(_use + task(machine));
            return ModelThread.Next;
        });
        ModelLabel ask = new();
        thread.Silent(machine =>
        {
            if (machine[use] % 2 != 0)
            {
                return ask.Position;
            }

            machine[use] = 0;
            return otherwise.Position;
        });
        thread.Mark(ask);
        AskToCancel(thread, task, use, otherwise, isFirst: true);
        thread.Silent(machine =>
        {
            machine[use] = 0;
            return ModelThread.Next;
        });
    }

    /// <returns>Goes on behind it when the caller has to push the task, and to the label otherwise.</returns>
    private void AskToCancel(ModelThread thread, TaskOf task, int use, ModelLabel otherwise, bool isFirst)
    {
        int seen = thread.Local("asked before");
        ModelLabel again = new();
        thread.Access("AskToCancel: seen = _cancelOf", machine =>
        {
            machine[seen] = machine.Read(_cancelOf + task(machine));
            return ModelThread.Next;
        });
        thread.Mark(again);
        thread.Silent(machine =>
        {
            bool isLater = machine[use] > machine[seen]
                || (_mutation == LoopMutation.AskOverLater && machine[use] != machine[seen]);
            bool asks = isFirst || _mutation != LoopMutation.BackIntoNoneAlone ? isLater : machine[seen] == 0;
            if (machine[seen] == 0 || asks)
            {
                return ModelThread.Next;
            }

            machine[use] = isFirst ? 0 : machine[use];
            machine[seen] = 0;
            return otherwise.Position;
        });
        thread.Locked("AskToCancel: CompareExchange(_cancelOf, use, seen)", machine =>
        {
            int cancelOf = _cancelOf + task(machine);
            if (machine[cancelOf] != machine[seen])
            {
                machine[seen] = machine[cancelOf];
                return again.Position;
            }

            machine[cancelOf] = machine[use];
            if (isFirst && machine[use] == UseBeforeCall(machine, task(machine)))
            {
                machine[_asked + task(machine)] = machine[use];
            }

            bool wasInQueue = machine[seen] != 0;
            machine[seen] = 0;
            if (!wasInQueue || (!isFirst && _mutation == LoopMutation.BackWithoutCompare))
            {
                return ModelThread.Next;
            }

            machine[use] = isFirst ? 0 : machine[use];
            return otherwise.Position;
        });
    }

    private void PushCancel(ModelThread thread, TaskOf task, bool isLoop, int to = ThisLoop)
    {
        int queue = _cancelQueue + to;
        int head = thread.Local("cancel head seen");
        ModelLabel again = new();
        ModelLabel isEnded = new();
        ModelLabel over = new();
        thread.Access("PushCancel: head = CancelQueue", machine =>
        {
            machine[head] = machine.Read(queue);
            return ModelThread.Next;
        });
        thread.Mark(again);
        thread.Access("PushCancel: task.NextCancel = head", machine =>
        {
            machine.Write(_nextCancel + task(machine), machine[head]);
            return ModelThread.Next;
        });
        thread.Locked("PushCancel: CompareExchange(CancelQueue, task, head)", machine =>
        {
            if (machine[queue] != machine[head])
            {
                machine[head] = machine[queue];
                return again.Position;
            }

            machine[head] = 0;
            machine[queue] = task(machine);
            return ModelThread.Next;
        });
        if (to == OtherLoop)
        {
            // It lasts, and looks by itself.
            return;
        }

        if (_mutation != LoopMutation.NoDrainAfterEnd)
        {
            thread.Access("PushCancel: if (_ended)", machine => machine.Read(_ended) != 0 ? isEnded.Position : ModelThread.Next);
        }

        if (_mutation != LoopMutation.NoWakeForCancel)
        {
            WakeIfAsleep(thread);
        }

        thread.Jump(over);
        thread.Mark(isEnded);
        if (isLoop)
        {
            thread.Silent(static machine => machine.Fail("the loop has ended and still cancels"));
        }
        else
        {
            DrainCancelQueue(thread, isLoop: false);
        }

        thread.Mark(over);
    }

    private void DrainCancelQueue(ModelThread thread, bool isLoop, int self = ThisLoop)
    {
        int queue = _cancelQueue + self;
        int list = thread.Local("list of cancels");
        int task = thread.Local("task to cancel");
        int use = thread.Local("use that was to be cancelled");
        ModelLabel again = new();
        ModelLabel leave = new();
        ModelLabel over = new();
        thread.Locked("DrainCancelQueue: Exchange(CancelQueue, null)", machine =>
        {
            machine[list] = machine[queue];
            machine[queue] = 0;
            return ModelThread.Next;
        });
        thread.Mark(again);
        thread.Silent(machine => machine[list] == 0 ? over.Position : ModelThread.Next);
        thread.Access("DrainCancelQueue: next = task.NextCancel; task.NextCancel = null", machine =>
        {
            machine[task] = machine[list];
            if (_mutation != LoopMutation.LinkAfterLeaving)
            {
                machine[list] = machine.Read(_nextCancel + machine[task]);
                machine.Write(_nextCancel + machine[task], 0);
            }

            return ModelThread.Next;
        });
        thread.Locked("MarkLeftCancelQueue: Exchange(_cancelOf, 0)", machine =>
        {
            machine[use] = machine[_cancelOf + machine[task]];
            machine.Fail(machine[use] != 0, "a task left the cancel queue twice");
            machine[_cancelOf + machine[task]] = 0;
            return ModelThread.Next;
        });
        if (_mutation == LoopMutation.LinkAfterLeaving)
        {
            thread.Access("DrainCancelQueue: next = task.NextCancel", machine =>
            {
                machine[list] = machine.Read(_nextCancel + machine[task]);
                return ModelThread.Next;
            });
        }

        CancelAsAsked(thread, task, use, leave, isLoop, self);
        thread.Mark(leave);
        thread.Silent(machine =>
        {
            machine[task] = 0;
            machine[use] = 0;
            return again.Position;
        });
        thread.Mark(over);
    }

    private void CancelAsAsked(ModelThread thread, int task, int use, ModelLabel leave, bool isLoop, int self)
    {
        int owner = thread.Local("owner seen");
        ModelLabel isNotHere = new();
        ModelLabel elsewhere = new();
        if (_mutation == LoopMutation.UseThenOwner)
        {
            IsInUse(thread, task, use, owner, leave);
        }

        thread.Access("CancelAsAsked: owner = task.Loop", machine =>
        {
            machine[owner] = machine.Read(_owner + machine[task]);
            return ModelThread.Next;
        });
        if (_mutation != LoopMutation.UseThenOwner)
        {
            IsInUse(thread, task, use, owner, leave);
        }

        thread.Silent(machine =>
        {
            machine.Fail(machine[owner] != 0, "a cancellation was sent to no loop");
            return machine[owner] == NumberOf(self) ? ModelThread.Next : isNotHere.Position;
        });
        thread.Access("CancelAsAsked: if (!_ended)", machine =>
        {
            machine[owner] = 0;
            return HasEnded(machine, self) ? leave.Position : ModelThread.Next;
        });
        if (isLoop)
        {
            CancelOnLoop(thread, machine => machine[task], self);
            thread.Jump(leave);
        }
        else
        {
            thread.Silent(static machine => machine.Fail("a loop that had ended has not"));
        }

        thread.Mark(isNotHere);
        thread.Silent(machine =>
        {
            machine.Fail(machine[owner] == NumberOf(OtherLoop), "a task came back to this loop");
            machine[owner] = 0;
            return ModelThread.Next;
        });
        AskToCancel(thread, machine => machine[task], use, leave, isFirst: false);
        PushCancel(thread, machine => machine[task], isLoop, OtherLoop);
    }

    private void IsInUse(ModelThread thread, int task, int use, int owner, ModelLabel leave) =>
        thread.Access("CancelAsAsked: IsInUse(use)", machine =>
        {
            if (machine.Read(_use + machine[task]) == machine[use] || _mutation == LoopMutation.CancelAnyUse)
            {
                return ModelThread.Next;
            }

            machine[owner] = 0;
            return leave.Position;
        });

    private bool HasEnded(Machine machine, int self) => self == ThisLoop && machine.Read(_ended) != 0;

    private void CancelOnLoop(ModelThread thread, TaskOf task, int self)
    {
        ModelLabel isNot = new();
        ModelLabel isHere = new();
        ModelLabel over = new();
        thread.Access("Cancel: isOwn = task.Loop == this", machine =>
            machine.Read(_owner + task(machine)) != NumberOf(self) ? isNot.Position
            : machine[_place + task(machine)] != 0 ? isHere.Position
            : ModelThread.Next);
        if (self == ThisLoop)
        {
            AdoptIncoming(thread);
        }
        else
        {
            AdoptElsewhere(thread);
        }

        thread.Silent(machine => machine[_place + task(machine)] != 0 ? isHere.Position : isNot.Position);
        thread.Mark(isHere);
        thread.Silent(machine =>
        {
            Remove(machine, task(machine));
            return ModelThread.Next;
        });
        Call(thread, task, isLoop: true, isCancel: true, self);
        thread.Jump(over);
        thread.Mark(isNot);
        MarkCancelAsked(thread, task, over);
        PushCancel(thread, task, isLoop: true, self);
        thread.Mark(over);
    }
}
