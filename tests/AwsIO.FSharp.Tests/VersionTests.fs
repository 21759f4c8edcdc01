module AwsIO.FSharp.Tests.VersionTests

open System
open System.Reflection
open Expecto

[<Tests>]
let tests =
    testList
        "version"
        [
            testCase "the assembly carries the version of version.json"
            <| fun () ->
                let version = Assembly.Load("AwsIO.FSharp").GetName().Version |> Option.ofObj

                let pair = version |> Option.map (fun v -> v.Major, v.Minor)

                Expect.equal pair (Some(0, 1)) "0.1, as version.json says"
        ]
