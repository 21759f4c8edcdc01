using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;
using FsCheck;
using FsCheck.Fluent;

namespace AwsIO.Tests.Channels;

/// <summary>
/// Random windows, sizes, chains that change while data flows, and moments of shutdown, in the order of a seed: what goes in comes out, no
/// handler gets more than it has asked for, and everybody is told once and in order. A failure names the shortest story that fails.
/// </summary>
[Collection(LoopTestCollection.Name)]
public sealed class ChannelPropertyTests
{
    private const int MostBytes = 40_000;

    [Fact]
    public void Bytes_out_are_bytes_in_whatever_the_windows_and_the_chain() =>
        Check(new Story.Ends(MayShutDown: false), 1000);

    [Fact]
    public void A_shutdown_at_any_moment_tells_everybody_once_and_loses_nothing_before_it() =>
        Check(new Story.Ends(MayShutDown: true), 1000);

    private static void Check(Story.Ends ends, int stories)
    {
        Gen<Step> step =
            from kind in Gen.Choose(0, 11)
            from amount in Gen.Frequency((3, Gen.Choose(0, 50)), (2, Gen.Choose(0, 3000)), (1, Gen.Choose(0, MostBytes)))
            select new Step(kind, amount);
        Gen<Script> script =
            from seed in Gen.Choose(0, 1_000_000)
            from handlers in Gen.Choose(0, 99).ArrayOf()
            from window in Gen.Choose(0, 5000)
            from steps in step.ArrayOf()
            select new Script(seed, [.. handlers.Take(4)], window, steps);
        Prop.ForAll(
            Arb.From(script, static script => script.Shorter()),
            script =>
            {
                using Story story = new(script, ends);
                story.Tell();
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(stories).WithEndSize(60));
    }

    internal sealed record Step(int Kind, int Amount);

    internal sealed record Script(int Seed, int[] Handlers, int Window, Step[] Steps)
    {
        internal IEnumerable<Script> Shorter()
        {
            for (int length = Steps.Length / 2; length > 0; length /= 2)
            {
                for (int start = 0; start + length <= Steps.Length; start += length)
                {
                    yield return this with { Steps = [.. Steps[..start], .. Steps[(start + length)..]] };
                }
            }

            for (int i = 0; i < Handlers.Length; i++)
            {
                yield return this with { Handlers = [.. Handlers[..i], .. Handlers[(i + 1)..]] };
            }
        }

        public override string ToString() =>
            $"seed {Seed}, handlers [{string.Join(", ", Handlers)}], window {Window}, "
            + string.Join(" ", Steps.Select(step => $"{step.Kind}:{step.Amount}"));
    }

    /// <summary>One channel, and what a script does with it.</summary>
    private sealed class Story : IDisposable
    {
        private readonly Script _script;
        private readonly Ends _ends;
        private readonly ManualLoopGroup _loops;
        private readonly TestingChannel _channel;
        private readonly TestingApplication _app;
        private readonly List<Middle> _middles = [];
        private readonly List<string> _order = [];
        private readonly List<int> _completed = [];
        private readonly List<byte> _received = [];
        private readonly List<byte> _written = [];
        private int _fed;
        private int _pushed;
        private int _writes;
        private int _names;
        private long _granted;
        private bool _ending;

        internal Story(Script script, Ends ends)
        {
            _script = script;
            _ends = ends;
            _loops = new ManualLoopGroup(1, script.Seed);
            _channel = new TestingChannel(new TestingChannelOptions { Loops = _loops, FragmentSize = 1024 });
            _channel.CompletesWrites = script.Seed % 2 == 0;
            foreach (int kind in script.Handlers)
            {
                _middles.Add(_channel.Add(Make(kind)));
            }

            _granted = script.Window;
            _app = _channel.AddApplication(script.Window);
            _app.OnMessage = _received.AddRange;
        }

        public void Dispose()
        {
            _channel.Dispose();
            _loops.Dispose();
        }

        internal void Tell()
        {
            foreach (Step step in _script.Steps)
            {
                Do(step);
                CheckReads();
            }

            if (!_ending)
            {
                // Everything that was fed must arrive once there is room for it, and everything written must leave.
                _granted = long.MaxValue;
                _app.IncrementReadWindow(long.MaxValue);
                _channel.CompletesWrites = true;
                _app.PushWrite("", _ => { });
                _channel.RunUntilIdle();
                Assert.Equal(_fed, _received.Count);
                Assert.Equal(0, _channel.WaitingBytes);
                Assert.Equal(_writes, _completed.Count);
                _written.AddRange(_channel.TakeWritten());
                Data.AssertPattern([.. _written], _pushed);
            }

            _channel.CompletesWrites = true;
            _channel.Channel.Shutdown(IoError.None);
            _channel.CompleteWrites();
            _channel.RunUntilIdle();
            CheckReads();
            CheckEnd();
        }

        private Middle Make(int kind) => new(kind, $"{_names++}", _order);

        private void Do(Step step)
        {
            switch (step.Kind)
            {
                case 0 or 1:
                    _channel.Feed(Data.Pattern(step.Amount, _fed));
                    _fed += step.Amount;
                    break;
                case 2 or 3:
                    _granted += step.Amount;
                    _app.IncrementReadWindow(step.Amount);
                    break;
                case 4 or 5:
                    Write(step.Amount);
                    break;
                case 6:
                    _channel.CompleteWrites(step.Amount % 4);
                    break;
                case 7:
                    Insert(step.Amount);
                    break;
                case 8:
                    Remove(step.Amount);
                    break;
                case 9 when _ends.MayShutDown && step.Amount % 3 == 0:
                    _ending = true;
                    if (step.Amount % 2 == 0)
                    {
                        _channel.Channel.Shutdown(IoErrorCode.SocketTimeout);
                    }
                    else
                    {
                        _channel.Channel.Abort(IoErrorCode.SocketTimeout);
                    }

                    break;
                default:
                    if (step.Kind == 10)
                    {
                        _loops.Step();
                    }
                    else
                    {
                        _loops.RunUntilIdle();
                    }

                    break;
            }
        }

        private void Write(int size)
        {
            int number = _writes;
            IoError error = _app.PushWrite(Data.Pattern(size, _pushed), error =>
            {
                Assert.True(error.IsNone || _ending);
                _completed.Add(number);
            });
            if (error.IsNone)
            {
                _writes++;
                _pushed += size;
            }
            else
            {
                // Refused for good: what is written next is not written either.
                Assert.True(_ending);
            }
        }

        private void Insert(int amount) => _channel.Invoke(() =>
        {
            if (_channel.Channel.State != ChannelState.Active || _middles.Count > 5)
            {
                return;
            }

            int place = amount % (_middles.Count + 1);
            ChannelSlot left = place == 0 ? _channel.Channel.First! : _middles[place - 1].Slot!;
            Middle middle = Make(amount / 7);

            // What the left one may send by now cannot be taken back.
            middle.TakesAtLeast = left.DownstreamWindow;
            ChannelSlot slot = _channel.Channel.AddSlot();
            left.InsertRight(slot);
            Assert.Equal(IoError.None, slot.SetHandler(middle));
            _middles.Insert(place, middle);
        });

        private void Remove(int amount) => _channel.Invoke(() =>
        {
            if (_middles.Count == 0 || _channel.Channel.State != ChannelState.Active)
            {
                return;
            }

            int place = amount % _middles.Count;
            Middle middle = _middles[place];
            bool leftAsks = place == 0 || _middles[place - 1].Keeps;
            if (middle.IsEmpty && (leftAsks || middle.Slot!.DownstreamWindow >= middle.Slot.Window))
            {
                // What a handler keeps would be lost with it, and a left one that only passes on would send more than the right one takes.
                middle.Slot!.Remove();
                middle.AssertDestroyedOnly();
                _middles.RemoveAt(place);
            }
        });

        private void CheckReads()
        {
            Assert.True(_received.Count <= _granted, $"{_received.Count} bytes came, of {_granted} asked for.");
            Assert.True(_received.Count <= _fed);
            Data.AssertPattern([.. _received], _received.Count);
            Assert.All(_middles, static middle => Assert.True(middle.Received <= middle.Asked, $"{middle.Received} of {middle.Asked}"));
        }

        private void CheckEnd()
        {
            Assert.Equal(_ending ? IoErrorCode.SocketTimeout : IoErrorCode.Success, _channel.ShutdownReason!.Value.Code);
            Assert.Equal([ChannelDirection.Read, ChannelDirection.Write], _channel.ShutDownDirections);
            Assert.Equal([ChannelDirection.Read, ChannelDirection.Write], _app.ShutDownDirections);
            Assert.True(_app.IsDestroyed);
            Assert.Equal(Enumerable.Range(0, _writes), _completed);
            Assert.Equal((0, 0), (_channel.PendingWrites, _channel.MessagesHeld));
            IEnumerable<string> names = _middles.Select(static middle => middle.Name);
            Assert.Equal(
                [
                    .. names.Select(static name => $"{name} Read"),
                    .. names.Reverse().Select(static name => $"{name} Write"),
                    .. names.Select(static name => $"{name} destroyed"),
                ],
                _order.Where(entry => names.Contains(entry.Split(' ')[0])));
        }

        internal sealed record Ends(bool MayShutDown);
    }

    /// <summary>Passes on, at once or after keeping, in pieces of a size, as far as its neighbours take it.</summary>
    private sealed class Middle(int kind, string name, List<string> order) : ChannelHandler
    {
        private readonly Queue<byte> _kept = new();
        private bool _down;

        internal string Name => name;

        internal long Asked { get; private set; }

        internal long Received { get; private set; }

        internal bool Keeps => kind % 3 != 0;

        internal long TakesAtLeast { get; set; }

        internal bool IsEmpty => _kept.Count == 0;

        protected internal override long InitialWindow
        {
            get
            {
                Asked = Keeps ? Math.Max(TakesAtLeast, 1 + (kind * 37 % 3000)) : 0;
                return Asked;
            }
        }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            Received += message.Length;
            if (!Keeps)
            {
                return slot.Send(message, ChannelDirection.Read);
            }

            foreach (byte value in message.Data)
            {
                _kept.Enqueue(value);
            }

            message.Release();
            PassOn(slot);
            return IoError.None;
        }

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
        {
            if (Keeps)
            {
                PassOn(slot);
            }
            else
            {
                Ask(slot, size);
            }
        }

        protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
        {
            _down = true;
            order.Add($"{name} {direction}");
            base.OnShutdown(slot, direction, reason, mode);
        }

        protected internal override void OnDestroyed() => order.Add($"{name} destroyed");

        internal void AssertDestroyedOnly()
        {
            Assert.Equal([$"{name} destroyed"], order.Where(entry => entry.StartsWith($"{name} ", StringComparison.Ordinal)));
            order.RemoveAll(entry => entry.StartsWith($"{name} ", StringComparison.Ordinal));
        }

        private void Ask(ChannelSlot slot, long size)
        {
            Asked = Asked > long.MaxValue - size ? long.MaxValue : Asked + size;
            slot.IncrementReadWindow(size);
        }

        private void PassOn(ChannelSlot slot)
        {
            int piece = 1 + (kind * 91 % 2000);
            while (_kept.Count > 0 && slot.DownstreamWindow > 0 && !_down)
            {
                int size = (int)Math.Min(Math.Min(_kept.Count, slot.DownstreamWindow), piece);
                IoMessage message = slot.Channel.RentMessage(size);
                for (int i = 0; i < size; i++)
                {
                    message.Append([_kept.Dequeue()]);
                }

                Ask(slot, size);
                IoError error = slot.Send(message, ChannelDirection.Read);
                if (error.IsError)
                {
                    Assert.Fail($"{error}");
                }
            }
        }
    }
}
