namespace AwsIO.Testing;

/// <summary>
/// An event loop without a thread and without real time: it runs when a test says so, on the test's thread, by the clock of its
/// <see cref="ManualLoopGroup"/>. Descriptors are real: their events come from the kernel.
/// </summary>
/// <remarks>All that holds of an <see cref="EventLoop"/> holds here, whichever thread drives it at the moment.</remarks>
public sealed class ManualEventLoop : EventLoop
{
    private readonly ManualLoopGroup _owner;
    private readonly EventLoop _poller;
    private readonly TaskArrivals? _arrivals;
    private readonly object _gate = new();
    private readonly Dictionary<IoHandle, Subscription> _subscriptions = [];
    private List<Subscription> _ready = [];
    private List<Subscription> _batch = [];
    private bool _closed;

    private ManualEventLoop(EventLoopSettings settings, ManualLoopGroup owner, EventLoop poller)
        : base(settings)
    {
        _owner = owner;
        _poller = poller;
        if (owner is { Seed: not null, HasThreads: false })
        {
            _arrivals = new TaskArrivals(owner.Draw);
            ShutIncoming();
        }
    }

    /// <inheritdoc/>
    public override long CurrentTime => _owner.CurrentTime;

    /// <summary>Whether the next turn would find nothing that is known of already.</summary>
    internal bool IsIdle => IsStopped || (_ready.Count == 0 && !HasDueWork && _arrivals is not { Count: > 0 });

    /// <summary>When the next timer is due; <see cref="long.MaxValue"/> for never. The owner's gate is held.</summary>
    internal long NextDeadline => IsStopped ? long.MaxValue : EarliestDeadline;

    internal override bool WritableMeansConnected => _poller.WritableMeansConnected;

    internal override bool ReportsUrgentData => _poller.ReportsUrgentData;

    /// <summary>Runs something as on the loop's thread, at once.</summary>
    /// <param name="action">What to run.</param>
    /// <exception cref="InvalidOperationException">The caller is in a callback of a manual loop, or the loop has ended.</exception>
    public void Invoke(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        lock (_owner.Gate)
        {
            _owner.ThrowIfInCallback();
            if (IsStopped)
            {
                throw new InvalidOperationException($"{Name} has ended: nothing runs there any more.");
            }

            using (EnterThread())
            {
                AdoptIncoming();
                action();
            }
        }
    }

    /// <summary>Runs something as on the loop's thread, at once, and gives its result.</summary>
    internal T Run<T>(Func<T> work)
    {
        T result = default!;
        Invoke(() => result = work());
        return result;
    }

