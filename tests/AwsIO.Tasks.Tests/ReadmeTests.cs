using System.Text.RegularExpressions;
using AwsIO.Tests.Architecture;
using AwsIO.Tests.Shared;

namespace AwsIO.Tasks.Tests;

/// <summary>The C# of README.md and of the pages in docs/ is that of the samples, and the samples work.</summary>
public sealed partial class ReadmeTests
{
    private const string Samples = "samples/AwsIO.Samples";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public void Each_snippet_of_the_samples_stands_in_a_page_word_for_word()
    {
        HashSet<string> quoted = CSharpBlocks();

        Assert.All(Snippets(), snippet => Assert.True(
            quoted.Contains(snippet.Text), $"No page quotes the snippet '{snippet.Name}' of {Samples} as it is:\n{snippet.Text}"));
    }

    [Fact]
    public void Each_block_of_CSharp_in_a_page_is_a_snippet_of_the_samples()
    {
        HashSet<string> snippets = [.. Snippets().Select(snippet => snippet.Text)];

        Assert.All(CSharpBlocks(), block => Assert.True(snippets.Contains(block), $"No sample has this block of a page:\n{block}"));
    }

    [Theory]
    [InlineData("resolve", @"^localhost is [0-9a-f.:, ]+\n$")]
    [InlineData("socket", @"^connected to 127\.0\.0\.1:\d+ on awsio-\d+\n$")]
    [InlineData("tls", @"^negotiated TLSv1\.[23] with \S+\nclosed in order\n$")]
    [InlineData("stream", @"^12 bytes: bytesbytesby, there is more\n$")]
    [InlineData("echo", @"^the server said: hello\n$")]
    [InlineData("await", @"^TLSv1\.[23], http/1\.1: HTTP/1\.0 204 No Content\n$")]
    [InlineData("loops", @"LoopCount is 1000, but MaxLoops allows 8: ")]
    [InlineData("timers", @"^rung\nnow\nnow, an hour later\nthe group has ended\n$")]
    [InlineData("descriptors", @"^5 bytes, then the end\n$")]
    [InlineData("futures", @"^42\nthe first, told on awsio-1: True, False\nnobody took it, can read: False\n$")]
    [InlineData("pipes", @"^from one loop to another\n$")]
    [InlineData("faults", @"^hello, in spite of accept4:1=EMFILE and \d+ more\n$")]
    [InlineData("channels", @"^HELLO!\nHOW ARE YOU!\nSocketTimeout, 0 messages kept\n$")]
    [InlineData("lines", @"^plain: HELLO, HOW ARE YOU, BYE\nTLS: HELLO, HOW ARE YOU, BYE\n$")]
    [InlineData("frames", @"^plain: frames of 3, 0, 50000 bytes\nTLS: frames of 3, 0, 50000 bytes\n$")]
    [InlineData("pipeline", @"^plain: 1 4 9 16 25 36 49 64 81 100\nTLS: 1 4 9 16 25 36 49 64 81 100\n$")]
    public async Task A_sample_runs_and_says_what_it_should(string name, string output)
    {
        using ChildProgram sample = ChildProgram.Start(Samples, [name]);

        ChildResult result = await sample.WaitAsync(s_limit);

        Assert.Equal("", result.Errors);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(output, result.Output);
    }

    [Fact]
    public async Task Without_a_name_the_samples_are_listed()
    {
        using ChildProgram samples = ChildProgram.Start(Samples, []);

        ChildResult result = await samples.WaitAsync(s_limit);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("resolve|socket|tls|stream", result.Errors, StringComparison.Ordinal);
    }

    private static List<(string Name, string Text)> Snippets()
    {
        List<(string, string)> snippets = [];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, Samples), "*.cs"))
        {
            foreach (Match match in Snippet().Matches(File.ReadAllText(file)))
            {
                int indent = match.Groups["indent"].Length;
                IEnumerable<string> lines = match.Groups["text"].Value.Split('\n').Select(line => line.Length > indent ? line[indent..] : line.TrimStart());
                snippets.Add((match.Groups["name"].Value, string.Join('\n', lines).TrimEnd()));
            }
        }

        Assert.NotEmpty(snippets);
        return snippets;
    }

    private static HashSet<string> CSharpBlocks() =>
        [.. Pages().SelectMany(page => CSharpBlock().Matches(File.ReadAllText(page))).Select(match => match.Groups[1].Value.TrimEnd())];

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md", SearchOption.AllDirectories)
            .Prepend(Path.Combine(RepositoryRoot.Path, "README.md"));

    [GeneratedRegex(@"^(?<indent> *)// <snippet (?<name>[\w-]+)>\n(?<text>.*?)^ *// </snippet>", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
