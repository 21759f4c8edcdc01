module AwsIO.FSharp.Tests.Main

open System
open Expecto

/// Two options beside Expecto's own: `--match TEXT` keeps the tests with TEXT in their full names, `--no-slow` drops
/// those below a list that is called "slow".
let rec private selection matching noSlow rest =
    function
    | "--match" :: text :: more -> selection (Some text) noSlow rest more
    | "--no-slow" :: more -> selection matching true rest more
    | other :: more -> selection matching noSlow (other :: rest) more
    | [] -> matching, noSlow, List.rev rest

[<EntryPoint>]
let main args =
    let matching, noSlow, rest = selection None false [] (List.ofArray args)

    let isWanted (names: string list) =
        let full = String.Join(".", names)

        let matches =
            match matching with
            | Some(text: string) -> full.Contains(text, StringComparison.OrdinalIgnoreCase)
            | None -> true

        matches && not (noSlow && List.contains "slow" names)

    let tests = Impl.testFromThisAssembly () |> Option.defaultValue (testList "none" [])

    tests |> Test.filter "." isWanted |> runTestsWithCLIArgs [] (Array.ofList rest)
