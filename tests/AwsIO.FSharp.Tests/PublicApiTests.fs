/// What AwsIO.FSharp shows is written down in PublicAPI.txt, since the analyzer of the C# projects does not read F#.
module AwsIO.FSharp.Tests.PublicApi

open System
open System.IO
open Expecto
open AwsIO.FSharp

let private file = "src/AwsIO.FSharp/PublicAPI.txt"

let private update = "AWSIO_UPDATE_API"

let private written () =
    let path = Repository.pathOf file

    if File.Exists path then
        File.ReadAllLines path |> List.ofArray
    else
        []

[<Tests>]
let tests =
    testList
        "public API"
        [
            testCase "the public surface is that of PublicAPI.txt"
            <| fun () ->
                let surface = PublicSurface.lines typeof<IoBuilder>.Assembly

                if Environment.GetEnvironmentVariable update = "1" then
                    File.WriteAllLines(Repository.pathOf file, surface)

                let written = written ()
                let added = List.except written surface |> List.map (fun line -> $"+ {line}")
                let removed = List.except surface written |> List.map (fun line -> $"- {line}")

                if not (added.IsEmpty && removed.IsEmpty) then
                    let difference = String.Join("\n", removed @ added)

                    failtest
                        $"The public surface of AwsIO.FSharp is not that of {file}:\n{difference}\nIf that is meant, run this test with {update}=1, which writes the file, and commit it."

                Expect.equal written surface $"{file} has its lines in order; {update}=1 writes it anew"
        ]
