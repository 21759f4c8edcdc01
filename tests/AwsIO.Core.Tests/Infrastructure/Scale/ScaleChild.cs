using System.Globalization;

namespace AwsIO.Tests.Infrastructure.Scale;

/// <summary>Runs a test with very many connections in a process of its own, and hands on what it says of them.</summary>
internal static class ScaleChild
{
    private const string Mark = "scale: ";

    /// <summary>Runs an explicit test, unless this machine gives no process as many descriptors as it needs.</summary>
    internal static async Task Run(Type type, string method, int descriptors, TimeSpan limit)
    {
        long allowed = ProcessFigures.DescriptorLimit();
        Assert.SkipWhen(allowed < descriptors, $"A process may have {allowed} descriptors here, and this needs {descriptors}.");
        string output = await ChildTest.Passes(type, method, descriptors, limit: limit);
        foreach (string line in output.Split('\n').Where(static line => line.StartsWith(Mark, StringComparison.Ordinal)))
        {
            TestContext.Current.TestOutputHelper!.WriteLine(line[Mark.Length..]);
        }
    }

    /// <summary>Says something from the child.</summary>
    internal static void Say(FormattableString text) => Console.WriteLine(Mark + text.ToString(CultureInfo.InvariantCulture));
}
