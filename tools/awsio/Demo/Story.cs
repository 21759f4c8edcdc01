using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace AwsIO.Tool.Demo;

/// <summary>Tells the demonstration: in colour and with a progress bar on a terminal, in plain lines elsewhere.</summary>
internal sealed class Story
{
    private const int NameWidth = 12;
    private const int TimeWidth = 9;
    private const int BarWidth = 50;

    private readonly bool _onTerminal = AnsiConsole.Profile.Capabilities is { Ansi: true, Interactive: true } && !Console.IsOutputRedirected;

    internal void Begin(string title, string setting)
    {
        if (_onTerminal)
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{title}[/]  [grey]{setting}[/]");
        }
        else
        {
            Console.Out.WriteLine($"{title}  {setting}");
        }
    }

    internal void Step(string name, string text, TimeSpan? time = null)
    {
        string padded = name.PadRight(NameWidth);
        string duration = (time is { } value ? Format(value) : "").PadLeft(TimeWidth);
        if (_onTerminal)
        {
            AnsiConsole.MarkupLineInterpolated($"[green]✓[/] [aqua]{padded}[/][yellow]{duration}[/]  {text}");
        }
        else
        {
            Console.Out.WriteLine($"  {padded}{duration}  {text}");
        }
    }

    internal void End(string text)
    {
        if (_onTerminal)
        {
            AnsiConsole.MarkupLineInterpolated($"[bold green]{text}[/]");
        }
        else
        {
            Console.Out.WriteLine(text);
        }
    }

    /// <summary>Waits for an exchange, with a bar that shows how far it is.</summary>
    internal async Task WatchAsync(string name, Exchange exchange, Task running)
    {
        if (!_onTerminal)
        {
            await running;
            return;
        }

        // The bar hides the cursor: an impatient Ctrl-C must not leave it so.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGINT, static _ => Console.Out.Write("\e[?25h\n"));
        await AnsiConsole.Progress()
            .AutoClear(true)
            .AutoRefresh(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, new PercentageColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask($"  [aqua]{name,-NameWidth}[/]", maxValue: 1);
                while (!running.IsCompleted)
                {
                    bar.Value = exchange.Progress;
                    context.Refresh();
                    _ = await Task.WhenAny(running, Task.Delay(50));
                }
            });
        await running;
    }

    internal static string Format(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:F0} µs"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s"),
    };
}
