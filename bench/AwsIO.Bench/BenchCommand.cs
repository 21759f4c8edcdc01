using System.CommandLine;
using System.Text.Json;
using AwsIO.Bench.Implementations;
using AwsIO.Bench.Reports;
using AwsIO.Bench.Running;
using AwsIO.Bench.Scheduling;

namespace AwsIO.Bench;

/// <summary>The command line: one command a workload.</summary>
internal static class BenchCommand
{
    public static RootCommand Create() =>
        new("Measures AwsIO against its peers, interleaved in one run, on loopback only.")
        {
            CreateWorkload("echo", "Round trips of a message on each connection.", WorkloadKind.Echo),
            CreateWorkload("bulk", "Bytes from the clients to the server.", WorkloadKind.Bulk),
            CreateWorkload("connect", "Connections: set up, one message there and back, closed.", WorkloadKind.Connect),
            CreateWorkload("idle", "Memory of an idle connection, for each of its ends.", WorkloadKind.Idle),
            CreateWorkload(
                "fairness", "What quiet connections wait beside one that sends all it can.", WorkloadKind.Fairness),
            TasksCommand.Create(),
        };

    private static Command CreateWorkload(string name, string description, WorkloadKind kind)
    {
        var command = new Command(name, description);
        var arguments = new BenchArguments(kind);
        arguments.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(arguments.Read(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(BenchRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<IImplementation> all = ImplementationRegistry.CreateAll(request.Upstream);
        try
        {
            IReadOnlyList<IImplementation> chosen = Choose(all, request);
            if (request.Child)
            {
                RunResult result = await chosen[0].RunAsync(request.Options, cancellationToken);
                Console.Out.WriteLine(JsonSerializer.Serialize(result, BenchJson.Default.RunResult));
                return 0;
            }

            var report = new BenchReport
            {
                CommandLine = CommandLineText.Of(request, chosen),
                Machine = MachineInfo.Read(),
                Runs = await BenchRunner.RunAsync(chosen, request, cancellationToken),
            };
            ReportTable.Print(report, ReportColumns.Of(request));
            if (request.JsonFile is { } file)
            {
                string json = JsonSerializer.Serialize(report, BenchJson.Default.BenchReport);
                await File.WriteAllTextAsync(file.FullName, json + "\n", cancellationToken);
            }

            return report.Runs.Any(run => run.Error is not null) ? 1 : 0;
        }
        catch (Exception exception) when (exception is ArgumentException or NotAvailableException || request.Child)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        finally
        {
            foreach (IImplementation implementation in all)
            {
                implementation.Dispose();
            }
        }
    }

    private static IReadOnlyList<IImplementation> Choose(IReadOnlyList<IImplementation> all, BenchRequest request)
    {
        if (request.Implementations.Count == 0)
        {
            return
            [
                .. all.Where(implementation => implementation.SupportsTls || request.Options.Tls is null)
                    .Where(implementation => implementation.Supports(request.Options.Kind)),
            ];
        }

        return
        [
            .. request.Implementations.Select(name =>
                all.FirstOrDefault(implementation => implementation.Name == name)
                ?? throw new ArgumentException(
                    $"There is no implementation '{name}'; there are {string.Join(", ", all.Select(i => i.Name))}."
                )
            ),
        ];
    }
}
