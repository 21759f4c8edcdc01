namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>What the double may do that a kernel may do as well, only seldom.</summary>
[Flags]
internal enum KqueueFault
{
    None = 0,

    /// <summary>A wait ends with EINTR.</summary>
    Interrupt = 1,

    /// <summary>A wait gives one event, though there are more and there is room.</summary>
    OneSlot = 2,

    /// <summary>A batch is in another order.</summary>
    Reorder = 4,

    /// <summary>Some event comes with the next wait only.</summary>
    HoldBack = 8,

    /// <summary>An event comes for a filter that is gone, with the user's data that it had.</summary>
    StaleData = 16,

    /// <summary>The user's event comes though nobody triggered it.</summary>
    SpuriousWakeUp = 32,

    /// <summary>EV_EOF comes with a count of 0, though there are bytes to read.</summary>
    EndWithoutCount = 64,

    /// <summary>Bytes are told of first, and the end behind them with the next wait.</summary>
    EndSplit = 128,

    /// <summary>A connection that is over is told by EVFILT_WRITE first.</summary>
    EndOnWriteFirst = 256,

    /// <summary>EVFILT_WRITE tells of room once more, or of none.</summary>
    SpuriousWrite = 512,

    /// <summary>EVFILT_READ tells of data once more, or of none.</summary>
    SpuriousRead = 1024,

    /// <summary>What changes nothing that a handler sees but the order and the number of waits.</summary>
    Unseen = Interrupt | OneSlot | Reorder | HoldBack | StaleData | SpuriousWakeUp | EndWithoutCount | EndSplit | EndOnWriteFirst,

    /// <summary>Of that, what puts no event off.</summary>
    Punctual = Unseen & ~(Interrupt | OneSlot | HoldBack | EndSplit | EndOnWriteFirst),

    /// <summary>Also what a handler of hints must stand.</summary>
    All = Unseen | SpuriousWrite | SpuriousRead,
}

/// <summary>Decides when a fault happens: by a seed, so that a failure can be had again, and on demand. Any thread.</summary>
internal sealed class KqueueFaults
{
    /// <summary>The environment variable that names a seed for every test that has one.</summary>
    internal const string SeedVariable = "AWSIO_KQUEUE_SEED";

    private readonly object _gate = new();
    private readonly Random _random;
    private readonly Queue<(short Filter, int Errno)> _refusals = new();
    private KqueueFault _next;

    /// <summary>Makes a plan.</summary>
    /// <param name="kinds">What may happen at any time.</param>
    /// <param name="seed">Says when.</param>
    internal KqueueFaults(KqueueFault kinds = KqueueFault.None, int seed = 0)
    {
        Kinds = kinds;
        Seed = seed;
        _random = new Random(seed);
    }

    internal KqueueFault Kinds { get; }

    internal int Seed { get; }

    /// <summary>What has happened so far.</summary>
    internal KqueueFault Happened { get; private set; }

    /// <summary>The seed that the environment names, or the given one.</summary>
    internal static int SeedOr(int given) =>
        int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out int seed) ? seed : given;

    /// <summary>Makes the next chance of a fault be taken.</summary>
    internal void Provoke(KqueueFault fault)
    {
        lock (_gate)
        {
            _next |= fault;
        }
    }

    /// <summary>Has the next changes to a filter refused, each with an errno of Linux; 0 lets one pass.</summary>
    internal void Refuse(short filter, params int[] errnos)
    {
        lock (_gate)
        {
            foreach (int errno in errnos)
            {
                _refusals.Enqueue((filter, errno));
            }
        }
    }

    /// <summary>What a change is to be answered in place of being made; 0 to make it.</summary>
    internal int TakeRefusal(short filter)
    {
        lock (_gate)
        {
            return _refusals.TryPeek(out (short Filter, int Errno) refusal) && refusal.Filter == filter ? _refusals.Dequeue().Errno : 0;
        }
    }

    /// <summary>Whether a fault happens now.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="byChance">Whether it may happen without having been provoked.</param>
    internal bool Take(KqueueFault fault, bool byChance = true)
    {
        lock (_gate)
        {
            bool happens = (_next & fault) != 0 || (byChance && (Kinds & fault) != 0 && _random.Next(4) == 0);
            _next &= ~(happens ? fault : 0);
            Happened |= happens ? fault : 0;
            return happens;
        }
    }

    /// <summary>A number from 0 up to a bound.</summary>
    internal int Choose(int bound)
    {
        lock (_gate)
        {
            return _random.Next(bound);
        }
    }

    public override string ToString() => Kinds == KqueueFault.None ? "no faults" : $"{SeedVariable}={Seed}";
}
