using AwsIO.Tool.Demo;

namespace AwsIO.Tool.Commands;

/// <summary><c>awsio demo</c>: a connection's life, told step by step.</summary>
internal sealed class DemoCommand : ToolCommand
{
    private const string ExampleText = """
        awsio demo                                     # in colour on a terminal
        awsio demo | cat                               # plain lines
        """;

    // It takes about two seconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    internal DemoCommand()
        : base("demo", "Show a TLS connection's life in this process, from the look-up to the last descriptor.", ExampleText) =>
        SetAction(async (_, cancellationToken) =>
        {
            await new Demonstration(new Story()).RunAsync().WaitAsync(s_patience, cancellationToken);
            return 0;
        });
}
