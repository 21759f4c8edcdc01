module AwsIO.FSharp.Tests.Allocations

open System
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp

let private rounds = 10_000

/// Bytes that a thread allocates between two moments of one run, behind a first pass that compiles the code.
let private measure (run: (unit -> unit) -> Io<unit>) : int64 =
    let mutable before = 0L
    let mutable after = 0L

    let measured () =
        if before = 0L then
            before <- GC.GetAllocatedBytesForCurrentThread()
        else
            after <- GC.GetAllocatedBytesForCurrentThread()

    // Some passes, since the runtime compiles hot code anew in the background; the last counts.
    for _ in 1..5 do
        before <- 0L

        match Io.run (run measured) with
        | Ok() -> ()
        | Error error -> failtest $"{error}"

        Threading.Thread.Sleep 50

    after - before

let private completed = Task.FromResult 1
let private one: Io<int> = Io.ofValue 1
let private nothing: Io<unit> = io { () }

let private test (name: string) (run: (unit -> unit) -> Io<unit>) =
    testCase name
    <| fun () -> Expect.equal (measure run) 0L $"bytes for {rounds} rounds"

[<Tests>]
let tests =
    testSequencedGroup "allocations"
    <| testList
        "a bind that is complete allocates nothing"
        [
            test "of an operation" (fun measured ->
                io {
                    let mutable left = rounds
                    measured ()

                    while left > 0 do
                        let! value = one
                        left <- left - value

                    measured ()
                })

            test "of an io expression, run included" (fun measured ->
                io {
                    let mutable left = rounds
                    measured ()

                    while left > 0 do
                        do! nothing
                        left <- left - 1

                    measured ()
                })

            test "of value tasks, tasks and results" (fun measured ->
                io {
                    let mutable left = rounds
                    measured ()

                    while left > 0 do
                        let! a = ValueTask<int> 1
                        let! b = completed
                        let! c = Ok 1
                        do! ValueTask.CompletedTask
                        do! Task.CompletedTask
                        left <- left - (a + b + c) / 3

                    measured ()
                })

            test "of try, finally, use and match!" (fun measured ->
                io {
                    let mutable left = rounds
                    measured ()

                    while left > 0 do
                        use _ = Unchecked.defaultof<Closing>

                        try
                            try
                                match! one with
                                | 1 -> left <- left - 1
                                | _ -> do! Error(failure "never")
                            finally
                                ()
                        with _ ->
                            left <- 0

                    measured ()
                })
        ]
