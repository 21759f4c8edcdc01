/// The F# of the pages is that of the scripts, which the tests of Scripts.fs run.
module AwsIO.FSharp.Tests.Pages

open Expecto

let private pages = [ "README.md"; "docs/fsharp.md" ]

let private blocks () =
    [
        for page in pages do
            for block in Repository.blocksOf (Repository.read page) do
                yield page, block
    ]

let private snippets () =
    [
        for script in Repository.scripts () do
            for name, text in Repository.snippetsOf (Repository.read script) do
                yield $"{script}: {name}", text
    ]

[<Tests>]
let tests =
    testList
        "pages"
        [
            testCase "each block of F# is a snippet of a script, word for word"
            <| fun () ->
                let known = snippets () |> List.map snd |> Set.ofList

                for page, block in blocks () do
                    if not (Repository.isPackageBlock block || known.Contains block) then
                        failtest $"No script below samples/scripts has this block of {page}:\n{block}"

            testCase "each snippet of a script stands in a page, word for word"
            <| fun () ->
                let quoted = blocks () |> List.map snd |> Set.ofList
                Expect.isNonEmpty (snippets ()) "snippets"

                for name, text in snippets () do
                    if not (quoted.Contains text) then
                        failtest $"No page quotes the snippet {name} as it is:\n{text}"

            testCase "each page has F#"
            <| fun () ->
                for page in pages do
                    Expect.isNonEmpty (Repository.blocksOf (Repository.read page)) page
        ]
