namespace AwsIO.Tests.ModelChecking;

/// <summary>What <c>EventLoop.Run.cs</c> and <c>EventLoop.Ended.cs</c> do on the loop's thread and on the pool's.</summary>
internal sealed partial class LoopModel
{
    private const int Never = 1;

    private void AddLoop()
    {
        ModelThread loop = NewThread("loop");
        int timeout = loop.Local("timeout");
        ModelLabel tick = new();
        ModelLabel sleep = new();
        ModelLabel poll = new();
        ModelLabel awake = new();
        ModelLabel stop = new();
        ModelLabel start = new();

        loop.Mark(start);
        loop.Locked("RunThread", machine => machine[_hasThread] != 0 ? ModelThread.Next : machine.Wait());
        loop.Mark(tick);
        loop.Access("RunThread: while (!_stopAsked && ...)", machine => machine.Read(_stopAsked) != 0 ? stop.Position : ModelThread.Next);
        loop.Access("RunThread: while (... && !_endAsked)", machine => machine.Read(_endAsked) != 0 ? stop.Position : ModelThread.Next);
        loop.Access("TimeUntilNextTask: _stopAsked", machine =>
        {
            machine[timeout] = machine[_readyCount] > 0 || machine.Read(_stopAsked) != 0 ? 0 : Never;
            return machine[timeout] == 0 ? sleep.Position : ModelThread.Next;
        });
        if (_options.Spins)
        {
            SpinForWork(loop, timeout, sleep, awake);
        }

        loop.Mark(sleep);
        Sleep(loop, timeout, poll);
        loop.Mark(poll);
        loop.Locked("Poll: epoll_wait", machine =>
        {
            machine.Fail(machine[_backendClosed] == 0, "a closed descriptor was waited on");
            if (machine[timeout] == Never && machine[_edge] == 0 && machine[_event] == 0)
            {
                return machine.Wait();
            }

            machine[timeout] = 0;
            machine[_edge] = 0;
            machine[_event] = 0;
            return ModelThread.Next;
        });
        loop.Access("NoteAwake: Sleeping = 0", machine =>
        {
            machine.Write(_sleeping, 0);
            return ModelThread.Next;
        });

        loop.Mark(awake);
        AdoptIncoming(loop);
        ModelLabel noCancels = new();
        loop.Access("RunTick: CancelQueue is not null", machine =>
            machine.Read(_cancelQueue) != 0 ? ModelThread.Next : noCancels.Position);
        DrainCancelQueue(loop, isLoop: true);
        loop.Mark(noCancels);
        RunDueTasks(loop);
        loop.Jump(tick);

        loop.Mark(stop);
        StopNow(loop);
        loop.Jump(start);
    }

    private void SpinForWork(ModelThread loop, int timeout, ModelLabel sleep, ModelLabel awake)
    {
        ModelLabel look = new();
        ModelLabel hit = new();
        int found = loop.Local("found");
        loop.Choose("SpinForWork: the budget says for how long", (_, choice) => choice == 0 ? ModelThread.Next : sleep.Position);
        if (_mutation == LoopMutation.FlagBeforeSpin)
        {
            SayAsleep(loop);
        }

        loop.Mark(look);
        HasIncoming(loop, hit);
        loop.Locked("SpinForWork: epoll_wait(0)", machine =>
        {
            machine[found] = machine[_edge] | machine[_event];
            machine[_edge] = 0;
            machine[_event] = 0;
            return ModelThread.Next;
        });
        loop.Access("NoteAwake: Sleeping = 0", machine =>
        {
            machine.Write(_sleeping, 0);
            if (machine.IsBlocked || machine[found] == 0)
            {
                return ModelThread.Next;
            }

            machine[found] = 0;
            machine[timeout] = 0;
            return awake.Position;
        });
        loop.Choose("SpinForWork: now >= end", (_, choice) => choice == 0 ? ModelThread.Next : look.Position);
        loop.Access("SpinForWork: TimeUntilNextTask", machine =>
        {
            machine[timeout] = machine.Read(_stopAsked) != 0 ? 0 : Never;
            return sleep.Position;
        });
        loop.Mark(hit);
        loop.Silent(machine =>
        {
            machine[timeout] = 0;
            return ModelThread.Next;
        });
    }

