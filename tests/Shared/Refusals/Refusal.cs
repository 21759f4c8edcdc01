using System.Globalization;
using System.Text;
using AwsIO.Testing;

namespace AwsIO.Tests.Shared.Refusals;

/// <summary>
/// The one call that fails for a test, where the environment names a function: <c>AWSIO_REFUSE=recv</c>. Which use of it, and with which
/// of its errors, goes by the test's name, so that the same test is refused the same the next time; <c>AWSIO_REFUSE=recv@2</c> has
/// others.
/// </summary>
/// <remarks>
/// Tests run one after another then (<c>-parallelMode none</c>): what failed was this test's.
/// </remarks>
internal sealed class Refusal : IDisposable
{
    // A test is refused one of so many first uses: most tests make few, but for those that move bytes.
    private const int FirstUses = 4;

    private static readonly (string Function, string[] Errors, uint Seed)? s_asked = Asked();
    private static Refusal? s_current;
    private static int s_count;

    private readonly LeftOpen _leftOpen = new();
    private readonly FaultPlan _plan;
    private readonly Timer _timer;
    private long _takenAt;

    private Refusal(string plan)
    {
        _plan = FaultPlan.Start(plan);
        _timer = new Timer(Look, this, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50));
    }

    /// <summary>Whether tests are refused a call in this process.</summary>
    internal static bool IsOn => s_asked is not null;

    /// <summary>What was asked for, and for how many tests it was so, that used the call often enough.</summary>
    internal static string Summary => $"{s_count} tests were refused {s_asked?.Function}";

    /// <summary>When the running test was refused a call, in milliseconds of the system's clock; none if it was not so far.</summary>
    internal static long? TakenAt => Volatile.Read(ref s_current) is { } current && Volatile.Read(ref current._takenAt) is > 0 and var at
        ? at
        : null;

    /// <summary>What was refused, or would have been.</summary>
    internal string Plan => _plan.ToString();

    internal bool IsTaken => _plan.TakenCount > 0;

    /// <summary>Begins a test.</summary>
    internal static Refusal Of(string test)
    {
        (string function, string[] errors, uint seed) = s_asked!.Value;
        uint hash = Hash(test, seed);
        Refusal refusal = new($"{function}:{1 + (hash % FirstUses)}={errors[hash / FirstUses % (uint)errors.Length]}");
        Volatile.Write(ref s_current, refusal);
        return refusal;
    }

    /// <summary>Ends what the test has left, since it failed; gives what does not end.</summary>
    internal List<string> EndLeftOpen()
    {
        _plan.Dispose();
        return Task.Run(_leftOpen.EndAll).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        if (IsTaken)
        {
            _ = Interlocked.Increment(ref s_count);
        }

        _leftOpen.Dispose();
        Volatile.Write(ref s_current, null);
        _timer.Dispose();
        _plan.Dispose();
    }

    private static void Look(object? state)
    {
        Refusal refusal = (Refusal)state!;
        if (refusal.IsTaken && Volatile.Read(ref refusal._takenAt) == 0)
        {
            Volatile.Write(ref refusal._takenAt, Environment.TickCount64);
        }
    }

    private static (string Function, string[] Errors, uint Seed)? Asked()
    {
        if (Environment.GetEnvironmentVariable("AWSIO_REFUSE") is not { Length: > 0 } asked)
        {
            return null;
        }

        // Not for the processes that tests start.
        Environment.SetEnvironmentVariable("AWSIO_REFUSE", null);
        string[] parts = asked.Split('@');
        string[] errors = FunctionNames.TryFind(parts[0], out NativeFunction function) ? FaultTable.Errors(function) : [];
        return errors.Length == 0
            ? throw new InvalidOperationException($"AWSIO_REFUSE={asked} names no function that can fail for good.")
            : (parts[0], errors, parts.Length > 1 ? uint.Parse(parts[1], CultureInfo.InvariantCulture) : 1);
    }

    /// <summary>FNV-1a, which is the same in every process; with its bits mixed once more, for it is taken modulo small numbers.</summary>
    private static uint Hash(string text, uint seed)
    {
        uint hash = 2_166_136_261 ^ seed;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 16_777_619;
        }

        hash ^= hash >> 16;
        hash *= 0x85EB_CA6B;
        return hash ^ (hash >> 13);
    }
}
