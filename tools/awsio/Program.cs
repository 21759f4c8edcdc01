using System.CommandLine;
using System.CommandLine.Invocation;
using AwsIO.Tool;

ParseResult parsed = AwsioCommand.Create().Parse(args);
if (parsed.Action is ParseErrorAction)
{
    string command = parsed.CommandResult.Command is RootCommand ? "awsio" : $"awsio {parsed.CommandResult.Command.Name}";
    Failure.Print($"{parsed.Errors[0].Message.TrimEnd('.')}. Try '{command} --help'.");
    return Failure.UsageCode;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration
    {
        // Signals are the commands' own affair, and failures are told below, in one line.
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    });
}
catch (Exception exception)
{
    return Failure.Report(exception);
}
