using System.Text.RegularExpressions;

namespace AwsIO.Tests.Architecture;

/// <summary>The folders of AwsIO.Core, lowest first; those on one line are siblings and do not see each other.</summary>
internal static class Layers
{
    public const string Root = "src/AwsIO.Core/";

    private static readonly string[][] s_order =
    [
        ["Common"],
        ["Native"],
        ["EventLoops"],
        ["Messages"],
        ["Sockets", "Resolution", "Streams", "Retry"],
        ["Channels"],
        ["Tls"],
        ["Bootstrap"],
    ];

    /// <summary>Words that look like a type of a layer above but are not. "file: word" and the reason.</summary>
    private static readonly Dictionary<string, string> s_allowed = new(StringComparer.Ordinal)
    {
        [Root + "Common/IoLogCategories.cs: EventLoop"] = "the name of a category, which is that of the type",
        [Root + "Common/IoLogCategories.cs: HostResolver"] = "the name of a category, which is that of the type",
        [Root + "Common/IoLoggers.cs: EventLoop"] = "the name of a category's logger",
        [Root + "Common/IoLoggers.cs: HostResolver"] = "the name of a category's logger",
    };

    private static readonly Regex s_word = new(@"(?<![\w@])[A-Z_]\w*", RegexOptions.Compiled);

    public static IEnumerable<string> Violations(IEnumerable<SourceFile> files)
    {
        List<SourceFile> core = files.Where(f => f.Path.StartsWith(Root, StringComparison.Ordinal)).ToList();
        Dictionary<string, HashSet<string>> homes = new(StringComparer.Ordinal);
        foreach (SourceFile file in core)
        {
            string layer = LayerOf(file.Path);
            if (RankOf(layer) < 0 && file.TopLevelTypes.Count > 0)
            {
                yield return $"{file.Path}:1: declares types but lies in no layer folder ({Described()})";
            }

            foreach (string type in file.TopLevelTypes)
            {
                if (!homes.TryGetValue(type, out HashSet<string>? set))
                {
                    homes.Add(type, set = []);
                }

                set.Add(layer);
            }
        }

        foreach (SourceFile file in core.Where(f => RankOf(LayerOf(f.Path)) >= 0))
        {
            string own = LayerOf(file.Path);
            HashSet<string> reported = [];
            foreach (Match match in s_word.Matches(file.Code))
            {
                string word = match.Value;
                if (!homes.TryGetValue(word, out HashSet<string>? layers)
                    || layers.Any(layer => Sees(own, layer))
                    || file.AllTypes.Contains(word)
                    || IsMember(file.Code, match.Index)
                    || s_allowed.ContainsKey($"{file.Path}: {word}")
                    || !reported.Add(word))
                {
                    continue;
                }

                string home = string.Join(", ", layers);
                yield return $"{file.Path}:{file.LineAt(match.Index)}: {own} mentions {word} of {home} ({Described()})";
            }
        }
    }

    private static string Described() =>
        string.Join(" <- ", s_order.Select(l => l.Length == 1 ? l[0] : "{ " + string.Join(" | ", l) + " }"));

    private static string LayerOf(string path)
    {
        string rest = path[Root.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : rest[..slash];
    }

    private static int RankOf(string layer) => Array.FindIndex(s_order, l => l.Contains(layer));

    private static bool Sees(string own, string other) =>
        own == other || (RankOf(other) >= 0 && RankOf(other) < RankOf(own));

    /// <summary>"x.Word" names a member, unless the line is a using or the prefix is the namespace.</summary>
    private static bool IsMember(string code, int at)
    {
        int before = at - 1;
        while (before >= 0 && char.IsWhiteSpace(code[before]))
        {
            before--;
        }

        if (before < 0 || code[before] != '.' || (before > 0 && code[before - 1] == '.'))
        {
            return false;
        }

        int lineStart = code.LastIndexOf('\n', at) + 1;
        string prefix = code[lineStart..at].TrimStart();
        return !prefix.StartsWith("using ", StringComparison.Ordinal)
            && !Regex.IsMatch(prefix, @"\bAwsIO\s*\.\s*$");
    }
}
