/// The scripts below samples, run as their users run them.
module AwsIO.FSharp.Tests.Scripts

open System
open System.IO
open System.IO.Compression
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open AwsIO.FSharp.Tests.Commands

let private limit = TimeSpan.FromSeconds 120.

/// What each script says, line by line.
let private expected =
    Map
        [
            "samples/scripts/echo.fsx",
            [
                "server stopped"
                "hello, loop, then 0 bytes"
                "Connecting to 127.0.0.1:1 failed: Connection refused"
            ]
            "samples/scripts/guide.fsx",
            [
                "a run"
                "a run"
                "cold: Ok \"hello\", Ok \"hello\""
                "errors: No port is left to try. Is the server running?"
                "it failed: No port is left to try"
                "result: Ok None"
                "cancel: cancelled"
                "timeout: waited; too slow: The operation took longer than 50 ms."
                "binds: 15"
                "own: SocketInvalidAddress: 'seven' is no port."
                "tls: hello, loop over echo"
                "unix: Local"
                "datagrams: (ping, False)"
                "batches: 1225"
                "interop: (15, Ok 15), 15"
                "handler: False"
            ]
            "samples/scripts/readme.fsx",
            [
                "*" // whatever is or is not at port 443
                "Connecting to 127.0.0.1:1 failed: Connection refused. Is the server running?"
            ]
        ]

let private expectOutput (script: string) (ended: Ended) =
    expectWell ended
    let said = ended.Output.TrimEnd().Split '\n' |> List.ofArray
    let wanted = expected[script]

    let isAsWanted =
        said.Length = wanted.Length
        && List.forall2 (fun wanted said -> wanted = "*" || wanted = said) wanted said

    if not isAsWanted then
        let lines (all: string list) = String.Join("\n", all)
        failtest $"{script} should say:\n{lines wanted}\nIt said:\n{lines said}"

/// A folder that is gone after the test.
let private withFolder (body: string -> Task<unit>) =
    task {
        let folder = Directory.CreateTempSubdirectory "awsio-scripts-"

        try
            do! body folder.FullName
        finally
            folder.Delete(recursive = true)
    }

let private runScript (script: string) =
    testTask script {
        needScripts ()

        do!
            withFolder (fun folder ->
                task {
                    // What the compiler and the script leave behind goes with the folder.
                    let! ended = dotnet limit Repository.root [ "TMPDIR", folder ] [ "fsi"; script ]
                    expectOutput script ended
                })
    }

/// Packs what the test program was built with. Nothing is compiled, so that no other build is disturbed.
let private pack (feed: string) (version: string) (project: string) =
    task {
        let! ended =
            dotnet
                limit
                Repository.root
                []
                [
                    "pack"
                    $"src/{project}"
                    "-c"
                    "Release"
                    "--no-build"
                    "-o"
                    feed
                    $"-p:GivenPackageVersion={version}"
                    // Where only the tests were built, there is no build for .NET 8: NU5128 says that it is missing.
                    "-p:TargetFrameworks=net10.0"
                    "-p:NoWarn=NU5128"
                    "-nologo"
                    "-v:q"
                ]

        expectWell ended
        let package = Path.Combine(feed, $"{project}.{version}.nupkg")
        Expect.isTrue (File.Exists package) $"'{ended.Command}' should have made {package}"
        use archive = ZipFile.OpenRead package
        let entries = archive.Entries |> Seq.map _.FullName |> Set.ofSeq

        for name in [ "README.md"; "LICENSE"; "NOTICE"; $"lib/net10.0/{project}.dll" ] do
            Expect.isTrue (entries.Contains name) $"{package} should have {name} in it"
    }

/// The script with references to packages, as docs/fsharp.md has them, in place of those to assemblies.
let private withPackages (feed: string) (version: string) (text: string) =
    let block =
        Repository.blocksOf (Repository.read "docs/fsharp.md")
        |> List.filter Repository.isPackageBlock
        |> List.exactlyOne

    let block = Regex.Replace(block, "(?<=#i \"nuget: ).*?(?=\")", feed)
    let block = Regex.Replace(block, "(?<=AwsIO.FSharp, ).*?(?=\")", version)
    Expect.stringContains block feed "the feed is named"
    Expect.stringContains block version "the version is named"
    let rest = Regex.Replace(text, "^#r .*\n", "", RegexOptions.Multiline)
    Expect.notEqual rest text "the script refers to assemblies"
    $"{block}\n{rest}"

/// Sources: the feed alone. What AwsIO itself needs was restored before it was built, and is taken from there.
let private configuration (feed: string) =
    $"<configuration><packageSources><clear /><add key=\"feed\" value=\"{feed}\" /></packageSources></configuration>"

let private restored =
    match Environment.GetEnvironmentVariable "NUGET_PACKAGES" with
    | null
    | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")
    | folder -> folder

let private runWithPackages =
    testTask "samples/scripts/echo.fsx with packages of a local feed" {
        needScripts ()

        do!
            withFolder (fun folder ->
                task {
                    let below name =
                        Directory.CreateDirectory(Path.Combine(folder, name)).FullName

                    let feed = below "feed"
                    let script = "samples/scripts/echo.fsx"

                    // A number that no cache has seen.
                    let version = $"0.1.0-test.g{Guid.NewGuid():N}"

                    for project in [ "AwsIO.Core"; "AwsIO.Tasks"; "AwsIO.FSharp" ] do
                        do! pack feed version project

                    File.WriteAllText(Path.Combine(folder, "nuget.config"), configuration feed)
                    let text = withPackages feed version (Repository.read script)
                    File.WriteAllText(Path.Combine(folder, "echo.fsx"), text)

                    let environment =
                        [
                            "HOME", below "home"
                            "TMPDIR", below "tmp"
                            "NUGET_PACKAGES", below "packages"
                            "NUGET_FALLBACK_PACKAGES", restored
                        ]

                    let! ended = dotnet limit folder environment [ "fsi"; "echo.fsx" ]
                    expectOutput script ended

                    let used =
                        Path.Combine(folder, "packages", "awsio.fsharp", version.ToLowerInvariant())

                    Expect.isTrue (Directory.Exists used) $"the package was taken from the feed to {used}"
                })
    }

[<Tests>]
let tests =
    testList
        "scripts"
        [
            testCase "each script is run"
            <| fun () -> Expect.equal (Repository.scripts ()) (List.ofSeq expected.Keys) "the scripts and what they say"

            // One after the other: each is a compiler.
            testSequencedGroup "programs"
            <| testList "slow" [ yield! expected.Keys |> Seq.map runScript; yield runWithPackages ]
        ]
