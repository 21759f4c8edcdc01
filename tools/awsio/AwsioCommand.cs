using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using AwsIO.Tool.Commands;

namespace AwsIO.Tool;

/// <summary>The root command: what the tool knows, and what <c>--help</c> and <c>--version</c> say.</summary>
internal static class AwsioCommand
{
    private const string Examples = """
        awsio demo
        awsio echo 127.0.0.1:7000 --tls --cert server.pem --key server.key
        awsio connect localhost:7000 --tls --ca ca.pem -v
        awsio resolve localhost
        """;

    /// <summary>The version without the commit behind it.</summary>
    internal static string Version { get; } =
        typeof(AwsioCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    internal static RootCommand Create()
    {
        RootCommand root = new("Talks to the network through AwsIO: event loops, TLS and name look-up from the command line.")
        {
            new DemoCommand(),
            new EchoCommand(),
            new ConnectCommand(),
            new ResolveCommand(),
            new KqueueSelfCheckCommand(),
        };
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help } helpOption)
            {
                helpOption.Action = new HelpWithExamples(help);
            }
            else if (option is VersionOption version)
            {
                version.Action = new PrintVersion();
            }
        }

        root.SetAction(_ =>
        {
            root.Parse("--help").Invoke();
            return Failure.UsageCode;
        });
        return root;
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            Command command = parseResult.CommandResult.Command;
            string text = command is ToolCommand tool ? tool.Examples : Examples;
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string line in text.Split('\n'))
            {
                output.WriteLine(("  " + line).TrimEnd());
            }

            return code;
        }
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"awsio {Version}");
            return 0;
        }
    }
}
