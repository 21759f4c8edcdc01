using System.Runtime.InteropServices;
using AwsIO.Native.Platform;
using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.Stress;

/// <summary>Subscriptions that come and go while events are under way.</summary>
public partial class SubscriptionStressTests : StressTest
{
    private const int Batch = 32;

    protected override int LoopCount => 2;

    /// <remarks>
    /// Others published a subscription to the kernel before their loop knew whom to tell, or told somebody whose subscription had been
    /// ended in the same batch. Each descriptor is ready all the time, so that its event comes while the subscribing call still runs.
    /// </remarks>
    [Fact(Explicit = true)]
    public async Task No_event_is_lost_or_comes_after_an_unsubscription()
    {
        int rounds = Batches(Batch);
        long wrongs = 0;
        long told = 0;
        long silenced = 0;
        long ended = 0;
        await OnThreads(thread =>
        {
            EventLoop loop = Group[thread % 2];
            using Subscribers subscribers = new(loop);
            for (int i = 0; i < rounds; i++)
            {
                subscribers.SubscribeAll();
                if ((i & 1) == 0)
                {
                    // Every other time all of them are told first, unless a sibling silences them.
                    Until(() => subscribers.AreAnswered, "Every subscriber is told or silenced");
                }

                subscribers.UnsubscribeAll();
            }

            Interlocked.Add(ref wrongs, subscribers.Wrongs);
            Interlocked.Add(ref told, subscribers.Told);
            Interlocked.Add(ref silenced, subscribers.Silenced);
            Interlocked.Add(ref ended, subscribers.Ended);
        });
        Assert.Equal(0, wrongs);
        Assert.Equal((long)Threads * rounds * Batch, ended);
        Assert.True(told > 0 && silenced > 0, $"{told} told, {silenced} silenced");
    }

