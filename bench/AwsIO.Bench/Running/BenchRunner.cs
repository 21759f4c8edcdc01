using AwsIO.Bench.Reports;

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
                await ReportProgressAsync(runs[^1], request);
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
        if (!implementation.Supports(request.Options.Kind))
        {
            return new RunResult { Error = "is not part of this measurement" };
        }

        if (request.Options.Tls is not null && !implementation.SupportsTls)
        {
            return new RunResult { Error = "has no TLS in this benchmark: run it without --tls" };
        }

        try
        {
            return await Prepare(implementation, request).RunAsync(request.Options, cancellationToken);
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

    // A process of its own is not only a choice: memory and system calls are counted by the process.
    private static IImplementation Prepare(IImplementation implementation, BenchRequest request)
    {
        bool isIdle = request.Options.Kind == WorkloadKind.Idle;
        if ((request.Isolate || isIdle || request.CountSyscalls) && implementation is InProcessImplementation inner)
        {
            implementation = new SelfImplementation(inner.Name, inner.Name, inner.SupportsTls, inner.Supports);
        }

        if (request.CountSyscalls)
        {
            // Compiling methods again while the load goes on takes system calls too, which are none of the load's.
            return new SyscallImplementation(
                implementation is SelfImplementation self
                    ? self.With(("DOTNET_TieredCompilation", "0"), ("DOTNET_EnableWriteXorExecute", "0"))
                    : implementation
            );
        }

        return request.Options.Kind switch
        {
            WorkloadKind.Idle => new IdleImplementation(implementation),
            WorkloadKind.Fairness => new FairnessImplementation(implementation),
            _ => implementation,
        };
    }

    // On the standard error, so that a table which is piped or pasted has no progress in it.
    private static Task ReportProgressAsync(RunResult run, BenchRequest request)
    {
        ReportColumn main = ReportColumns.Of(request).Main;
        string figure = run.Error ?? run.Skipped ?? $"{main.Text(main.Figure(run))} {main.Header}";
        return Console.Error.WriteLineAsync($"{run.Repetition}/{request.Repetitions} {run.Implementation}: {figure}");
    }
}
