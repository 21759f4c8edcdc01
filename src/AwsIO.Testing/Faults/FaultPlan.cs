using AwsIO.Native.Faults;

namespace AwsIO.Testing;

/// <summary>
/// Makes functions of the system, and of OpenSSL, fail on purpose, or move fewer bytes than they were offered: what a test otherwise
/// waits for in vain.
/// </summary>
/// <remarks>
/// <para>
/// A plan is the whole process's: it meets every loop, socket and resolver of AwsIO, on any thread, but none of .NET's own. Limit it by
/// <see cref="FaultPlanOptions"/> where other tests run beside it. A plan that is started while another one runs stands in for it until it
/// is disposed.
/// </para>
/// <para>
/// Faults must be switched on before AwsIO is first used: by the AppContext switch <c>AwsIO.Testing.Faults</c>, best in the test project's
/// file, or by the environment variable <c>AWSIO_FAULTS=1</c>. Off, they cost nothing.
/// </para>
/// <para>
/// An interrupted call (<c>EINTR</c>) is retried below everything else, and nobody should see it; one that is interrupted on every use is
/// retried for ever. After an <c>EAGAIN</c>, or a short count, the kernel is made to report the descriptor's state once more, as it would
/// after a true one: nobody should see more of it than a delay.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using FaultPlan plan = FaultPlan.Start("recv:3=EAGAIN; send:*5=short(1); accept4:1-3=EMFILE");
/// </code>
/// </example>
public sealed class FaultPlan : IDisposable
{
    private const int MaxTaken = 1000;

    private static readonly object s_gate = new();
    private static readonly List<FaultPlan> s_running = [];

    private readonly object _gate = new();
    private readonly long[] _uses = new long[FunctionNames.Count];
    private readonly FaultRule[][] _rules = new FaultRule[FunctionNames.Count][];
    private readonly List<TakenFault> _taken = [];
    private readonly int? _thread;
    private readonly HashSet<int>? _descriptors;
    private readonly Source _source;
    private long _takenCount;

    private FaultPlan(IEnumerable<FaultRule> rules, FaultPlanOptions options)
    {
        Rules = [.. rules];
        for (int i = 0; i < _rules.Length; i++)
        {
            _rules[i] = [.. Rules.Where(rule => (int)rule.Function == i)];
        }

        _thread = options.ManagedThreadId;
        _descriptors = options.Descriptors is { } descriptors ? [.. descriptors] : null;
        _source = new Source(this);
    }

    /// <summary>Whether faults are switched on in this process.</summary>
    public static bool IsAvailable => NativeFaults.IsOn;

    /// <summary>The plan's rules. Of several that fit a use, the first counts.</summary>
    public IReadOnlyList<FaultRule> Rules { get; }

    /// <summary>How many faults there were so far. Any thread.</summary>
    public long TakenCount => Interlocked.Read(ref _takenCount);

    /// <summary>The faults so far, in order: the first 1,000. Any thread.</summary>
    public IReadOnlyList<TakenFault> Taken
    {
        get
        {
            lock (_gate)
            {
                return [.. _taken];
            }
        }
    }

    /// <summary>Starts a plan for the whole process.</summary>
    /// <param name="plan">The rules, as <see cref="FaultRule.Parse"/> reads them; an empty text only counts uses.</param>
    /// <returns>The plan, which ends when it is disposed.</returns>
    /// <exception cref="FormatException">The text cannot be read; the message says which part of it, and why.</exception>
    /// <exception cref="InvalidOperationException">Faults are not switched on in this process; the message says how.</exception>
    public static FaultPlan Start(string plan) => Start(FaultRule.Parse(plan), new FaultPlanOptions());