    /// <inheritdoc/>
    public override IoError Subscribe(IoHandle handle, IoEvents events, IIoEventHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            if (_closed)
            {
                return Refusal(IoErrorCode.EventLoopShutdown, handle);
            }

            Subscription subscription = new(this, handle, handler);
            IoError error = _poller.Subscribe(handle, events, subscription);
            if (error.IsNone)
            {
                _subscriptions[handle] = subscription;
            }

            return error;
        }
    }

    /// <inheritdoc/>
    public override IoError Unsubscribe(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (!IsOnLoop)
        {
            return IoErrorCode.EventLoopThreadOnly;
        }

        lock (_gate)
        {
            if (!_subscriptions.Remove(handle, out Subscription? subscription))
            {
                return IoErrorCode.NotSubscribed;
            }

            subscription.IsActive = false;
            using (_poller.EnterThread())
            {
                return _poller.Unsubscribe(handle);
            }
        }
    }

    internal static IoResult<EventLoop> Create(EventLoopSettings settings, ManualLoopGroup owner)
    {
        IoResult<EventLoop> poller = EventLoopGroup.PlatformFactory(new EventLoopSettings
        {
            Index = settings.Index,
            Logger = settings.Logger,
            SpinMode = SpinMode.Off,
        });
        return poller.IsSuccess ? new(new ManualEventLoop(settings, owner, poller.Value)) : poller;
    }

    /// <summary>One turn, or the loop's end if that was asked for. The owner's gate is held.</summary>
    /// <returns>Whether anything was called.</returns>
    internal bool Turn()
    {
        using (EnterThread())
        {
            if (IsStopped)
            {
                return false;
            }

            if (IsStopPending)
            {
                StopNow();
                return true;
            }

            AdoptIncoming();
            long before = Callbacks;
            RunTick();
            return Callbacks != before;
        }
    }

    private protected override int IncomingDepth => _arrivals?.Count ?? base.IncomingDepth;

    private protected override void TakeRefused(IoTask task, bool isSerialized)
    {
        if (_arrivals is null || !_arrivals.TryAdd(task, isSerialized))
        {
            base.TakeRefused(task, isSerialized);
        }
    }

    private protected override void AdoptIncoming()
    {
        if (_arrivals is null)
        {
            base.AdoptIncoming();
            return;
        }

        foreach (IoTask task in _arrivals.TakeAll())
        {
            TakeOver(task);
        }
    }

    private protected override bool CloseIncoming() => _arrivals?.TryShut() != false && base.CloseIncoming();

    private protected override void StartThread()
    {
        if (_owner.HasThreads)
        {
            StartOwnThread();
        }
    }

    private protected override void AwaitStop()
    {
        if (_owner.HasThreads)
        {
            base.AwaitStop();
            return;
        }

        lock (_owner.Gate)
        {
            if (IsStopPending)
            {
                _ = Turn();
            }
        }
    }

    private protected override int Poll(long timeoutNanoseconds)
    {
        long wait = _owner.HasThreads && _ready.Count == 0 ? timeoutNanoseconds : 0;
        using (_poller.EnterThread())
        {
            _ = _poller.PollOnce(wait);
        }

        NoteAwake();
        (_ready, _batch) = (_batch, _ready);
        _owner.Shuffle(_batch);
        int reported = 0;
        foreach (Subscription subscription in _batch)
        {
            if (_owner.PutOff())
            {
                _ready.Add(subscription);
            }
            else if (subscription.IsActive)
            {
                reported++;
                Report(subscription.Handler, subscription.Handle, subscription.TakeEvents());
            }
        }

        _batch.Clear();
        return reported;
    }

    private protected override void WakeUp()
    {
        if (_owner.HasThreads)
        {
            _poller.WakePoll();
        }
    }

    private protected override List<(IoHandle Handle, IIoEventHandler Handler)> CloseSubscriptions()
    {
        lock (_gate)
        {
            _closed = true;

            // One that was closed while it was subscribed, and whose number went to another, is subscribed no more.
            return
            [
                .. from subscription in _subscriptions.Values
                   where subscription.Handle.SubscriptionSlot >= 0
                   select (subscription.Handle, subscription.Handler),
            ];
        }
    }

    private protected override void CloseBackend() => _poller.CloseUnstarted();

    /// <summary>What the kernel's poller is given in place of the handler: it only notes the events.</summary>
    private sealed class Subscription(ManualEventLoop loop, IoHandle handle, IIoEventHandler handler) : IIoEventHandler
    {
        private IoEvents _events;

        internal IoHandle Handle { get; } = handle;

        internal IIoEventHandler Handler { get; } = handler;

        internal bool IsActive { get; set; } = true;

        internal IoEvents TakeEvents()
        {
            IoEvents events = _events;
            _events = IoEvents.None;
            return events;
        }

        public void OnEvents(EventLoop poller, IoHandle handle, IoEvents events)
        {
            if (_events == IoEvents.None)
            {
                loop._ready.Add(this);
            }

            _events |= events;
        }

        public void OnLoopEnding(EventLoop poller, IoHandle handle)
        {
            // The poller has no thread, and never ends by itself.
        }
    }
}
