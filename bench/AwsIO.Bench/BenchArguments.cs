using System.CommandLine;
using System.Globalization;
using AwsIO.Bench.Running;

namespace AwsIO.Bench;

/// <summary>The options of a workload command, with bounds that keep a run short and on this machine.</summary>
internal sealed class BenchArguments
{
    private readonly Option<int> _connections = Bounded("--connections", "Connections.", 64, 1, 10_000);
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
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Write every run to this file." };

    // One run of one implementation, and only its result as JSON on the standard output: how a process runs another.
    private readonly Option<bool> _child = new("--child") { Hidden = true };

    public BenchArguments(WorkloadKind kind)
    {
        Kind = kind;
        int size = kind == WorkloadKind.Bulk ? 64 * 1024 : 64;
        _size = Bounded("--size", "Bytes in a message.", size, 1, 16 * 1024 * 1024);
    }

    public WorkloadKind Kind { get; }

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _connections,
            _size,
            _seconds,
            _warmup,
            _repeat,
            _tls,
            _isolate,
            _implementations,
            _json,
            _child,
        ];
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
                Tls = parsed.GetValue(_tls) ? TlsMaterial.Create() : null,
            },
            Implementations = parsed.GetValue(_implementations) ?? [],
            Repetitions = parsed.GetValue(_repeat),
            Isolate = parsed.GetValue(_isolate),
            Child = parsed.GetValue(_child),
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
