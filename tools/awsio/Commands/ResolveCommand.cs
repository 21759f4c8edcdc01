using System.CommandLine;
using AwsIO.Tasks;

namespace AwsIO.Tool.Commands;

/// <summary><c>awsio resolve</c>: the addresses of a host, one a line.</summary>
internal sealed class ResolveCommand : ToolCommand
{
    private const string ExampleText = """
        awsio resolve localhost
        awsio resolve localhost | head -n 1            # the one that is tried first
        """;

    private readonly Argument<string> _host = new("HOST") { Description = "A name, or an address." };

    internal ResolveCommand()
        : base("resolve", "Look a host up and print its addresses, one a line, the best first.", ExampleText)
    {
        Arguments.Add(_host);
        SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(_host)));
    }

    private static async Task<int> RunAsync(string host)
    {
        if (string.IsNullOrWhiteSpace(host))
        {
            throw new UsageException("HOST is empty. Try 'awsio resolve --help'.");
        }

        await using IoRuntime io = new();
        foreach (HostAddress address in await io.ResolveAsync(host))
        {
            Console.Out.WriteLine(address.Address);
        }

        return 0;
    }
}