    private void SayAsleep(ModelThread loop)
    {
        if (_mutation == LoopMutation.NoFenceBeforeSleep)
        {
            loop.Access("Sleep: Sleeping = 1", machine =>
            {
                machine.Write(_sleeping, 1);
                machine[_mayWake] = machine.IsBlocked ? machine[_mayWake] : 1;
                return ModelThread.Next;
            });
        }
        else
        {
            loop.Locked("Sleep: Exchange(Sleeping, 1)", machine =>
            {
                machine[_sleeping] = 1;
                machine[_mayWake] = 1;
                return ModelThread.Next;
            });
        }
    }

    private void Sleep(ModelThread loop, int timeout, ModelLabel poll)
    {
        ModelLabel some = new();
        loop.Silent(machine => machine[timeout] == 0 ? poll.Position : ModelThread.Next);
        if (_mutation == LoopMutation.LookBeforeFlag)
        {
            HasIncoming(loop, some);
        }

        if (_mutation != LoopMutation.FlagBeforeSpin)
        {
            SayAsleep(loop);
        }

        if (_mutation is not (LoopMutation.LookBeforeFlag or LoopMutation.NoLookBeforeSleep))
        {
            HasIncoming(loop, some);
        }

        loop.Jump(poll);
        loop.Mark(some);
        loop.Silent(machine =>
        {
            machine[timeout] = 0;
            return ModelThread.Next;
        });
    }

    private void HasIncoming(ModelThread loop, ModelLabel some)
    {
        loop.Access("HasIncoming: !Incoming.IsEmpty", machine => machine.Read(_head) is 0 or Closed ? ModelThread.Next : some.Position);
        loop.Access("HasIncoming: CancelQueue is not null", machine =>
            machine.Read(_cancelQueue) == 0 ? ModelThread.Next : some.Position);
        loop.Access("HasIncoming: _stopAsked", machine => machine.Read(_stopAsked) == 0 ? ModelThread.Next : some.Position);
    }

    private void RunDueTasks(ModelThread loop)
    {
        // What becomes ready meanwhile belongs to the next tick.
        int left = loop.Local("ready in this tick");
        int task = loop.Local("task to run");
        ModelLabel again = new();
        ModelLabel over = new();
        loop.Silent(machine =>
        {
            machine[left] = machine[_readyCount];
            return ModelThread.Next;
        });
        loop.Mark(again);
        loop.Silent(machine =>
        {
            if (machine[left] == 0)
            {
                return over.Position;
            }

            machine[left]--;
            machine[task] = machine[_ready];
            Remove(machine, machine[task]);
            return ModelThread.Next;
        });
        Call(loop, machine => machine[task], isLoop: true);
        loop.Silent(machine =>
        {
            machine[task] = 0;
            return again.Position;
        });
        loop.Mark(over);
    }

    private void StopNow(ModelThread loop)
    {
        ModelLabel leave = new();
        loop.Access("StopNow: if (_endAsked)", machine => machine.Read(_endAsked) != 0 ? ModelThread.Next : leave.Position);
        if (_options.Ends)
        {
            End(loop);
        }

        loop.Mark(leave);
        loop.Locked("StopNow: _stopped.Set()", machine =>
        {
            machine[_stopped] = 1;
            machine[_hasThread] = 0;
            return ModelThread.Next;
        });
    }

    private void End(ModelThread loop)
    {
        CancelEverything(loop);
        loop.Locked("End: an object of the loop's is told that it is removed", machine =>
        {
            machine.Fail(++machine[_running] == 1, "two callbacks run at once");
            return ModelThread.Next;
        });
        loop.Locked("End: the object has returned", machine =>
        {
            machine[_running]--;
            return ModelThread.Next;
        });
        if (_mutation == LoopMutation.EndedAfterLastDrain)
        {
            DrainCancelQueue(loop, isLoop: true);
        }

        loop.Access("End: _ended = true", machine =>
        {
            machine.Write(_ended, 1);
            return ModelThread.Next;
        });
        if (_mutation != LoopMutation.EndedAfterLastDrain)
        {
            DrainCancelQueue(loop, isLoop: true);
        }

        loop.Locked("CloseBackend: Add(_wakers, int.MinValue)", machine =>
        {
            machine[_closingBackend] = 1;
            return ModelThread.Next;
        });
        loop.Locked("CloseBackend: until _wakers == int.MinValue, CloseKernel()", machine =>
        {
            if (machine[_wakers] != 0)
            {
                return machine.Wait();
            }

            machine[_backendClosed] = 1;
            return ModelThread.Next;
        });
        if (_mutation != LoopMutation.LateBeforeEnd)
        {
            loop.Locked("AdmitLate: Decrement(_lateCount)", machine =>
            {
                machine[_poolWork] = --machine[_lateCount] == 0 ? 0 : 1;
                return ModelThread.Next;
            });
        }
    }

