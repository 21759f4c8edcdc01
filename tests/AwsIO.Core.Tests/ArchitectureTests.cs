using System.Text.RegularExpressions;
using System.Xml.Linq;
using AwsIO.Tests.Architecture;

namespace AwsIO.Tests;

/// <summary>Reads the source tree. Each violation names its file, its line and the rule.</summary>
public sealed class ArchitectureTests
{
    /// <summary>Where unsafe code may stand besides Native/, and why.</summary>
    private static readonly Dictionary<string, string> s_unsafeAllowed = new(StringComparer.Ordinal)
    {
        ["src/AwsIO.Core/EventLoops/Kqueue/"] = "changes for the kernel are written on the stack",
        ["src/AwsIO.Core/Messages/"] = "pooled memory is pinned and handed to the kernel by address",
        ["src/AwsIO.Core/Sockets/"] = "reads and writes pass spans of addresses and lengths to the kernel",
        ["src/AwsIO.Core/Tls/Providers/OpenSsl/"] = "libssl calls back through function pointers and takes addresses",
    };

    /// <summary>Which project of src may refer to which.</summary>
    private static readonly Dictionary<string, string[]> s_references = new(StringComparer.Ordinal)
    {
        ["AwsIO.Core"] = [],
        ["AwsIO.Tasks"] = ["AwsIO.Core"],
        ["AwsIO.FSharp"] = ["AwsIO.Core", "AwsIO.Tasks"],
        ["AwsIO.Testing"] = ["AwsIO.Core"],
        ["AwsIO.AspNetCore"] = ["AwsIO.Core", "AwsIO.Tasks"],
    };

    private static readonly Lazy<List<SourceFile>> s_src = new(() => SourceFile.Under("src"));

    [Fact]
    public void A_folder_of_core_mentions_no_type_of_a_folder_above_or_beside_it() =>
        None(Layers.Violations(s_src.Value));

    [Fact]
    public void Native_functions_are_declared_under_Native_only() =>
        None(Mentions(@"\b(?:DllImport|LibraryImport)(?:Attribute)?\b", "P/Invoke outside a Native/ folder")
            .Where(v => !InNative(v)));

    [Fact]
    public void No_file_is_too_long()
    {
        IEnumerable<string> src = TooLong(s_src.Value, 400);
        IEnumerable<string> rest = TooLong(SourceFile.Under("tests", "bench", "tools", "samples"), 600);
        None(src.Concat(rest));
    }

    [Fact]
    public void Project_references_go_one_way()
    {
        List<string> violations = [];
        string src = Path.Combine(RepositoryRoot.Path, "src");
        foreach (string project in Directory.EnumerateFiles(src, "*.*proj", SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            string path = Path.GetRelativePath(RepositoryRoot.Path, project);
            if (!s_references.TryGetValue(name, out string[]? allowed))
            {
                violations.Add($"{path}:1: unknown project; say in ArchitectureTests what it may refer to");
                continue;
            }

            foreach (XElement element in XDocument.Load(project, LoadOptions.SetLineInfo).Descendants("ProjectReference"))
            {
                string target = Path.GetFileNameWithoutExtension(
                    ((string?)element.Attribute("Include") ?? "").Replace('\\', '/'));
                if (!allowed.Contains(target))
                {
                    int line = ((System.Xml.IXmlLineInfo)element).LineNumber;
                    violations.Add($"{path}:{line}: {name} refers to {target}; rule: Core <- Tasks <- FSharp");
                }
            }
        }

        None(violations);
    }

    [Fact]
    public void Nothing_in_src_is_left_undone_or_sleeps()
    {
        IEnumerable<string> code = Mentions(@"\bNotImplementedException\b", "not implemented")
            .Concat(Mentions(@"\bThread\s*\.\s*Sleep\b", "a sleep in src"));
        IEnumerable<string> notes = s_src.Value.SelectMany(
            f => Regex.Matches(f.Text, @"\b(?:TODO|FIXME|XXX)\b")
                .Select(m => $"{f.Path}:{f.LineAt(m.Index)}: {m.Value} in src"));
        None(code.Concat(notes));
    }

    [Fact]
    public void Unsafe_code_stands_in_Native_and_in_few_other_places() =>
        None(Mentions(@"\bunsafe\b", "unsafe code outside Native/ and the list in ArchitectureTests")
            .Where(v => !InNative(v))
            .Where(v => !s_unsafeAllowed.Keys.Any(folder => v.StartsWith(folder, StringComparison.Ordinal))));

    [Theory]
    [InlineData("class A { Top t; }", true)]
    [InlineData("class A { /* Top */ string s = \"Top\"; } // Top", false)]
    [InlineData("/// <see cref=\"Top\"/>\nclass A { }", false)]
    [InlineData("class A { string s = @\"a\"\"Top\"; char c = '\"'; object o = x.Top; }", false)]
    [InlineData("class A { string s = $\"Top {nameof(Top)}\"; }", true)]
    [InlineData("class A { string s = $\"{{Top}} {(b ? \"Top\" : \"y\")}\"; }", false)]
    [InlineData("class A { string s = \"\"\"\n \"Top\" \n\"\"\"; string t = $$\"\"\"{Top}\"\"\"; }", false)]
    [InlineData("#region don't Top\nclass A { class Top { } }", false)]
    [InlineData("using static AwsIO.Top;", true)]
    [InlineData("class A { AwsIO.Top t; TopMost u; }", true)]
    public void The_layer_rule_sees_code_only(string text, bool fires)
    {
        SourceFile low = new(Layers.Root + "Common/A.cs", text);
        SourceFile high = new(Layers.Root + "Channels/Top.cs", "namespace AwsIO;\npublic sealed class Top<T> where T : class { }");

        Assert.Equal(fires, Layers.Violations([low, high]).Any());
    }

    [Fact]
    public void The_layer_rule_names_the_line_and_forbids_siblings()
    {
        SourceFile socket = new(Layers.Root + "Sockets/S.cs", "class S\n{\n    Resolver r;\n}\n");
        SourceFile resolver = new(Layers.Root + "Resolution/R.cs", "delegate void Done<T>(T x);\nclass Resolver { }\n");
        SourceFile channel = new(Layers.Root + "Channels/C.cs", "class C { Resolver r; S s; Done<int> d; }\n");

        string violation = Assert.Single(Layers.Violations([socket, resolver, channel]));

        Assert.StartsWith("src/AwsIO.Core/Sockets/S.cs:3: Sockets mentions Resolver of Resolution", violation);
    }

    private static bool InNative(string violation) =>
        violation[..violation.IndexOf(':', StringComparison.Ordinal)].Contains("/Native/", StringComparison.Ordinal);

    private static IEnumerable<string> Mentions(string pattern, string rule) =>
        s_src.Value.SelectMany(
            f => Regex.Matches(f.Code, pattern).Select(m => $"{f.Path}:{f.LineAt(m.Index)}: {rule}"));

    private static IEnumerable<string> TooLong(IEnumerable<SourceFile> files, int limit) =>
        files.Where(f => f.LineCount > limit)
            .Select(f => $"{f.Path}:{limit + 1}: {f.LineCount} lines; the limit is {limit}");

    private static void None(IEnumerable<string> violations)
    {
        List<string> all = violations.Distinct().ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all));
    }
}
