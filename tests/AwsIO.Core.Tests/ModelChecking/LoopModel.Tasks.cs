namespace AwsIO.Tests.ModelChecking;

/// <summary>What <c>IoTask.cs</c>, <c>TaskStack.cs</c> and <c>EventLoop.Tasks.cs</c> do to a task.</summary>
internal sealed partial class LoopModel
{
    /// <summary>A task that a thread works on: a constant of its program, or a variable of the thread's.</summary>
    private delegate int TaskOf(Machine machine);

    private void MarkScheduled(ModelThread thread, TaskOf task, int owner = ThisLoop)
    {
        thread.Locked("MarkScheduled: Exchange(_isScheduled, 1)", machine =>
        {
            machine.Fail(machine[_isScheduled + task(machine)] == 0, "a task was scheduled twice");
            machine[_isScheduled + task(machine)] = 1;
            machine[_scheduled + task(machine)]++;
            return ModelThread.Next;
        });
        if (_mutation == LoopMutation.UseBeforeOwner)
        {
            WriteUse(thread, task, "MarkScheduled: _use = _use + 1");
        }

        thread.Access("MarkScheduled: Loop = loop", machine =>
        {
            machine.Write(_owner + task(machine), NumberOf(owner));
            return ModelThread.Next;
        });
        if (_mutation != LoopMutation.UseBeforeOwner)
        {
            WriteUse(thread, task, "MarkScheduled: _use = _use + 1");
        }
    }

    /// <summary>Begins a task's use or ends it: whoever does that has the task, so that nobody else writes the number.</summary>
    private void WriteUse(ModelThread thread, TaskOf task, string what) => thread.Access(what, machine =>
    {
        int use = _use + task(machine);
        machine.Write(use, machine.Read(use) + 1);
        return ModelThread.Next;
    });

    /// <returns>Goes on behind it when the caller has to push the task, and to the label otherwise.</returns>
    private void MarkCancelAsked(ModelThread thread, TaskOf task, ModelLabel otherwise)
    {
        int use = thread.Local("use to cancel");
        int seen = thread.Local("asked before");
        ModelLabel again = new();
        thread.Access("MarkCancelAsked: use = _use", machine =>
        {
            machine[use] = machine.Read(_use + task(machine));
            return ModelThread.Next;
        });
        thread.Access("MarkCancelAsked: seen = _cancelOf", machine =>
        {
            machine[seen] = machine.Read(_cancelOf + task(machine));
            return ModelThread.Next;
        });
        thread.Mark(again);
        thread.Silent(machine =>
        {
            bool isLater = machine[use] > machine[seen]
                || (_mutation == LoopMutation.AskOverLater && machine[use] != machine[seen]);
            if (machine[use] % 2 != 0 && (machine[seen] == 0 || isLater))
            {
                return ModelThread.Next;
            }

            machine[use] = 0;
            machine[seen] = 0;
            return otherwise.Position;
        });
        thread.Locked("MarkCancelAsked: CompareExchange(_cancelOf, use, seen)", machine =>
        {
            int cancelOf = _cancelOf + task(machine);
            if (machine[cancelOf] != machine[seen])
            {
                machine[seen] = machine[cancelOf];
                return again.Position;
            }

            machine[cancelOf] = machine[use];
            if (machine[use] == UseBeforeCall(machine, task(machine)))
            {
                machine[_asked + task(machine)] = machine[use];
            }

            bool wasInQueue = machine[seen] != 0;
            machine[use] = 0;
            machine[seen] = 0;
            return wasInQueue ? otherwise.Position : ModelThread.Next;
        });
    }

    /// <summary>The number of the use that the task's next call ends.</summary>
    private int UseBeforeCall(Machine machine, int task) => (2 * machine[_called + task]) + 1;

