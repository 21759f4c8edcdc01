using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Shared.Refusals;

/// <summary>
/// The sockets, channels and groups that are made from a moment on. A test that fails in the middle has ended none of its own: they are
/// ended in its place, so that what is left then was forgotten by the library. That they do end is the library's, too.
/// </summary>
internal sealed class LeftOpen : IDisposable
{
    private readonly object _gate = new();
    private readonly List<object> _made = [];

    internal LeftOpen() => OwnedThings.Made += Note;

    /// <summary>How long one of them may take, though it is told to end at once.</summary>
    internal static TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(10);

    public void Dispose() => OwnedThings.Made -= Note;

    /// <summary>Ends all; gives the kinds of those that do not end, which nothing excuses.</summary>
    internal async Task<List<string>> EndAll()
    {
        Dispose();
        List<string> remaining = [];
        object[] made;
        lock (_gate)
        {
            made = [.. _made];
        }

        // What stands on something goes before it; but some channels wait for nothing but their loop's end.
        EventLoopGroup[] groups = [.. made.OfType<EventLoopGroup>()];
        IoChannel[] channels = [.. made.OfType<IoChannel>().Where(static channel => IsAlive(channel.EventLoop))];
        Array.ForEach(channels, static channel => channel.Abort(IoErrorCode.OperationCancelled));
        foreach (IoChannel channel in channels.Where(channel => !groups.Contains(channel.EventLoop.Group)))
        {
            if (!await Ends(() => channel.State == ChannelState.ShutDown))
            {
                remaining.Add($"a channel that is {channel.State}");
            }
        }

        foreach (IoSocket socket in made.OfType<IoSocket>().Where(static socket => socket.IsOpen))
        {
            if (socket.EventLoop is not { } loop)
            {
                socket.Dispose();
            }
            else if (IsAlive(loop))
            {
                loop.Schedule(IoTask.Create(static (left, _) => left.Dispose(), socket));
                if (!await Ends(() => !socket.IsOpen))
                {
                    remaining.Add("a socket whose loop does not turn");
                }
            }
        }

        foreach (EventLoopGroup group in groups)
        {
            // Asked for within the task: the group that all share refuses.
            Task end = Task.Run(async () => await group.DisposeAsync());
            if (!await Ends(() => end.IsCompleted))
            {
                remaining.Add("a group of loops");
            }
        }

        return remaining;
    }

    private static bool IsAlive(EventLoop loop) => loop.Group is not { Completion.IsCompleted: true };

    private static async Task<bool> Ends(Func<bool> hasEnded)
    {
        long end = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (!hasEnded())
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2));
        }

        return true;
    }

    private void Note(object thing)
    {
        lock (_gate)
        {
            _made.Add(thing);
        }
    }
}
