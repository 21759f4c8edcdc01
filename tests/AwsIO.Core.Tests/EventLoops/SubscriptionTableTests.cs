using System.Diagnostics;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public sealed class SubscriptionTableTests
{
    /// <remarks>Each table has a lock of its own: both found the handle free, and one overwrote what the other had noted in it.</remarks>
    [Fact]
    public async Task Of_two_tables_that_a_handle_is_added_to_at_once_one_has_it()
    {
        const int rounds = 50_000;

        // Where others keep the processors busy, the two wait for each other most of the time: fewer rounds then.
        TimeSpan longest = Waiting.Limit / 6;
        long start = Stopwatch.GetTimestamp();
        int end = rounds;
        IoHandle handle = new(0);
        SubscriptionTable[] tables = [new(), new()];
        RecordingHandler handler = new();
        IoErrorCode[] answers = new IoErrorCode[2];
        int[] arrived = new int[2];
        bool failed = false;
        await Task.WhenAll(Task.Run(() => Try(0)), Task.Run(() => Try(1))).Within();

        void Try(int own)
        {
            try
            {
                Run(own);
            }
            catch
            {
                Volatile.Write(ref failed, true);
                throw;
            }
        }

        void Run(int own)
        {
            for (int round = 0; ; round++)
            {
                if (own == 0 && Stopwatch.GetElapsedTime(start) > longest)
                {
                    Volatile.Write(ref end, round);
                }

                Meet(own);
                if (round >= Volatile.Read(ref end))
                {
                    return;
                }

                // Whoever comes last to where they meet is ahead from there on: now one has that much more to do, now the other.
                for (int steps = own == 0 ? round % 256 : 0; steps > 0; steps--)
                {
                    Assert.False(Volatile.Read(ref failed));
                }

                answers[own] = tables[own].TryAdd(handle, handler, out _);
                Meet(own);
                int other = 1 - own;
                bool isMine = answers[own] == IoErrorCode.Success;
                Assert.Equal(isMine ? IoErrorCode.AlreadySubscribed : IoErrorCode.Success, answers[other]);
                Assert.Equal(isMine ? IoErrorCode.Success : IoErrorCode.AlreadySubscribed, answers[own]);
                Meet(own);

                // Both at once again: only whose it is can take it out.
                Assert.Equal(isMine, tables[own].Remove(handle));
                tables[own].ReleaseRetired();
                Assert.Equal(0, tables[own].Count);
            }
        }

        void Meet(int own)
        {
            int mine = Interlocked.Increment(ref arrived[own]);
            for (int spins = 0; Volatile.Read(ref arrived[1 - own]) < mine; spins++)
            {
                Assert.False(Volatile.Read(ref failed), "The other one has failed.");
                if (spins > 10_000)
                {
                    Thread.Yield();
                }
            }
        }
    }
}
