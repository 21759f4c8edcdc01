using System.Runtime.InteropServices;
using AwsIO.SelfCheck;

namespace AwsIO.Tool.Commands;

/// <summary><c>awsio kqueue-selfcheck</c>: asks the kernel of macOS or FreeBSD whether AwsIO is right about it.</summary>
internal sealed class KqueueSelfCheckCommand : ToolCommand
{
    /// <summary>The exit code where there is no kqueue to ask.</summary>
    internal const int NotHereCode = 3;

    private const string ExampleText = """
        awsio kqueue-selfcheck                         # about ten seconds; the last line counts
        awsio kqueue-selfcheck > selfcheck.txt         # to send along with a report
        """;

    internal KqueueSelfCheckCommand()
        : base("kqueue-selfcheck", "Check on macOS or FreeBSD that the kernel does what AwsIO's event loop expects.", ExampleText) =>
        SetAction(_ => Run());

    private static int Run()
    {
        if (!KqueueSelfCheck.IsSupported)
        {
            Failure.Print($"kqueue-selfcheck needs macOS or FreeBSD: there is no kqueue on {RuntimeInformation.OSDescription}");
            return NotHereCode;
        }

        Console.Out.WriteLine(
            $"AwsIO {AwsioCommand.Version}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, "
            + $"process {RuntimeInformation.ProcessArchitecture}, machine {RuntimeInformation.OSArchitecture}");
        Dictionary<CheckState, int> counts = Enum.GetValues<CheckState>().ToDictionary(static state => state, static _ => 0);
        foreach (CheckResult result in KqueueSelfCheck.RunHere())
        {
            Console.Out.WriteLine(result);
            counts[result.State]++;
        }

        Console.Out.WriteLine(
            $"{counts[CheckState.Passed]} passed, {counts[CheckState.Failed]} failed, {counts[CheckState.Skipped]} skipped");
        return counts[CheckState.Failed] == 0 ? 0 : Failure.Code;
    }
}
