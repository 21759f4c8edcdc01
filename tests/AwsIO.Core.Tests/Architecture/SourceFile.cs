using System.Text.RegularExpressions;

namespace AwsIO.Tests.Architecture;

/// <summary>One source file: its path from the root, its text, and its code without comments and strings.</summary>
internal sealed class SourceFile
{
    private static readonly Regex s_declaration = new(
        @"\b(?:class|struct|interface|enum|record(?:\s+(?:struct|class))?)\s+(?<name>[A-Za-z_]\w*)" +
        @"|\bdelegate\s+(?!\*)[\w<>\[\],.?\s]+?\s+(?<name>[A-Za-z_]\w*)\s*(?:<[^()]*?>)?\s*\(",
        RegexOptions.Compiled);

    public SourceFile(string path, string text)
    {
        Path = path.Replace('\\', '/');
        Text = text;
        Code = path.EndsWith(".cs", StringComparison.Ordinal) ? CodeOnly.Of(text) : text;
        (TopLevelTypes, AllTypes) = Declarations();
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>The text with every comment, string and directive blanked; offsets and lines stay.</summary>
    public string Code { get; }

    public IReadOnlySet<string> TopLevelTypes { get; }

    public IReadOnlySet<string> AllTypes { get; }

    public int LineCount
    {
        get
        {
            int lines = Text.Count(c => c == '\n');
            return Text.Length == 0 || Text[^1] == '\n' ? lines : lines + 1;
        }
    }

    public int LineAt(int offset) => Text.AsSpan(0, offset).Count('\n') + 1;

    /// <summary>The source files under some folders of the repository, build output left out.</summary>
    public static List<SourceFile> Under(params string[] folders)
    {
        List<SourceFile> files = [];
        foreach (string folder in folders)
        {
            string full = System.IO.Path.Combine(RepositoryRoot.Path, folder);
            if (!Directory.Exists(full))
            {
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories))
            {
                string path = System.IO.Path.GetRelativePath(RepositoryRoot.Path, file).Replace('\\', '/');
                if (System.IO.Path.GetExtension(path) is ".cs" or ".fs"
                    && !path.Contains("/obj/", StringComparison.Ordinal)
                    && !path.Contains("/bin/", StringComparison.Ordinal))
                {
                    files.Add(new SourceFile(path, File.ReadAllText(file)));
                }
            }
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return files;
    }

    private (HashSet<string> TopLevel, HashSet<string> All) Declarations()
    {
        HashSet<string> topLevel = [];
        HashSet<string> all = [];
        int depth = 0, at = 0;
        foreach (Match match in s_declaration.Matches(Code))
        {
            for (; at < match.Index; at++)
            {
                depth += Code[at] switch { '{' => 1, '}' => -1, _ => 0 };
            }

            string name = match.Groups["name"].Value;
            if (name == "where")
            {
                continue; // "where T : class where U : ..."
            }

            all.Add(name);
            if (depth == 0)
            {
                topLevel.Add(name);
            }
        }

        return (topLevel, all);
    }
}
