namespace AwsIO.Tests.ModelChecking;

/// <summary>What <c>IoTask.cs</c>, <c>TaskStack.cs</c> and <c>EventLoop.Tasks.cs</c> do to a task.</summary>
internal sealed partial class LoopModel
{
    /// <summary>A task that a thread works on: a constant of its program, or a variable of the thread's.</summary>
    private delegate int TaskOf(Machine machine);

    private void MarkScheduled(ModelThread thread, TaskOf task, int owner = ThisLoop)
    {
        thread.Locked("MarkScheduled: CompareExchange(_state, Scheduled, Idle)", machine =>
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

    /// <summary>On the loop's own thread, which alone looks at the state of its own tasks.</summary>
    private void MarkOwn(ModelThread thread, TaskOf task)
    {
        thread.Access("TryMarkOwn: _state = OwnScheduled", machine =>
        {
            machine.Fail(machine.Read(_isScheduled + task(machine)) == 0, "a task was scheduled twice");
            machine.Write(_isScheduled + task(machine), 1);
            machine[_scheduled + task(machine)]++;
            return ModelThread.Next;
        });
        WriteUse(thread, task, "TryMarkOwn: _use = _use + 1");
    }

    /// <summary>Begins a task's use or ends it: whoever does that has the task, so that nobody else writes the number.</summary>
    private void WriteUse(ModelThread thread, TaskOf task, string what) => thread.Access(what, machine =>
    {
        int use = _use + task(machine);
        machine.Write(use, machine.Read(use) + 1);
        return ModelThread.Next;
    });

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

        if (!_options.AreOwn)
        {
            thread.Access("MarkCalled: Loop = null", machine =>
            {
                machine.Write(_owner + task(machine), 0);
                return ModelThread.Next;
            });
        }

        if (_mutation == LoopMutation.OwnerBeforeUse)
        {
            WriteUse(thread, task, "MarkCalled: _use = use + 1");
        }

        thread.Access("MarkCalled: _state = Idle", machine =>
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

            int uses = _options.Moved.Contains(number) && !_options.Timers.Contains(number) ? 2
                : _options.Moved.Contains(number) ? 1
                : _options.Reused.Contains(number) ? 1 : 0;
            return isLoop && uses > 0 && machine[_reuses + number]++ < uses ? ModelThread.Next : callback.Position;
        });
        if (isLoop && _options.Moved.Count > 0)
        {
            MarkScheduled(thread, task, OtherLoop);
            PushElsewhere(thread, task, self);
        }
        else if (isLoop && _options.Reused.Count > 0)
        {
            if (_options.AreOwn)
            {
                MarkOwn(thread, task);
            }
            else
            {
                MarkScheduled(thread, task);
            }

            if (_options.IsPushedAgain)
            {
                Push(thread, task);
            }
            else
            {
                thread.Silent(machine => AppendReady(machine, task(machine)));
            }
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