    /// <summary>Starts a plan within limits.</summary>
    /// <param name="plan">The rules, as <see cref="FaultRule.Parse"/> reads them; an empty text only counts uses.</param>
    /// <param name="options">The limits.</param>
    /// <returns>The plan, which ends when it is disposed.</returns>
    /// <exception cref="FormatException">The text cannot be read; the message says which part of it, and why.</exception>
    /// <exception cref="InvalidOperationException">Faults are not switched on in this process; the message says how.</exception>
    public static FaultPlan Start(string plan, FaultPlanOptions options) => Start(FaultRule.Parse(plan), options);

    /// <summary>Starts a plan for the whole process.</summary>
    /// <param name="rules">The rules.</param>
    /// <returns>The plan, which ends when it is disposed.</returns>
    /// <exception cref="InvalidOperationException">Faults are not switched on in this process; the message says how.</exception>
    public static FaultPlan Start(IEnumerable<FaultRule> rules) => Start(rules, new FaultPlanOptions());

    /// <summary>Starts a plan within limits.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="options">The limits.</param>
    /// <returns>The plan, which ends when it is disposed.</returns>
    /// <exception cref="InvalidOperationException">Faults are not switched on in this process; the message says how.</exception>
    public static FaultPlan Start(IEnumerable<FaultRule> rules, FaultPlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(options);
        if (!IsAvailable)
        {
            throw new InvalidOperationException(
                $"Faults are not switched on in this process. Put <RuntimeHostConfigurationOption Include=\"{NativeFaults.SwitchName}\" "
                + $"Value=\"true\" Trim=\"true\" /> into an ItemGroup of the test project, or set {NativeFaults.VariableName}=1 in the "
                + "environment, before AwsIO is first used.");
        }

        FaultPlan plan = new(rules, options);
        lock (s_gate)
        {
            s_running.Add(plan);
            NativeFaults.Source = plan._source;
        }

        return plan;
    }

    /// <summary>How many times a function was used since the plan's start, faults included. Any thread.</summary>
    /// <param name="function">The function.</param>
    /// <returns>The number.</returns>
    public long Uses(NativeFunction function)
    {
        ArgumentOutOfRangeException.ThrowIfNegative((int)function, nameof(function));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)function, _uses.Length, nameof(function));
        return Interlocked.Read(ref _uses[(int)function]);
    }

    /// <summary>Ends the plan: calls pass from now on, or follow the plan that ran before. A call that is just being made may still fail.</summary>
    public void Dispose()
    {
        lock (s_gate)
        {
            _ = s_running.Remove(this);
            NativeFaults.Source = s_running.Count == 0 ? null : s_running[^1]._source;
        }
    }

    /// <summary>The plan's text.</summary>
    /// <returns>What <see cref="FaultRule.Parse"/> reads.</returns>
    public override string ToString() => string.Join("; ", Rules);

    private NativeFault Take(NativeFunction function, int descriptor)
    {
        if ((_thread is { } thread && thread != Environment.CurrentManagedThreadId)
            || (_descriptors is { } descriptors && !descriptors.Contains(descriptor)))
        {
            return default;
        }

        long use = Interlocked.Increment(ref _uses[(int)function]);
        foreach (FaultRule rule in _rules[(int)function])
        {
            if (rule.Uses.Include(use, function))
            {
                Note(function, use, rule.Outcome, descriptor);
                return new NativeFault(rule.Outcome.Error is { } error ? FaultErrors.Number(error) : 0, rule.Outcome.MaxLength);
            }
        }

        return default;
    }

    private void Note(NativeFunction function, long use, FaultOutcome outcome, int descriptor)
    {
        // Nothing is allocated for those that are only counted: a test of that may run under a plan.
        if (Interlocked.Increment(ref _takenCount) <= MaxTaken)
        {
            lock (_gate)
            {
                _taken.Add(new TakenFault(function, use, outcome, descriptor));
            }
        }
    }

    private sealed class Source(FaultPlan plan) : NativeFaultSource
    {
        internal override NativeFault Take(NativeCall call, int descriptor) => plan.Take((NativeFunction)call, descriptor);
    }
}
