using System.Globalization;

namespace AwsIO.Bench.Running;

/// <summary>
/// Runs the implementations in turns, A B C A B C: a machine that slows down for a while slows all of them, and ratios
/// stay true.
/// </summary>
internal static class BenchRunner
{
    public static async Task<IReadOnlyList<RunResult>> RunAsync(
        IReadOnlyList<IImplementation> implementations,
        BenchRequest request,
        CancellationToken cancellationToken
    )
    {
        var runs = new List<RunResult>();
        for (int repetition = 1; repetition <= request.Repetitions; repetition++)
        {
            foreach (IImplementation implementation in implementations)
            {
                RunResult run = await RunOnceAsync(implementation, request, cancellationToken);
                runs.Add(run with { Implementation = implementation.Name, Repetition = repetition });
                await ReportProgressAsync(runs[^1], request.Repetitions);
            }
        }

        return runs;
    }

    private static async Task<RunResult> RunOnceAsync(
        IImplementation implementation,
        BenchRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.Options.Tls is not null && !implementation.SupportsTls)
        {
            return new RunResult { Error = "has no TLS in this benchmark: run it without --tls" };
        }

        try
        {
            if (request.Isolate && implementation is InProcessImplementation inner)
            {
                implementation = new SelfImplementation(inner.Name, inner.Name, inner.SupportsTls);
            }

            return await implementation.RunAsync(request.Options, cancellationToken);
        }
        catch (NotAvailableException exception)
        {
            return new RunResult { Skipped = exception.Message };
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One that fails costs its own row, not the table.
            return new RunResult { Error = exception.Message };
        }
    }

    // On the standard error, so that a table which is piped or pasted has no progress in it.
    private static Task ReportProgressAsync(RunResult run, int repetitions)
    {
        string figure =
            run.Error ?? run.Skipped ?? run.OperationsPerSecond.ToString("N0", CultureInfo.InvariantCulture) + "/s";
        return Console.Error.WriteLineAsync($"{run.Repetition}/{repetitions} {run.Implementation}: {figure}");
    }
}
