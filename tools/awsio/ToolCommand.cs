using System.CommandLine;

namespace AwsIO.Tool;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does.</param>
/// <param name="examples">Command lines that work, with what they do above them.</param>
internal abstract class ToolCommand(string name, string description, string examples) : Command(name, description)
{
    internal string Examples => examples;
}