    /// <remarks>
    /// Of two that are ready in one batch the first who is told ends the other's subscription, and has its number taken over by a
    /// descriptor that nothing ever comes for. Whoever subscribes that must not be told of its predecessor's event.
    /// </remarks>
    [Fact(Explicit = true)]
    public async Task The_next_owner_of_a_descriptors_number_is_told_nothing()
    {
        int rounds = Share(200_000);
        Replacement[] replacements = [.. Enumerable.Range(0, Threads).Select(i => new Replacement(Group[i % 2], rounds))];
        Array.ForEach(replacements, static replacement => replacement.Start());
        Until(() => replacements.All(static replacement => replacement.IsDone), "All rounds are over");
        await Group[0].Turn();
        await Group[1].Turn();
        Assert.All(replacements, static replacement => Assert.Equal(0, replacement.Wrongs));
        Assert.All(replacements, replacement => Assert.Equal(rounds, replacement.Replaced));
        Array.ForEach(replacements, static replacement => replacement.Dispose());
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Dup2(int from, int to);

    /// <summary>The subscribers of one thread. What they note is the loop's, and read after a task of the loop's.</summary>
    private sealed class Subscribers : IDisposable
    {
        private readonly EventLoop _loop;
        private readonly TestPipe[] _pipes = [.. Enumerable.Range(0, Batch).Select(static _ => new TestPipe())];
        private readonly Subscriber[] _all;
        private readonly IoTask _unsubscribe;
        private int _answered;
        private int _ends;
        private long _wrongs;

        internal Subscribers(EventLoop loop)
        {
            _loop = loop;
            _all = [.. _pipes.Select((pipe, i) => new Subscriber(this, pipe.Reader, i))];
            Array.ForEach(_pipes, static pipe => pipe.Write());
            _unsubscribe = IoTask.Create(static (subscribers, _) => subscribers.EndAll(), this);
        }

        internal long Wrongs => Volatile.Read(ref _wrongs);

        internal long Told { get; private set; }

        internal long Silenced { get; private set; }

        /// <summary>Subscriptions that were ended, by whomever: all that were made.</summary>
        internal long Ended { get; private set; }

        internal bool AreAnswered => Volatile.Read(ref _answered) == Batch || Wrongs > 0;

        internal void SubscribeAll()
        {
            Volatile.Write(ref _answered, 0);
            foreach (Subscriber subscriber in _all)
            {
                subscriber.Begin();
            }

            foreach (Subscriber subscriber in _all)
            {
                Note(_loop.Subscribe(subscriber.Handle, IoEvents.Readable, subscriber).IsNone);
                subscriber.IsSubscribed = true;
            }
        }

        internal void UnsubscribeAll()
        {
            // A task is free right before it runs: only what it does at its end says that it has run.
            int before = Volatile.Read(ref _ends);
            _loop.Schedule(_unsubscribe);
            Until(() => Volatile.Read(ref _ends) != before, "Everybody is unsubscribed");
        }

        public void Dispose() => Array.ForEach(_pipes, static pipe => pipe.Dispose());

        private void EndAll()
        {
            foreach (Subscriber subscriber in _all)
            {
                Note(subscriber.End());
            }

            Volatile.Write(ref _ends, _ends + 1);
        }

        private void Note(bool isRight)
        {
            if (!isRight)
            {
                Interlocked.Increment(ref _wrongs);
            }
        }

        private sealed class Subscriber(Subscribers owner, IoHandle handle, int index) : IIoEventHandler
        {
            private bool _off = true;
            private int _count;

            private volatile bool _subscribed;

            internal IoHandle Handle => handle;

            /// <summary>Whether the subscribing call has returned: only then may others end the subscription.</summary>
            internal bool IsSubscribed
            {
                set => _subscribed = value;
            }

            internal void Begin()
            {
                _off = false;
                _count = 0;
                _subscribed = false;
            }

            /// <returns>Whether all that was told was right.</returns>
            internal bool End()
            {
                if (_off)
                {
                    return true;
                }

                _off = true;
                owner.Ended++;
                return owner._loop.Unsubscribe(handle).IsNone && _count <= 1;
            }

            public void OnEvents(EventLoop loop, IoHandle told, IoEvents events)
            {
                owner.Note(!_off && ReferenceEquals(told, handle) && loop.IsOnLoop && events == IoEvents.Readable);
                _count++;
                owner.Told++;
                Volatile.Write(ref owner._answered, owner._answered + 1);

                // One in four ends the next one's subscription, which may have an event in this very batch.
                Subscriber sibling = owner._all[(index + 1) % Batch];
                if ((index & 3) == 0 && !sibling._off && sibling._count == 0 && sibling._subscribed)
                {
                    owner.Note(loop.Unsubscribe(sibling.Handle).IsNone);
                    sibling._off = true;
                    owner.Silenced++;
                    owner.Ended++;
                    Volatile.Write(ref owner._answered, owner._answered + 1);
                }
            }

            public void OnLoopEnding(EventLoop loop, IoHandle ended) => owner.Note(false);
        }
    }

    /// <summary>Two descriptors that are ready, and one that takes over the number of whichever comes second.</summary>
    private sealed class Replacement : IDisposable
    {
        private readonly EventLoop _loop;
        private readonly TestPipe _ready = new();
        private readonly TestPipe _empty = new();
        private readonly TestPipe[] _places = [new(), new()];
        private readonly Handler[] _handlers;
        private readonly IoTask _begin;
        private readonly IoTask _end;
        private IoHandle? _stranger;
        private int _left;
        private int _wrongs;
        private int _replaced;
        private volatile bool _done;

        internal Replacement(EventLoop loop, int rounds)
        {
            _loop = loop;
            _left = rounds;
            _handlers = [new Handler(this, 0), new Handler(this, 1), new Handler(this, -1)];
            _begin = IoTask.Create(static (self, _) => self.Begin(), this);
            _end = IoTask.Create(static (self, _) => self.End(), this);
            _ready.Write();
            Array.ForEach(_places, place => Note(Dup2(_ready.Reader.Descriptor, place.Reader.Descriptor) >= 0));
        }

        internal bool IsDone => _done || Wrongs > 0;

        internal int Wrongs => Volatile.Read(ref _wrongs);

        internal int Replaced => Volatile.Read(ref _replaced);

        internal void Start() => _loop.Schedule(_begin);

        public void Dispose()
        {
            _ready.Dispose();
            _empty.Dispose();
            Array.ForEach(_places, static place => place.Dispose());
        }

        private void Begin()
        {
            Note(_loop.Subscribe(_places[0].Reader, IoEvents.Readable, _handlers[0]).IsNone);
            Note(_loop.Subscribe(_places[1].Reader, IoEvents.Readable, _handlers[1]).IsNone);
        }

        private void Replace(int told)
        {
            IoHandle other = _places[1 - told].Reader;
            Note(_loop.Unsubscribe(other).IsNone);
            Note(Dup2(_empty.Reader.Descriptor, other.Descriptor) >= 0);
            _stranger = new IoHandle(other.Descriptor);
            Note(_loop.Subscribe(_stranger, IoEvents.Readable, _handlers[2]).IsNone);
            Note(_loop.Unsubscribe(_places[told].Reader).IsNone);
            _replaced++;
            _loop.Schedule(_end);
        }

        private void End()
        {
            Note(_loop.Unsubscribe(_stranger!).IsNone);
            Note(Dup2(_ready.Reader.Descriptor, _stranger!.Descriptor) >= 0);
            if (--_left > 0)
            {
                _loop.Schedule(_begin);
            }
            else
            {
                _done = true;
            }
        }

        private void Note(bool isRight) => _wrongs += isRight ? 0 : 1;

        private sealed class Handler(Replacement owner, int place) : IIoEventHandler
        {
            public void OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
            {
                owner.Note(place >= 0);
                if (place >= 0)
                {
                    owner.Replace(place);
                }
            }

            public void OnLoopEnding(EventLoop loop, IoHandle handle) => owner.Note(false);
        }
    }
}

public sealed class ManualSubscriptionStressTests : SubscriptionStressTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class KqueueSubscriptionStressTests : SubscriptionStressTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}
