using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Stress;

/// <summary>Messages that one thread rents and another gives back.</summary>
public class MessageStressTests : StressTest
{
    private const int Batch = 128;

    [Fact(Explicit = true)]
    public async Task A_loops_messages_that_eight_threads_release_come_back_and_have_one_owner_at_a_time()
    {
        int rounds = Batches(Batch);
        long wrongs = 0;
        long released = 0;
        await OnThreads(thread =>
        {
            Renter renter = new(Loop, thread);
            long wrong = 0;
            for (int i = 0; i < rounds; i++)
            {
                renter.Rent();
                foreach (IoMessage message in renter.Messages)
                {
                    // Nobody else may have written to it, or have been given it, in between.
                    wrong += message.Tag == thread + 1 && message.Length == 1 && message.Data[0] == thread ? 0 : 1;
                    message.Release();
                }

                Interlocked.Add(ref released, Batch);
            }

            Interlocked.Add(ref wrongs, wrong);
        });
        Assert.Equal(0, wrongs);
        Assert.Equal((long)Threads * rounds * Batch, released);
        await Loop.Call(() =>
        {
            LoopMessagePool pool = LoopMessagePool.Of(Loop);
            pool.TakeBackReleased();
            Assert.Equal(0, pool.Outstanding);
        });
    }

    [Fact(Explicit = true)]
    public async Task Messages_for_all_threads_have_one_owner_at_a_time()
    {
        int rounds = Rounds;
        int before = SharedMessagePool.Instance.Outstanding;
        IoMessage?[] swaps = new IoMessage?[4];
        long wrongs = 0;
        long rented = 0;
        long released = 0;
        await OnThreads(thread =>
        {
            Random random = new(thread);
            long wrong = 0;
            long releases = 0;
            for (int i = 0; i < rounds; i++)
            {
                IoMessage message = SharedMessagePool.Instance.Rent(IoMessageKind.ApplicationData, 8);
                wrong += message.Length == 0 && message.Tag == 0 ? 0 : 1;
                message.FreeSpace[0] = (byte)thread;
                message.Advance(1);
                message.Tag = thread + 1;

                // Whoever gets it from the place is its owner, and no thread releases only its own.
                if (Interlocked.Exchange(ref swaps[random.Next(swaps.Length)], message) is { } other)
                {
                    wrong += other.Length == 1 && other.Data[0] + 1 == other.Tag ? 0 : 1;
                    other.Release();
                    releases++;
                }
            }

            Interlocked.Add(ref wrongs, wrong);
            Interlocked.Add(ref rented, rounds);
            Interlocked.Add(ref released, releases);
        });
        IoMessage[] last = [.. swaps.OfType<IoMessage>()];
        Array.ForEach(last, static message => message.Release());
        Assert.Equal(0, wrongs);
        Assert.Equal((long)Threads * rounds, rented);
        Assert.Equal(rented, released + last.Length);
        Assert.Equal(before, SharedMessagePool.Instance.Outstanding);
    }

    /// <summary>Has the loop rent messages for a thread.</summary>
    private sealed class Renter : IoTask
    {
        private readonly EventLoop _loop;
        private readonly int _thread;
        private bool _done;

        internal Renter(EventLoop loop, int thread)
        {
            _loop = loop;
            _thread = thread;
        }

        internal IoMessage[] Messages { get; } = new IoMessage[Batch];

        internal void Rent()
        {
            Volatile.Write(ref _done, false);
            _loop.Schedule(this);
            Until(() => Volatile.Read(ref _done), "Messages are rented");
        }

        protected override void Run(IoTaskStatus status)
        {
            LoopMessagePool pool = LoopMessagePool.Of(_loop);
            for (int i = 0; i < Batch; i++)
            {
                IoMessage message = pool.Rent(IoMessageKind.ApplicationData, 8);
                message.FreeSpace[0] = (byte)_thread;
                message.Advance(1);
                message.Tag = _thread + 1;
                Messages[i] = message;
            }

            Volatile.Write(ref _done, true);
        }
    }
}

public sealed class ManualMessageStressTests : MessageStressTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}
