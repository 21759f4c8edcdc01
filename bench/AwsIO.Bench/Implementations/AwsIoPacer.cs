namespace AwsIO.Bench.Implementations;

/// <summary>Has the quiet connections of a loop send when they are due. Its task runs itself again until the loop ends.</summary>
internal sealed class AwsIoPacer(EventLoop loop, IReadOnlyList<(AwsIoLoad.IStarter Starter, IoChannel Channel)> clients) : IoTask
{
    private readonly QuietSchedule _schedule = new(clients.Count);

    protected override void Run(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run)
        {
            _schedule.RunDue(Send);
            loop.ScheduleAfter(this, QuietSchedule.Tick);
        }
    }

    private void Send(int index)
    {
        (AwsIoLoad.IStarter starter, IoChannel channel) = clients[index];
        starter.Start(channel);
    }
}
