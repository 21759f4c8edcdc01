using System.CommandLine;
using System.Globalization;
using AwsIO.Bench.Running;

namespace AwsIO.Bench;

/// <summary>The options of a workload command, with bounds that keep a run short and on this machine.</summary>
internal sealed class BenchArguments
{
    private readonly Option<int> _connections;
    private readonly Option<int> _size;
    private readonly Option<double> _seconds = Bounded("--seconds", "Length of the measured window.", 3.0, 0.1, 60);
    private readonly Option<double> _warmup = Bounded("--warmup", "Seconds of load before the window.", 1.0, 0, 60);
    private readonly Option<int> _repeat = Bounded("--repeat", "Repetitions; the median counts.", 3, 1, 50);
    private readonly Option<bool> _tls = new("--tls") { Description = "TLS with a certificate made for the run." };
    private readonly Option<bool> _isolate = new("--isolate")
    {
        Description = "Run each implementation in a process of its own.",
    };
    private readonly Option<string[]> _implementations = new("--impl")
    {
        Description = "Implementations, separated by commas; ratios are to the first. Default: all that apply.",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = static result =>
            [
                .. result.Tokens.SelectMany(token =>
                    token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                ),
            ],
        DefaultValueFactory = static _ => [],
    };
    private readonly Option<bool> _syscalls = new("--syscalls")
    {
        Description = "Count system calls per operation, by strace, instead of measuring rates.",
    };
    private readonly Option<DirectoryInfo> _upstream = new Option<DirectoryInfo>("--upstream")
    {
        Description = "Where a built aws-c-io is installed (with include and lib in it), to be measured in turns with the others.",
    }.AcceptExistingOnly();
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Write every run to this file." };

    private readonly Option<bool> _firehose = new("--firehose") { Hidden = true };

    // One run of one implementation, and only its result as JSON on the standard output: how a process runs another.
    private readonly Option<bool> _child = new("--child") { Hidden = true };

    public BenchArguments(WorkloadKind kind)
    {
        Kind = kind;
        _connections = kind switch
        {
            WorkloadKind.Idle => Bounded("--connections", "Connections.", 5_000, IdleImplementation.Few, 100_000),
            WorkloadKind.Fairness => Bounded("--connections", "Quiet connections.", 1_000, 1, 10_000),
            _ => Bounded("--connections", "Connections.", 64, 1, 10_000),
        };
        _size = kind switch
        {
            WorkloadKind.Bulk => Bounded("--size", "Bytes in a message.", 64 * 1024, 1, 16 * 1024 * 1024),
            WorkloadKind.Echo => Bounded("--size", "Bytes in a message.", 64, 1, 16 * 1024 * 1024),
            _ => Bounded("--size", "Bytes in a message.", 64, 1, 64 * 1024),
        };
    }

    public WorkloadKind Kind { get; }

    public void AddTo(Command command)
    {
        List<Option> options = [_connections, _size];
        if (Kind != WorkloadKind.Idle)
        {
            options.AddRange([_seconds, _warmup]);
        }

        options.Add(_repeat);
        if (Kind is WorkloadKind.Echo or WorkloadKind.Bulk or WorkloadKind.Idle)
        {
            options.Add(_tls);
        }

        if (Kind != WorkloadKind.Idle)
        {
            options.Add(_isolate);
        }

        options.AddRange([_implementations, _json, _child]);
        if (Kind is WorkloadKind.Echo or WorkloadKind.Connect)
        {
            options.AddRange([_syscalls, _upstream]);
        }

        if (Kind == WorkloadKind.Fairness)
        {
            options.Add(_firehose);
        }

        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    public BenchRequest Read(ParseResult parsed) =>
        new()
        {
            Options = new WorkloadOptions
            {
                Kind = Kind,
                Connections = parsed.GetValue(_connections),
                Size = parsed.GetValue(_size),
                Warmup = TimeSpan.FromSeconds(parsed.GetValue(_warmup)),
                Window = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
                Firehose = parsed.GetValue(_firehose),
                Tls = parsed.GetValue(_tls) ? TlsMaterial.Create() : null,
            },
            Implementations = parsed.GetValue(_implementations) ?? [],
            Repetitions = parsed.GetValue(_repeat),
            Isolate = parsed.GetValue(_isolate),
            Child = parsed.GetValue(_child),
            CountSyscalls = parsed.GetValue(_syscalls),
            Upstream = parsed.GetValue(_upstream),
            JsonFile = parsed.GetValue(_json),
        };

    private static Option<T> Bounded<T>(string name, string description, T value, T least, T most)
        where T : struct, IComparable<T>, IFormattable
    {
        var option = new Option<T>(name)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{description} {least} to {most}."),
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            T given = result.GetValueOrDefault<T>();
            if (given.CompareTo(least) < 0 || given.CompareTo(most) > 0)
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be {least} to {most}."));
            }
        });
        return option;
    }
}
