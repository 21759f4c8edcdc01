/// The source tree: where it is, and the texts of it that tests read.
module AwsIO.FSharp.Tests.Repository

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions

let private isRoot (folder: DirectoryInfo) =
    File.Exists(Path.Combine(folder.FullName, "AwsIO.sln"))

let rec private upwards (folder: DirectoryInfo | null) =
    match folder with
    | null -> None
    | folder when isRoot folder -> Some folder.FullName
    | folder -> upwards folder.Parent

/// The folder of AwsIO.sln, also for a published test program that lies elsewhere.
let root =
    let fromBuild =
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
        |> Seq.tryFind (fun known -> known.Key = "RepositoryRoot")
        |> Option.bind (fun known -> Option.ofObj known.Value)

    [
        Option.ofObj (Environment.GetEnvironmentVariable "AWSIO_ROOT")
        Some AppContext.BaseDirectory
        fromBuild
    ]
    |> List.choose id
    |> List.filter (fun start -> start <> "")
    |> List.tryPick (fun start -> upwards (DirectoryInfo start))
    |> Option.defaultWith (fun () -> failwith "AwsIO.sln not found. Set AWSIO_ROOT to the root of the source tree.")

let pathOf (relative: string) = Path.Combine(root, relative)

let read (relative: string) = File.ReadAllText(pathOf relative)

/// The scripts below samples.
let scripts () =
    Directory.EnumerateFiles(pathOf "samples/scripts", "*.fsx")
    |> Seq.map (fun file -> Path.GetRelativePath(root, file))
    |> Seq.sort
    |> List.ofSeq

/// What stands between `// <snippet NAME>` and `// </snippet>` in a text: names and snippets.
let snippetsOf (text: string) =
    let pattern =
        @"^(?<indent> *)// <snippet (?<name>[\w-]+)>\n(?<text>.*?)^ *// </snippet>"

    [
        for found in Regex.Matches(text, pattern, RegexOptions.Multiline ||| RegexOptions.Singleline) do
            let indent = found.Groups["indent"].Length

            let lines =
                found.Groups["text"].Value.Split '\n'
                |> Array.map (fun line ->
                    if line.Length > indent then
                        line.Substring indent
                    else
                        line.TrimStart())

            yield found.Groups["name"].Value, String.Join("\n", lines).TrimEnd()
    ]

/// The blocks of F# in a page.
let blocksOf (page: string) =
    [
        for found in Regex.Matches(page, @"^```fsharp\n(.*?)^```", RegexOptions.Multiline ||| RegexOptions.Singleline) do
            yield found.Groups[1].Value.TrimEnd()
    ]

/// The block that says how a script refers to packages. A test of its own runs a script with it.
let isPackageBlock (block: string) = block.StartsWith "#i \"nuget:"
