namespace AwsIO.Tests.ModelChecking;

/// <summary>What threads do that are not the loop's: <c>EventLoop.cs</c> has most of it.</summary>
internal sealed partial class LoopModel
{
    private readonly List<ModelThread> _clients = [];

    private void AddClient(string name, (LoopAct Act, int Task)[] acts)
    {
        ModelThread client = NewThread(name);
        _clients.Add(client);
        foreach ((LoopAct act, int number) in acts)
        {
            switch (act)
            {
                case LoopAct.Schedule:
                    MarkScheduled(client, _ => number);
                    Push(client, _ => number);
                    break;
                case LoopAct.Cancel:
                    ModelLabel over = new();
                    MarkCancelAsked(client, _ => number, over);
                    PushCancel(client, _ => number, isLoop: false);
                    client.Mark(over);
                    break;
                case LoopAct.Stop:
                    Stop(client);
                    break;
                case LoopAct.WaitForStop:
                    WaitForStop(client);
                    break;
                case LoopAct.Start:
                    Start(client);
                    break;
                case LoopAct.BeginEnd:
                    BeginEnd(client);
                    break;
                case LoopAct.WaitForEnd:
                    WaitForEnd(client);
                    break;
                default:
                    client.Locked("an event comes", machine =>
                    {
                        machine[_event] = 1;
                        return ModelThread.Next;
                    });
                    break;
            }
        }
    }

    private void Stop(ModelThread client)
    {
        ModelLabel over = new();
        if (_mutation != LoopMutation.WakeBeforeStop)
        {
            AskToStop(client);
        }

        client.Access("Wake: if (!_ended)", machine => machine.Read(_ended) != 0 ? over.Position : ModelThread.Next);
        WakeUp(client);
        client.Mark(over);
        if (_mutation == LoopMutation.WakeBeforeStop)
        {
            AskToStop(client);
        }
    }

    private void AskToStop(ModelThread client) => client.Access("Stop: _stopAsked = true", machine =>
    {
        machine.Write(_stopAsked, 1);
        return ModelThread.Next;
    });

    private void WaitForStop(ModelThread client) => client.Locked("AwaitStop: _stopped.Wait(), _thread.Join()", machine =>
        machine[_stopped] != 0 && machine[_hasThread] == 0 ? ModelThread.Next : machine.Wait());

    private void Start(ModelThread client)
    {
        client.Access("Start: _stopped.IsSet", machine =>
            machine.Read(_stopped) != 0 ? ModelThread.Next : machine.Fail("a loop was started that runs"));
        client.Access("Start: _stopAsked = false", machine =>
        {
            machine.Write(_stopAsked, 0);
            return ModelThread.Next;
        });
        client.Locked("Start: _stopped.Reset()", machine =>
        {
            machine[_stopped] = 0;
            return ModelThread.Next;
        });
        client.Locked("Start: the thread starts", machine =>
        {
            machine.Fail(machine[_hasThread] == 0, "a loop has two threads");
            machine[_hasThread] = 1;
            return ModelThread.Next;
        });
    }

    private void BeginEnd(ModelThread client)
    {
        ModelLabel stop = new();
        client.Access("BeginEnd: _endAsked = true", machine =>
        {
            machine.Write(_endAsked, 1);
            return ModelThread.Next;
        });
        client.Access("BeginEnd: _stopped.IsSet", machine => machine.Read(_stopped) != 0 ? ModelThread.Next : stop.Position);
        client.Access("BeginEnd: !_ended", machine => machine.Read(_ended) == 0 ? ModelThread.Next : stop.Position);
        Start(client);
        client.Mark(stop);
        Stop(client);
    }

    private void WaitForEnd(ModelThread client)
    {
        ModelLabel again = new();
        ModelLabel over = new();
        WaitForStop(client);
        client.Mark(again);
        client.Access("WaitForEnd: while (!_ended)", machine =>
            machine.Read(_ended) != 0 || _mutation == LoopMutation.NoSecondStart ? over.Position : ModelThread.Next);
        Start(client);
        Stop(client);
        WaitForStop(client);
        client.Jump(again);
        client.Mark(over);
    }
}