    /// <summary>Calls a task. Only a loop's thread schedules a task again from its call.</summary>
    private void Call(ModelThread thread, TaskOf task, bool isLoop, bool isCancel = false, int self = ThisLoop)
    {
        ModelLabel callback = new();
        ModelLabel over = new();
        thread.Access("MarkCalled: _cancelOf == use", machine =>
        {
            int number = task(machine);
            machine.Fail(machine[_called + number] < machine[_scheduled + number], "a task was called twice");
            int use = UseBeforeCall(machine, number);
            bool isCancelled = isCancel || machine.Read(_cancelOf + number) == use;
            machine.Fail(!isCancelled || machine[_asked + number] == use, "a task was cancelled that nobody has asked for");
            machine[_asked + number] = 0;
            machine[_called + number]++;
            return ModelThread.Next;
        });
        if (_mutation == LoopMutation.CallForgetsQueue)
        {
            thread.Locked("MarkCalled: _cancelOf = 0", machine =>
            {
                machine[_cancelOf + task(machine)] = 0;
                return ModelThread.Next;
            });
        }

        if (_mutation != LoopMutation.OwnerBeforeUse)
        {
            WriteUse(thread, task, "MarkCalled: _use = use + 1");
        }

        thread.Access("MarkCalled: Loop = null", machine =>
        {
            machine.Write(_owner + task(machine), 0);
            return ModelThread.Next;
        });
        if (_mutation == LoopMutation.OwnerBeforeUse)
        {
            WriteUse(thread, task, "MarkCalled: _use = use + 1");
        }

        thread.Access("MarkCalled: _isScheduled = 0", machine =>
        {
            machine.Write(_isScheduled + task(machine), 0);
            return ModelThread.Next;
        });
        thread.Access("Call: the callback begins", machine =>
        {
            int number = task(machine);
            machine.Fail(++machine[_running + self] == 1, "two callbacks run at once");
            for (int earlier = 1; _options.IsOrdered && earlier < number; earlier++)
            {
                machine.Fail(
                    machine[_called + earlier] > 0 || _options.ThreadOf(earlier) != _options.ThreadOf(number),
                    "a task ran before one that its thread had scheduled earlier");
            }

            int uses = _options.Moved.Contains(number) ? 2 : _options.Reused.Contains(number) ? 1 : 0;
            return isLoop && uses > 0 && machine[_reuses + number]++ < uses ? ModelThread.Next : callback.Position;
        });
        if (isLoop && _options.Moved.Count > 0)
        {
            MarkScheduled(thread, task, OtherLoop);
            PushElsewhere(thread, task, self);
        }
        else if (isLoop && _options.Reused.Count > 0)
        {
            MarkScheduled(thread, task);
            thread.Silent(machine => AppendReady(machine, task(machine)));
        }

        thread.Mark(callback);
        thread.Access("Call: the callback returns", machine =>
        {
            machine[_running + self]--;
            return ModelThread.Next;
        });
        thread.Mark(over);
    }

    private int AppendReady(Machine machine, int task)
    {
        if (_options.Timers.Contains(task))
        {
            machine[_place + task] = Heap;
            return ModelThread.Next;
        }

        machine[_place + task] = Ready;
        machine[_ready + machine[_readyCount]++] = task;
        return ModelThread.Next;
    }

    private void Remove(Machine machine, int task)
    {
        if (machine[_place + task] == Ready)
        {
            int count = --machine[_readyCount];
            int at = Enumerable.Range(0, count + 1).First(i => machine[_ready + i] == task);
            for (int i = at; i < count; i++)
            {
                machine[_ready + i] = machine[_ready + i + 1];
            }

            machine[_ready + count] = 0;
        }

        machine[_place + task] = 0;
    }

    private void Push(ModelThread thread, TaskOf task)
    {
        int head = thread.Local("head seen");
        ModelLabel again = new();
        ModelLabel late = new();
        ModelLabel over = new();
        if (_mutation == LoopMutation.WakeBeforePush)
        {
            WakeIfAsleep(thread);
        }

        thread.Access("TryPush: head = _head", machine =>
        {
            machine[head] = machine.Read(_head);
            return ModelThread.Next;
        });
        thread.Mark(again);
        thread.Access("TryPush: task.Next = head", machine =>
        {
            if (machine[head] == Closed)
            {
                machine[head] = 0;
                return late.Position;
            }

            if (_mutation != LoopMutation.LinkAfterPush)
            {
                machine.Write(_next + task(machine), machine[head]);
            }

            return ModelThread.Next;
        });
        thread.Locked("TryPush: CompareExchange(_head, task, head)", machine =>
        {
            if (machine[_head] != machine[head] && _mutation != LoopMutation.PushWithoutSwap)
            {
                machine[head] = machine[_head];
                return again.Position;
            }

            machine[_head] = task(machine);
            if (_mutation != LoopMutation.LinkAfterPush)
            {
                machine[head] = 0;
            }

            return ModelThread.Next;
        });
        if (_mutation == LoopMutation.LinkAfterPush)
        {
            thread.Access("TryPush: task.Next = head", machine =>
            {
                machine.Write(_next + task(machine), machine[head]);
                machine[head] = 0;
                return ModelThread.Next;
            });
        }

        if (_mutation != LoopMutation.WakeBeforePush)
        {
            WakeIfAsleep(thread);
        }

        thread.Jump(over);
        thread.Mark(late);
        CancelLate(thread, task);
        thread.Mark(over);
    }

