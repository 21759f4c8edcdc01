using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Reports;
using Spectre.Console;

namespace AwsIO.Bench.Scheduling;

/// <summary>The command that measures scheduling and timers instead of connections.</summary>
internal static class TasksCommand
{
    private static readonly TimeSpan s_warmUpTime = TimeSpan.FromSeconds(1.5);

    public static Command Create()
    {
        Option<int> repeat = new("--repeat") { Description = "Repetitions; the median counts.", DefaultValueFactory = static _ => 5 };
        Option<string?> only = new("--only") { Description = "Only measurements with this text in their names." };
        Option<DirectoryInfo> upstream = new Option<DirectoryInfo>("--upstream")
        {
            Description = "Where a built aws-c-io is installed (with include and lib in it), to be measured in turns with the others.",
        }.AcceptExistingOnly();
        Command command = new("tasks", "Scheduling from other threads and on the loop, latency, a million timers, and what they could be kept in.")
        {
            repeat,
            only,
            upstream,
        };
        command.SetAction(parsed =>
        {
            using UpstreamTasks? tasks = parsed.GetValue(upstream) is { } prefix ? new UpstreamTasks(prefix.FullName) : null;
            return Run(Math.Clamp(parsed.GetValue(repeat), 1, 50), parsed.GetValue(only), tasks);
        });
        return command;
    }

    private static int Run(int repetitions, string? only, UpstreamTasks? upstream)
    {
        Measurement[] chosen =
        [
            .. All()
                .Where(measurement => only is null || measurement.Name.Contains(only, StringComparison.OrdinalIgnoreCase))
                .Select(measurement => With(upstream, measurement)),
        ];
        List<string[]> rows = [];
        foreach (Measurement measurement in chosen)
        {
            Dictionary<string, List<double>> figures = measurement.Runs.ToDictionary(
                static run => run.Implementation,
                static _ => new List<double>()
            );

            foreach ((_, Func<double> run) in measurement.Runs)
            {
                WarmUp(run);
            }

            // In turns, so that a machine that slows down for a while slows all of them.
            for (int repetition = 0; repetition < repetitions; repetition++)
            {
                foreach ((string implementation, Func<double> run) in measurement.Runs)
                {
                    GC.Collect();
                    figures[implementation].Add(run());
                }
            }

            double first = Median(figures[measurement.Runs[0].Implementation]);
            foreach ((string implementation, _) in measurement.Runs)
            {
                rows.Add(Row(measurement, implementation, figures[implementation], first));
            }

            Console.Error.WriteLine($"{measurement.Name}: {first.ToString("N2", CultureInfo.InvariantCulture)} {measurement.Unit}");
        }

        ReportTable.PrintRows(["measurement", "implementation", "median", "min–max", "ratio", "unit", "target"], rows);
        Console.WriteLine();
        Console.WriteLine($"{MachineInfo.Read()}; medians of {repetitions}");
        return 0;
    }

    /// <summary>
    /// Runs what is measured until its code is as fast as it gets: the runtime compiles a method a second and a third time a while after
    /// it has been called often, and one run may be over before that.
    /// </summary>
    private static void WarmUp(Func<double> run)
    {
        long from = Stopwatch.GetTimestamp();
        for (int runs = 0; runs < 3 || Stopwatch.GetElapsedTime(from) < s_warmUpTime; runs++)
        {
            GC.Collect();
            _ = run();
        }
    }

    private static IEnumerable<Measurement> All() =>
        [.. CrossThreadMeasurements.All(), .. OnLoopMeasurements.All(), .. TimerMeasurements.All(), .. StructureMeasurements.All()];

    private static Measurement With(UpstreamTasks? upstream, Measurement measurement) =>
        upstream is null || measurement.Upstream is not { } arguments
            ? measurement
            : measurement with
            {
                Runs = [.. measurement.Runs, (UpstreamTasks.Name, () => upstream.Run(arguments))],
            };

    private static string[] Row(Measurement measurement, string implementation, List<double> figures, double first)
    {
        double median = Median(figures);
        bool isFirst = implementation == measurement.Runs[0].Implementation;
        string target = isFirst && measurement.Target is { } wanted
            ? $"{(measurement.MoreIsBetter ? "≥" : "≤")} {wanted.ToString("0.##", CultureInfo.InvariantCulture)}"
            : string.Empty;
        return
        [
            isFirst ? measurement.Name : string.Empty,
            implementation,
            median.ToString("N2", CultureInfo.InvariantCulture),
            $"{figures.Min().ToString("N2", CultureInfo.InvariantCulture)}–{figures.Max().ToString("N2", CultureInfo.InvariantCulture)}",
            (median / first).ToString("0.00", CultureInfo.InvariantCulture),
            measurement.Unit,
            target,
        ];
    }

    private static double Median(List<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
