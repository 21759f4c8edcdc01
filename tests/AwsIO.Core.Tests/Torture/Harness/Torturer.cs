using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>Runs scenarios under plans, and looks what is not as it must be.</summary>
internal static class Torturer
{
    /// <summary>Only a hang takes longer: a graceful end gives up after ten seconds.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(9);

    // A defect shows up many times: the first ones tell enough.
    private const int MostReports = 12;

    /// <summary>Variables for a process where faults are on, and where nobody has a plan yet.</summary>
    internal static (string Name, string? Value)[] FaultsOn => [("AWSIO_FAULTS", "1"), ("AWSIO_FAULT_PLAN", null)];

    internal static string HowToReplay => "AWSIO_TORTURE_REPLAY='tcp-echo recv:3=ENOMEM' replays that plan alone.";

    /// <summary>Whether the environment asks for one plan alone.</summary>
    internal static bool ReplayAsked(out string scenario, out string plan)
    {
        string[] parts = (Environment.GetEnvironmentVariable("AWSIO_TORTURE_REPLAY") ?? "").Split(' ', 2);
        scenario = parts[0];
        plan = parts.Length == 2 ? parts[1] : "";
        return scenario.Length > 0;
    }

    /// <summary>What a process has said that tortures, with the last of its plans alone: that under which it ended, if it crashed.</summary>
    internal static string Shortened(string output)
    {
        string[] lines = output.Split('\n');
        string? last = lines.LastOrDefault(IsPlan);
        return string.Join('\n', lines.Where(static line => !IsPlan(line)).Append($"Last: {last}"));

        static bool IsPlan(string line) => line.StartsWith("torture: ", StringComparison.Ordinal);
    }

    /// <summary>
    /// Runs a scenario without faults, and then once for each fault of a kind, one at a time. There must be some, but of the kinds that
    /// few calls know.
    /// </summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="kind">The faults.</param>
    /// <param name="most">How many uses of each function are tried.</param>
    /// <param name="isSmoke">Whether one error stands for all of a function.</param>
    internal static async Task Torture(TortureScenario scenario, FaultKind kind, int most, bool isSmoke)
    {
        TaskExceptions unobserved = new();
        Dictionary<NativeFunction, long> uses = await CountUses(scenario, isSmoke ? 1 : 3);
        List<string> reports = [];
        int planned = 0;
        int faulty = 0;
        foreach ((NativeFunction function, long count) in uses)
        {
            foreach (FaultCase fault in FaultCase.Of(kind, function, count, most, isSmoke))
            {
                Outcome outcome = await Run(scenario, fault);
                planned++;
                faulty += outcome.Faults > 0 ? 1 : 0;
                if (outcome.Problems.Count > 0)
                {
                    reports.Add($"{scenario.Name} {fault.Plan}\n    {string.Join("\n    ", outcome.Problems)}");
                }

                if (reports.Count == MostReports)
                {
                    reports.Add("... and perhaps more");
                    Assert.Fail(string.Join("\n", reports));
                }
            }
        }

        reports.AddRange(unobserved.Collect());
        Assert.True(reports.Count == 0, string.Join("\n", reports));
        bool hasNone = planned == 0 && kind != FaultKind.Errors;
        Assert.True(faulty > 0 || hasNone || kind is FaultKind.WouldBlock or FaultKind.ShortCounts, "No fault came about.");
    }

    /// <summary>Runs a class of explicit tests in a process where faults are on.</summary>
    /// <param name="tests">The class.</param>
    /// <param name="count">How many tests it has: all of them must have passed.</param>
    internal static async Task TortureInChild(Type tests, int count)
    {
        (int exitCode, string output) = await ChildTest.Run(tests, "*", environment: FaultsOn, limit: TimeSpan.FromMinutes(5));
        Assert.True(exitCode == 0, Shortened(output));
        Assert.Matches($"Total: {count}, Errors: 0, Failed: 0, Skipped: 0", output);
    }

    /// <summary>The functions that a scenario uses without faults.</summary>
    internal static async Task<IEnumerable<NativeFunction>> FunctionsOf(TortureScenario scenario) => (await CountUses(scenario, 1)).Keys;

    /// <summary>Runs a scenario under one plan.</summary>
    internal static async Task Replay(TortureScenario scenario, string plan)
    {
        Outcome outcome = await Run(scenario, new FaultCase(plan, MustSucceed: false, MayTell: true));
        Assert.True(outcome.Problems.Count == 0, string.Join("\n", outcome.Problems));
    }

