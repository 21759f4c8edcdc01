/// The .NET command line as a child process, with a limit.
module AwsIO.FSharp.Tests.Commands

open System
open System.Diagnostics
open System.IO
open System.Threading
open System.Threading.Tasks
open Expecto

type Ended =
    {
        Command: string
        ExitCode: int
        Output: string
        Errors: string
    }

/// Skips where `dotnet fsi` says nothing about this run of the tests.
let needScripts () =
    if Environment.Version.Major < 10 then
        skiptest "Scripts run on .NET 10: that run of these tests covers it."

    match DirectoryInfo(AppContext.BaseDirectory).Parent with
    | null -> ()
    | folder when folder.Name = "Debug" -> skiptest "The scripts refer to the Release build."
    | _ -> ()

/// Runs `dotnet ARGUMENTS` to its end. What does not end within the limit is killed and fails the test.
let dotnet (limit: TimeSpan) (folder: string) (environment: (string * string) list) (arguments: string list) =
    task {
        let command = "dotnet " + String.Join(" ", arguments)

        let host =
            Environment.GetEnvironmentVariable "DOTNET_HOST_PATH"
            |> Option.ofObj
            |> Option.defaultValue "dotnet"

        let start =
            ProcessStartInfo(
                host,
                arguments,
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )

        // What an outer `dotnet` has told its children about its own SDK is not for this one.
        for name in start.Environment.Keys |> Seq.filter _.StartsWith("MSBuild") |> List.ofSeq do
            start.Environment.Remove name |> ignore

        for name, value in
            ("DOTNET_NOLOGO", "1")
            :: ("DOTNET_CLI_TELEMETRY_OPTOUT", "1")
            :: ("MSBUILDDISABLENODEREUSE", "1")
            :: environment do
            start.Environment[name] <- value

        use child = new Process(StartInfo = start)
        child.Start() |> ignore
        child.StandardInput.Close()
        let output = child.StandardOutput.ReadToEndAsync()
        let errors = child.StandardError.ReadToEndAsync()
        use timeout = new CancellationTokenSource(limit)

        try
            do! child.WaitForExitAsync timeout.Token
            let! output = output.WaitAsync timeout.Token
            let! errors = errors.WaitAsync timeout.Token

            return
                {
                    Command = command
                    ExitCode = child.ExitCode
                    Output = output
                    Errors = errors
                }
        with :? OperationCanceledException ->
            child.Kill(entireProcessTree = true)

            let! said =
                Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromSeconds 5.))

            let said =
                match said with
                | :? Task<string array> as said when said.IsCompletedSuccessfully -> String.Join("\n", said.Result)
                | _ -> ""

            return failtest $"'{command}' did not end within {limit}. It said:\n{said}"
    }

/// Fails unless the command ended well and said nothing on standard error.
let expectWell (ended: Ended) =
    if ended.ExitCode <> 0 || ended.Errors <> "" then
        failtest $"'{ended.Command}' ended with {ended.ExitCode}.\n{ended.Output}\n{ended.Errors}"