    private void CancelEverything(ModelThread loop)
    {
        int list = loop.Local("list at the end");
        int task = loop.Local("task at the end");
        ModelLabel again = new();
        ModelLabel close = new();
        ModelLabel late = new();
        ModelLabel over = new();
        loop.Mark(again);
        AdoptIncoming(loop);
        DrainCancelQueue(loop, isLoop: true);
        loop.Silent(machine =>
        {
            machine[task] = Enumerable.Range(1, _tasks).FirstOrDefault(i => machine[_place + i] is Ready or Heap);
            if (machine[task] == 0)
            {
                return close.Position;
            }

            Remove(machine, machine[task]);
            return ModelThread.Next;
        });
        Call(loop, machine => machine[task], isLoop: true);
        loop.Silent(machine =>
        {
            machine[task] = 0;
            return again.Position;
        });

        loop.Mark(close);
        loop.Locked("CloseIncoming: Exchange(_head, s_closed)", machine =>
        {
            int head = machine[_head];
            machine[_head] = _mutation == LoopMutation.NotClosed ? 0 : Closed;

            // Put in order, they are linked by Next again.
            List<int> tasks = Linked(machine, head);
            for (int i = 0; i < tasks.Count; i++)
            {
                machine[_next + tasks[i]] = i + 1 < tasks.Count ? tasks[i + 1] : 0;
            }

            machine[list] = tasks.FirstOrDefault();
            return ModelThread.Next;
        });
        loop.Mark(late);
        loop.Silent(machine =>
        {
            if (machine[list] == 0)
            {
                return Enumerable.Range(1, _tasks).Any(i => machine[_place + i] is Ready or Heap) ? again.Position : over.Position;
            }

            machine[task] = machine[list];
            machine[list] = machine[_next + machine[task]];
            machine[_next + machine[task]] = 0;
            return ModelThread.Next;
        });
        Call(loop, machine => machine[task], isLoop: true);
        loop.Silent(machine =>
        {
            machine[task] = 0;
            return late.Position;
        });
        loop.Mark(over);
    }

    private void CancelLate(ModelThread thread, TaskOf task)
    {
        thread.Locked("CancelLate: _late.Enqueue(task)", machine =>
        {
            int free = Enumerable.Range(0, _tasks).First(i => machine[_late + i] == 0);
            machine[_late + free] = task(machine);
            return ModelThread.Next;
        });
        thread.Locked("CancelLate: Increment(_lateCount)", machine =>
        {
            machine[_poolWork] |= ++machine[_lateCount] == 1 ? 1 : 0;
            return ModelThread.Next;
        });
    }

    private void AddPool()
    {
        ModelThread pool = NewThread("pool");
        int task = pool.Local("late task");
        ModelLabel start = new();
        ModelLabel again = new();
        pool.Mark(start);
        pool.Locked("DrainLate", machine =>
        {
            if (machine[_poolWork] == 0)
            {
                return machine.Wait();
            }

            machine[_poolWork] = 0;
            return ModelThread.Next;
        });
        pool.Mark(again);
        pool.Locked("DrainLate: _late.TryDequeue", machine =>
        {
            machine[task] = machine[_late];
            machine.Fail(machine[task] != 0, "a late task is not there");
            for (int i = 0; i + 1 < _tasks; i++)
            {
                machine[_late + i] = machine[_late + i + 1];
            }

            machine[_late + _tasks - 1] = 0;
            return ModelThread.Next;
        });
        Call(pool, machine => machine[task], isLoop: false);
        pool.Locked("DrainLate: Decrement(_lateCount) != 0", machine =>
        {
            machine[task] = 0;
            return --machine[_lateCount] == 0 ? start.Position : again.Position;
        });
    }
}
