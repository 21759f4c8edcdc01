namespace AwsIO.Tests.ModelChecking;

/// <summary>A second loop, which a task moves on to: as <c>EventLoop.Tasks.cs</c> has it, but neither sleeping nor ending.</summary>
internal sealed partial class LoopModel
{
    /// <summary>What a task's <c>Loop</c> holds: 0 is null.</summary>
    private static int NumberOf(int loop) => loop + 1;

    private void AddOtherLoop()
    {
        ModelThread loop = NewThread("other loop");
        int task = loop.Local("task to run");
        ModelLabel tick = new();
        loop.Mark(tick);
        loop.Locked("Poll: epoll_wait", machine =>
            machine[_otherHead] != 0 || machine[_cancelQueue + OtherLoop] != 0 || TaskElsewhere(machine) != 0
                ? ModelThread.Next
                : machine.Wait());
        AdoptElsewhere(loop);
        DrainCancelQueue(loop, isLoop: true, OtherLoop);
        loop.Silent(machine =>
        {
            machine[task] = TaskElsewhere(machine);
            if (machine[task] == 0)
            {
                return tick.Position;
            }

            Remove(machine, machine[task]);
            return ModelThread.Next;
        });
        Call(loop, machine => machine[task], isLoop: true, self: OtherLoop);
        loop.Silent(machine =>
        {
            machine[task] = 0;
            return tick.Position;
        });
    }

    private int TaskElsewhere(Machine machine) =>
        Enumerable.Range(1, _tasks).FirstOrDefault(task =>
            machine[_place + task] == Elsewhere && !_options.Timers.Contains(task));

    /// <summary>Schedules a task on the other loop, from its call.</summary>
    private void PushElsewhere(ModelThread thread, TaskOf task, int self)
    {
        if (self == OtherLoop)
        {
            thread.Silent(machine =>
            {
                machine[_place + task(machine)] = Elsewhere;
                return ModelThread.Next;
            });
            return;
        }

        thread.Locked("TryPush: onto the other loop", machine =>
        {
            machine.Fail(machine[_otherHead] == 0, "the queue's links are broken");
            machine[_otherHead] = task(machine);
            return ModelThread.Next;
        });
    }

    private void AdoptElsewhere(ModelThread loop) => loop.Locked("TakeAll: on the other loop", machine =>
    {
        if (machine[_otherHead] != 0)
        {
            machine[_place + machine[_otherHead]] = Elsewhere;
            machine[_otherHead] = 0;
        }

        return ModelThread.Next;
    });
}
