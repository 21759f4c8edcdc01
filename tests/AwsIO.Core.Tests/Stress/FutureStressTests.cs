using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Stress;

/// <summary>Futures that eight threads complete, fail, watch, take from, wait for and dispose of, each in its own order.</summary>
public sealed class FutureStressTests : StressTest
{
    private const int Batch = 256;

    [Fact(Explicit = true)]
    public async Task A_future_completes_once_and_each_result_has_one_end()
    {
        int batches = Batches(Batch);
        Piece[] pieces = [.. Enumerable.Range(0, 2 * Batch).Select(static _ => new Piece())];
        Future<Piece>[] futures = new Future<Piece>[Batch];
        int[] completions = new int[Batch];
        int[] calls = new int[Batch];
        int[] takes = new int[Batch];
        long[] seen = new long[3];
        long wrongs = 0;
        long judged = 0;
        using Barrier barrier = new(Threads, _ =>
        {
            // All threads are through: what came out of each future is what may come out of it.
            for (int i = 0; i < Batch && futures[0] is not null; i++)
            {
                bool isRight = completions[i] <= 1 && calls[i] <= completions[i] && takes[i] <= completions[i]
                    && pieces[i].Ends == 1 && pieces[i + Batch].Ends == 1 && futures[i].IsDone;
                wrongs += isRight ? 0 : 1;
                judged++;
                seen[0] += completions[i];
                seen[1] += calls[i];
                seen[2] += takes[i];
            }

            Array.Clear(completions);
            Array.Clear(calls);
            Array.Clear(takes);
            for (int i = 0; i < Batch; i++)
            {
                pieces[i].Ends = pieces[i + Batch].Ends = 0;
                futures[i] = new Future<Piece>(static piece => piece.End());
            }
        });
        await OnThreads(thread =>
        {
            Random random = new(thread);
            int[] order = [.. Enumerable.Range(0, Batch)];
            random.Shuffle(order);
            for (int batch = 0; batch < batches; batch++)
            {
                Assert.True(barrier.SignalAndWait(TimeSpan.FromMinutes(1)));
                int shift = random.Next(Batch);
                for (int n = 0; n < Batch; n++)
                {
                    int i = (order[n] + shift) % Batch;
                    Act(thread, i);
                }
            }

            Assert.True(barrier.SignalAndWait(TimeSpan.FromMinutes(1)));
        });

        void Act(int thread, int i)
        {
            Future<Piece> future = futures[i];

            // One thread waits for all; the others change parts from future to future, so that each part comes first now and then.
            const int waiter = Threads - 1;
            int part = thread == waiter ? waiter : (thread + i) % waiter;
            switch (part)
            {
                case 0 or 1:
                    Count(ref completions[i], future.TrySetResult(pieces[i + (part * Batch)]));
                    break;
                case 2:
                    Count(ref completions[i], future.TrySetError(IoErrorCode.SocketClosed));
                    break;
                case 3:
                    _ = future.OnCompleteIfPending(_ => Interlocked.Increment(ref calls[i]));
                    break;
                case 4:
                    Take(future, i);
                    break;
                case 5:
                    _ = future.Wait(TimeSpan.Zero);
                    break;
                case waiter:
                    // Somebody completes or disposes of it: the wait ends.
                    Count(ref wrongs, !future.Wait(TimeSpan.FromMinutes(1)));
                    break;
                default:
                    future.Dispose();
                    break;
            }
        }

        void Take(Future<Piece> future, int i)
        {
            if (!future.IsDone)
            {
                return;
            }

            try
            {
                if (future.Error.IsNone)
                {
                    future.TakeResult().End();
                    Interlocked.Increment(ref takes[i]);
                }
            }
            catch (InvalidOperationException)
            {
                // Disposed of meanwhile.
            }
        }

        Assert.Equal(0, wrongs);
        Assert.Equal((long)batches * Batch, judged);
        Assert.True(seen[0] > 0 && seen[1] > 0 && seen[2] > 0, string.Join(' ', seen));
    }

    private static void Count(ref int counter, bool counts)
    {
        if (counts)
        {
            Interlocked.Increment(ref counter);
        }
    }

    private static void Count(ref long counter, bool counts)
    {
        if (counts)
        {
            Interlocked.Increment(ref counter);
        }
    }

    private sealed class Piece
    {
        internal int Ends;

        internal void End() => Interlocked.Increment(ref Ends);
    }
}