    private void WakeIfAsleep(ModelThread thread)
    {
        ModelLabel over = new();
        thread.Access("WakeIfAsleep: Sleeping != 0", machine => machine.Read(_sleeping) != 0 ? ModelThread.Next : over.Position);
        if (_mutation != LoopMutation.WakeWithoutClaim)
        {
            thread.Locked("WakeIfAsleep: Exchange(Sleeping, 0) != 0", machine =>
            {
                bool slept = machine[_sleeping] != 0;
                machine[_sleeping] = 0;
                return slept ? NoteWaker(machine) : over.Position;
            });
        }

        if (_mutation == LoopMutation.WakeWithoutClaim)
        {
            thread.Locked("WakeIfAsleep: wakes without a claim", NoteWaker);
        }

        WakeUp(thread);
        thread.Mark(over);
    }

    private int NoteWaker(Machine machine)
    {
        machine.Fail(machine[_mayWake] != 0, "a loop was woken twice from one sleep");
        machine[_mayWake] = 0;
        return ModelThread.Next;
    }

    /// <summary>The backend's wake-up: the descriptor is closed once nobody is between the first step and the last.</summary>
    private void WakeUp(ModelThread thread)
    {
        ModelLabel isClosed = new();
        if (_mutation != LoopMutation.WakeUnguarded)
        {
            thread.Locked("WakeUp: Increment(_wakers) > 0", machine =>
            {
                machine[_wakers]++;
                return machine[_closingBackend] == 0 ? ModelThread.Next : isClosed.Position;
            });
        }

        thread.Locked("WakeUp: SignalWakeUp()", machine =>
        {
            machine.Fail(machine[_backendClosed] == 0, "a closed descriptor was written to");
            machine[_edge] = 1;
            return ModelThread.Next;
        });
        thread.Mark(isClosed);
        if (_mutation != LoopMutation.WakeUnguarded)
        {
            thread.Locked("WakeUp: Decrement(_wakers)", machine =>
            {
                machine[_wakers]--;
                return ModelThread.Next;
            });
        }
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
        thread.Locked("MarkBackInCancelQueue: CompareExchange(_cancelOf, use, 0)", machine =>
        {
            int cancelOf = _cancelOf + machine[task];
            machine.Fail(machine[owner] == NumberOf(OtherLoop), "a task came back to this loop");
            machine[owner] = 0;
            if (machine[cancelOf] != 0 && _mutation != LoopMutation.BackWithoutCompare)
            {
                return leave.Position;
            }

            machine[cancelOf] = machine[use];
            return ModelThread.Next;
        });
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

    private void AdoptIncoming(ModelThread thread)
    {
        ModelLabel over = new();
        thread.Access("TakeAll: IsEmpty", machine => machine.Read(_head) is 0 or Closed ? over.Position : ModelThread.Next);
        thread.Locked("TakeAll: Exchange(_head, null), put in order", machine =>
        {
            int head = machine[_head];
            machine[_head] = 0;
            foreach (int task in Linked(machine, head))
            {
                machine[_next + task] = 0;
                _ = AppendReady(machine, task);
            }

            return ModelThread.Next;
        });
        thread.Mark(over);
    }

    /// <summary>The tasks of a stack that was taken, first pushed first.</summary>
    private List<int> Linked(Machine machine, int head)
    {
        List<int> tasks = [];
        for (int task = head; task is not (0 or Closed); task = machine[_next + task])
        {
            if (tasks.Contains(task) || machine[_place + task] != 0)
            {
                _ = machine.Fail("the queue's links are broken");
                break;
            }

            tasks.Add(task);
        }

        if (_mutation != LoopMutation.NotReversed)
        {
            tasks.Reverse();
        }

        return tasks;
    }
}
