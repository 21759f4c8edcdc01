using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Stress;

/// <summary>The reader alone, against data, cancellations, timeouts and ends from several threads at once.</summary>
public sealed class ReaderStressTests : RuntimeTest
{
    private const int Rounds = 100_000;

    private static readonly int s_million = (int)(1_000_000 * double.Parse(
        Environment.GetEnvironmentVariable("AWSIO_STRESS_SHARE") ?? "1", System.Globalization.CultureInfo.InvariantCulture));

    [Theory, InlineData(ContinuationMode.ThreadPool), InlineData(ContinuationMode.Inline)]
    public Task Each_read_is_answered_once_and_no_byte_is_lost(ContinuationMode mode) =>
        Race(mode, new Pace(Rounds), TimeSpan.FromMinutes(3));

    /// <remarks>
    /// Others had an operation's object used again while its cancellation was still on the way: a read's object is one and the same for
    /// all reads of its connection.
    /// </remarks>
    [Theory(Explicit = true), InlineData(ContinuationMode.ThreadPool), InlineData(ContinuationMode.Inline)]
    [Trait("Category", "Stress")]
    public Task Each_of_a_million_reads_that_are_cancelled_or_completed_is_answered_once(ContinuationMode mode) =>
        Race(mode, Pace.All(s_million), TimeSpan.FromMinutes(5));

    private async Task Race(ContinuationMode mode, Pace pace, TimeSpan limit)
    {
        EventLoop loop = Io.Group[0];
        ConnectionReader reader = new ConnectionHandler(loop, mode, 1 << 30).Reader;
        using Canceller canceller = new();
        Feeder feeder = new(loop, reader);
        await Task.Run(async () =>
        {
            Random random = new(7);
            byte[] buffer = new byte[64];
            long expected = 0;
            int cancelled = 0;
            int expired = 0;
            int answered = 0;
            while (pace.GoesOn())
            {
                if (EventLoop.Current is not null && random.Next(4) != 0)
                {
                    // Off the loop again, where reading races with it.
                    await Task.Yield();
                }

                int kind = random.Next(8);
                feeder.Ask(kind == 0 ? 0 : random.Next(4));
                reader.Timeout = kind switch
                {
                    1 => TimeSpan.FromTicks(random.Next(1, 300)),
                    2 => TimeSpan.FromMinutes(1),
                    _ => Timeout.InfiniteTimeSpan,
                };

                // Whatever else may end the read, this does; so that a lost wake-up is a hang.
                using CancellationTokenSource cancel = new();
                canceller.Cancel(cancel, random.Next(200));
                try
                {
                    int count = await reader.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)), cancel.Token).ConfigureAwait(false);
                    Assert.NotEqual(0, count);
                    answered++;
                    for (int i = 0; i < count; i++)
                    {
                        Assert.Equal((byte)expected++, buffer[i]);
                    }
                }
                catch (OperationCanceledException exception)
                {
                    Assert.Equal(cancel.Token, exception.CancellationToken);
                    cancelled++;
                }
                catch (IoException exception)
                {
                    Assert.Equal(IoErrorCode.SocketTimeout, exception.ErrorCode);
                    Assert.Equal(1, kind);
                    expired++;
                }

                canceller.WaitUntilDone();
            }

            // Each read had one end.
            pace.AssertEnough(answered + cancelled + expired);
            Assert.True(cancelled > 0 && answered > 0, $"{cancelled} cancelled, {answered} answered, {expired} expired");

            // What was sent and not read yet is still there, in order.
            long total = await feeder.Total().ConfigureAwait(false);
            reader.Timeout = Timeout.InfiniteTimeSpan;
            while (expected < total)
            {
                int count = await reader.ReadAsync(buffer, default).ConfigureAwait(false);
                for (int i = 0; i < count; i++)
                {
                    Assert.Equal((byte)expected++, buffer[i]);
                }
            }
        }).WaitAsync(limit);
    }

    [Theory, InlineData(ContinuationMode.ThreadPool), InlineData(ContinuationMode.Inline)]
    public async Task An_end_answers_the_read_and_leaves_no_message_behind(ContinuationMode mode)
    {
        EventLoop loop = Io.Group[0];
        using Canceller canceller = new();
        await Task.Run(async () =>
        {
            Random random = new(11);
            byte[] buffer = new byte[8];
            Pace pace = new(Rounds / 5);
            int rounds = 0;
            while (pace.GoesOn())
            {
                ConnectionHandler handler = new(loop, mode, 1 << 30);
                ConnectionReader reader = handler.Reader;
                Feeder feeder = new(loop, reader);
                using CancellationTokenSource cancel = new();
                feeder.Ask(random.Next(3));
                feeder.Ask(random.Next(3));
                canceller.Run(() => handler.StopReading(IoErrorCode.SocketClosed), random.Next(200));
                try
                {
                    while (await reader.ReadAsync(buffer, default).ConfigureAwait(false) > 0)
                    {
                    }
                }
                catch (IoException exception)
                {
                    Assert.Equal(IoErrorCode.SocketClosed, exception.ErrorCode);
                }
                catch (InvalidOperationException)
                {
                    // The end was just throwing away what came.
                }

                canceller.WaitUntilDone();
                await feeder.Total().ConfigureAwait(false);
                rounds++;
            }

            pace.AssertEnough(rounds);
        }).WaitAsync(TimeSpan.FromMinutes(3));
    }

    /// <summary>Adds messages on the loop, as a channel does.</summary>
    private sealed class Feeder(EventLoop loop, ConnectionReader reader)
    {
        private long _next;

        internal void Ask(int messages)
        {
            if (messages > 0)
            {
                loop.Schedule(IoTask.Create(static (work, _) => work.feeder.Add(work.messages), (feeder: this, messages)));
            }
        }

        internal Task<long> Total() => loop.Call(() => _next);

        private void Add(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                IoMessage message = LoopMessagePool.Of(loop).Rent(IoMessageKind.ApplicationData, 3);
                for (int j = 0; j <= i; j++)
                {
                    message.FreeSpace[0] = (byte)_next++;
                    message.Advance(1);
                }

                reader.Add(message);
            }
        }
    }

    /// <summary>A thread that does something a moment from now, as near to the reader's own steps as it can be.</summary>
    private sealed class Canceller : IDisposable
    {
        private readonly Thread _thread;
        private Action? _action;
        private int _delay;
        private bool _ended;

        internal Canceller()
        {
            _thread = new Thread(Work) { IsBackground = true };
            _thread.Start();
        }

        public void Dispose()
        {
            Volatile.Write(ref _ended, true);
            _thread.Join();
        }

        internal void Cancel(CancellationTokenSource source, int delay) => Run(source.Cancel, delay);

        internal void Run(Action action, int delay)
        {
            _delay = delay;
            Volatile.Write(ref _action, action);
        }

        internal void WaitUntilDone()
        {
            SpinWait spin = default;
            while (Volatile.Read(ref _action) is not null)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }

        private void Work()
        {
            SpinWait spin = default;
            while (!Volatile.Read(ref _ended))
            {
                if (Volatile.Read(ref _action) is not { } action)
                {
                    spin.SpinOnce(sleep1Threshold: -1);
                    continue;
                }

                Thread.SpinWait(_delay);
                action();
                Volatile.Write(ref _action, null);
                spin = default;
            }
        }
    }
}
