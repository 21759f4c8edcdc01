using AwsIO.Native.Faults;
using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>
/// The resolver that asks the system, remembers the answers for a while, and never blocks an event loop
/// (<c>aws_host_resolver_new_default</c>). All members may be used on any thread.
/// </summary>
/// <remarks>
/// Callers that ask for the same host at the same time share one look-up. When a look-up fails whose host was found before, the old
/// addresses are the answer, and the next caller's look-up tries again. A look-up that hangs keeps one of a bounded number of
/// threads, none of which keeps the process alive, and delays no other host while there are others free.
/// </remarks>
public sealed class DefaultHostResolver : HostResolver
{
    private readonly object _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly EventLoopGroup _group;
    private readonly HostResolverOptions _options;
    private readonly ILogger _logger;
    private readonly ResolverThreads _threads;
    private bool _disposed;

    /// <summary>Makes a resolver with the default options.</summary>
    /// <param name="group">Where callbacks come that name no loop.</param>
    public DefaultHostResolver(EventLoopGroup group)
        : this(group, new HostResolverOptions())
    {
    }

    /// <summary>Makes a resolver.</summary>
    /// <param name="group">Where callbacks come that name no loop.</param>
    /// <param name="options">How; kept.</param>
    public DefaultHostResolver(EventLoopGroup group, HostResolverOptions options)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTtl, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxHosts);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxConcurrentLookups);
        _group = group;
        _options = options;
        _threads = new ResolverThreads(options.MaxConcurrentLookups, thread => StartThread(thread));
        _logger = group.Loggers.HostResolver;
    }

    /// <summary>Stands in for the system's resolver in tests.</summary>
    internal Func<string, IoResult<IReadOnlyList<HostAddress>>> Lookup { get; init; } = SystemLookup.Resolve;

    /// <summary>Starts a thread; stands in for the system's refusal in tests.</summary>
    internal Action<Thread> StartThread { get; init; } = NativeThread.Start;

    /// <summary>The clock of expiry, in nanoseconds; stands in for time in tests.</summary>
    internal Func<long> Clock { get; init; } = static () => IoClock.Now;

    /// <inheritdoc/>
    public override void Resolve(string host, HostResolvedCallback onResolved, object? state) =>
        Resolve(host, _group.GetNextLoop(), onResolved, state);

    /// <inheritdoc/>
    public override void Resolve(string host, EventLoop loop, HostResolvedCallback onResolved, object? state)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(onResolved);
        Waiter waiter = new(host, loop, onResolved, state);
        if (SystemLookup.TryParseLiteral(host) is { } literal)
        {
            waiter.Answer(IoError.None, [literal]);
            return;
        }

        IoError error = IoError.None;
        IReadOnlyList<HostAddress> known = [];
        lock (_gate)
        {
            if (_disposed)
            {
                error = Ended(host);
            }
            else
            {
                Entry entry = FindOrAdd(host);
                if (entry.Addresses is not { } addresses || Clock() >= entry.Expiry)
                {
                    entry.Waiters.Add(waiter);
                    if (entry.Waiters.Count > 1 || _threads.Enqueue(() => LookUp(entry)))
                    {
                        return;
                    }

                    entry.Waiters.Clear();
                    error = new IoError(IoErrorCode.OutOfMemory, $"Looking up '{host}' failed: the system has no thread for it.");
                }
                else
                {
                    known = addresses;
                }
            }
        }

        waiter.Answer(error, known);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        List<Waiter> waiters = [];
        lock (_gate)
        {
            _disposed = true;
            foreach (Entry entry in _entries.Values)
            {
                waiters.AddRange(entry.Waiters);
                entry.Waiters.Clear();
            }

            _entries.Clear();
        }

        _threads.Stop();
        foreach (Waiter waiter in waiters)
        {
            waiter.Answer(Ended(waiter.Host), []);
        }
    }

    private static IoError Ended(string host) =>
        new(IoErrorCode.OperationCancelled, $"Looking up '{host}' was given up: the resolver was disposed.");

    private Entry FindOrAdd(string host)
    {
        if (_entries.TryGetValue(host, out Entry? entry))
        {
            return entry;
        }

        if (_entries.Count >= _options.MaxHosts)
        {
            // The one that expires first makes room; those that somebody waits for stay.
            Entry? oldest = _entries.Values.Where(static candidate => candidate.Waiters.Count == 0)
                .MinBy(static candidate => candidate.Expiry);
            if (oldest is not null)
            {
                _entries.Remove(oldest.Host);
            }
        }

        entry = new Entry(host);
        _entries.Add(host, entry);
        return entry;
    }

    private void LookUp(Entry entry)
    {
        IoResult<IReadOnlyList<HostAddress>> result;
        try
        {
            result = Lookup(entry.Host);
        }
        catch (Exception exception)
        {
            result = new(new IoError(IoErrorCode.DnsQueryFailed, $"Looking up '{entry.Host}' failed: {exception.Message}"));
        }

        Waiter[] waiters;
        IReadOnlyList<HostAddress>? answer;
        lock (_gate)
        {
            waiters = [.. entry.Waiters];
            entry.Waiters.Clear();
            if (result.TryGetValue(out IReadOnlyList<HostAddress>? addresses))
            {
                entry.Addresses = addresses;
                entry.Expiry = IoClock.After(Clock(), _options.MaxTtl);
            }

            // Old addresses are better than none: most often it is the name server that fails, and not the host.
            answer = entry.Addresses;
        }

        if (result.IsSuccess)
        {
            IoLog.HostResolved(_logger, entry.Host, result.Value.Count);
        }
        else
        {
            IoLog.HostLookUpFailed(_logger, entry.Host, result.Error);
        }

        foreach (Waiter waiter in waiters)
        {
            waiter.Answer(answer is null ? result.Error : IoError.None, answer ?? []);
        }
    }

    private sealed class Entry(string host)
    {
        internal string Host { get; } = host;

        internal List<Waiter> Waiters { get; } = [];

        internal IReadOnlyList<HostAddress>? Addresses { get; set; }

        internal long Expiry { get; set; }
    }

    private sealed class Waiter(string host, EventLoop loop, HostResolvedCallback onResolved, object? state) : IoTask
    {
        private IoError _error;
        private IReadOnlyList<HostAddress> _addresses = [];

        internal string Host => host;

        internal void Answer(IoError error, IReadOnlyList<HostAddress> addresses)
        {
            _error = error;
            _addresses = addresses;
            loop.Schedule(this);
        }

        protected override void Run(IoTaskStatus status)
        {
            if (status == IoTaskStatus.Run)
            {
                onResolved(host, _error, _addresses, state);
            }
            else
            {
                onResolved(host, new IoError(IoErrorCode.EventLoopShutdown, $"{loop.Name} is ending."), [], state);
            }
        }
    }
}