    /// <summary>How often each function is used without faults. The kernel's timing varies: the most of some runs.</summary>
    private static async Task<Dictionary<NativeFunction, long>> CountUses(TortureScenario scenario, int runs)
    {
        Dictionary<NativeFunction, long> most = [];
        for (int i = 0; i < runs; i++)
        {
            Outcome outcome = await Run(scenario, new FaultCase("", MustSucceed: true));
            Assert.True(outcome.Problems.Count == 0, $"Without faults: {string.Join("\n", outcome.Problems)}");
            foreach ((NativeFunction function, long uses) in outcome.Uses)
            {
                most[function] = Math.Max(most.GetValueOrDefault(function), uses);
            }
        }

        return most;
    }

    private static async Task<Outcome> Run(TortureScenario scenario, FaultCase fault)
    {
        // First of all, so that a crash names its plan.
        await Console.Error.WriteLineAsync($"torture: {scenario.Name} {fault.Plan}");
        HashSet<string> descriptors = Descriptors.Open();
        HashSet<string> threads = Descriptors.Threads();
        int shared = SharedMessagePool.Instance.Outstanding;
        TortureRun run = new() { Backend = scenario.Backend };
        List<string> problems = [];
        FaultPlan plan = FaultPlan.Start(fault.Plan);
        try
        {
            await scenario.Run(run).WaitAsync(s_limit);
        }
        catch (TimeoutException)
        {
            problems.Add($"It hangs: '{run.WaitsFor}' did not come within {s_limit.TotalSeconds} s. Faults: {string.Join("; ", plan.Taken)}");
        }
        catch (Exception exception)
        {
            problems.Add($"It threw: {exception}");
        }

        plan.Dispose();
        problems.AddRange(run.Problems());
        if (problems.Count == 0)
        {
            Waiting.Until(() => !Descriptors.Threads().Except(threads).Any(), "The threads have left");
            problems.AddRange(Descriptors.Left(descriptors).Select(static left => $"Left: {left}"));
            if (SharedMessagePool.Instance.Outstanding != shared)
            {
                problems.Add($"{SharedMessagePool.Instance.Outstanding - shared} shared messages were not released.");
            }
        }

        if (problems.Count == 0 && (!run.Succeeded || run.HasNotes))
        {
            if ((fault.MustSucceed && !run.Succeeded) || (!fault.MayTell && run.HasNotes))
            {
                problems.Add("Something failed that should not:");
            }
            else if (!plan.Taken.Any(taken => IsNamed(taken, run.Errors) || IsPeersOnly(taken, run.Errors)))
            {
                problems.Add($"Nothing names the cause ({string.Join("; ", plan.Taken)}):");
            }

            if (problems.Count > 0)
            {
                problems.AddRange(run.Failures().Take(6));
            }
        }

        return new Outcome(
            problems,
            plan.TakenCount,
            Enum.GetValues<NativeFunction>().Where(function => plan.Uses(function) > 0).ToDictionary(static f => f, plan.Uses));
    }

    /// <summary>Whether an error says what was behind it.</summary>
    private static bool IsNamed(TakenFault fault, IEnumerable<IoError> errors)
    {
        string name = fault.Outcome.Error ?? "";
        if (fault.Function is >= NativeFunction.BioMethNew)
        {
            return errors.Any(static error => error.Detail.Contains("malloc failure", StringComparison.Ordinal)
                || error.Code == IoErrorCode.OutOfMemory);
        }

        if (fault.Function == NativeFunction.PthreadCreate)
        {
            return errors.Any(static error => error.Detail.Contains("has no thread", StringComparison.Ordinal));
        }

        int number = FaultErrors.Number(name);
        string text = Native.Unix.Errno.Describe(number);
        return errors.Any(error => error.NativeError == Native.Unix.Errno.ToNative(number) || error.Detail.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>
    /// Whether the fault came when its side had nobody left to tell: a goodbye, or an end, that could not be sent after everything else. The
    /// peer says what it sees.
    /// </summary>
    private static bool IsPeersOnly(TakenFault fault, IEnumerable<IoError> errors) => fault.Function switch
    {
        NativeFunction.Send or NativeFunction.SendMsg or NativeFunction.SslShutdown or NativeFunction.SslRead =>
            errors.All(static error => error.Code == IoErrorCode.TlsAlertNotGraceful),
        NativeFunction.Shutdown or NativeFunction.Ioctl =>
            errors.All(static error => error.Code is IoErrorCode.TlsAlertNotGraceful or IoErrorCode.SocketClosed),
        _ => false,
    };

    private sealed record Outcome(List<string> Problems, long Faults, Dictionary<NativeFunction, long> Uses);
}
