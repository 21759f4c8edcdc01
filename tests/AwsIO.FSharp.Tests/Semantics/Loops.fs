module AwsIO.FSharp.Tests.Static.Loops

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks
open AwsIO.FSharp.Tests
open AwsIO.FSharp.Tests.Static

let private many = 1_000_000

/// Numbers from 1 on, at a pace, which may fail behind the last one.
type private Numbers(last: int, pace: Pace, record: Record, failing: exn option) =
    interface IAsyncEnumerable<int> with
        member _.GetAsyncEnumerator(token: CancellationToken) =
            let mutable current = 0

            record.Add(
                if token.CanBeCanceled then
                    "begin with a token"
                else
                    "begin"
            )

            { new IAsyncEnumerator<int> with
                member _.Current = current

                member _.MoveNextAsync() =
                    current <- current + 1

                    match failing with
                    | Some error when current > last -> ValueTask<bool>(pace.Raise<bool> error)
                    | _ -> ValueTask<bool>(pace.Give(current <= last))

                member _.DisposeAsync() =
                    ValueTask(
                        task {
                            do! pace.Pause()
                            record.Add "disposed"
                        }
                    )
            }

let rec private count depth : Io<int> =
    io {
        if depth = 0 then
            return 0
        else
            let! rest = count (depth - 1)
            return rest + 1
    }

let rec private last depth : Io<int> =
    io { if depth = 0 then return 7 else return! last (depth - 1) }

[<Tests>]
let tests =
    testList
        $"loops, {flavour}"
        [
            paced "for over elements, arrays, ranges and empty ones" (fun pace ->
                task {
                    let operation =
                        io {
                            let seen = List<int>()

                            for number in [ 1; 2 ] do
                                seen.Add number

                            for number in [| 3; 4 |] do
                                do! pace.Pause()
                                seen.Add number

                            for number in 5..6 do
                                seen.Add number

                            for number in Seq.empty<int> do
                                do! pace.Pause()
                                seen.Add number

                            return List.ofSeq seen
                        }

                    let! result = run operation
                    Expect.equal result (Ok [ 1..6 ]) "all, in order"
                })

            paced "for over an asynchronous sequence, which is disposed" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            for number in Numbers(3, pace, record, None) do
                                do! pace.Pause()
                                record.Add $"{number}"

                            record.Add "after"
                        }

                    use source = new CancellationTokenSource()
                    let! result = runWith source.Token operation
                    Expect.equal result (Ok()) "the end"

                    Expect.equal
                        record.Events
                        [ "begin with a token"; "1"; "2"; "3"; "disposed"; "after" ]
                        "each as it comes"
                })

            paced "a failing bind ends an asynchronous sequence, which is disposed" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            for number in Numbers(3, pace, record, None) do
                                if number = 2 then
                                    do! pace.End(Error(failure "stop"))

                                record.Add $"{number}"
                        }

                    let! result = run operation
                    Expect.equal (detail result) (Error "stop") "the error"
                    Expect.equal record.Events [ "begin"; "1"; "disposed" ] "no further element"
                })

            paced "an asynchronous sequence that fails by an error or a bug" (fun pace ->
                task {
                    let record = Record()

                    let over error =
                        io {
                            for number in Numbers(1, pace, record, error) do
                                record.Add $"{number}"
                        }

                    let! result = run (over (Some(IoException(failure "source"))))
                    Expect.equal (detail result) (Error "source") "the error"

                    let! _ =
                        expectRaises<InvalidOperationException, _>
                            (run (over (Some(InvalidOperationException()))))
                            "bug"

                    Expect.equal
                        record.Events
                        [ "begin"; "1"; "disposed"; "begin"; "1"; "disposed" ]
                        "disposed both times"
                })

            paced "an exception in a loop's body disposes the asynchronous sequence" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            for _ in Numbers(3, pace, record, None) do
                                do! pace.Pause()
                                invalidOp "bug"
                        }

                    let! _ = expectRaises<InvalidOperationException, _> (run operation) "the bug"
                    Expect.equal record.Events [ "begin"; "disposed" ] "disposed"
                })

            paced "nested loops over asynchronous sequences" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            let mutable sum = 0

                            for outer in Numbers(3, pace, record, None) do
                                for inner in Numbers(outer, pace, record, None) do
                                    sum <- sum + inner

                            return sum
                        }

                    let! result = run operation
                    Expect.equal result (Ok 10) "1 + (1 + 2) + (1 + 2 + 3)"
                })

            paced "a million rounds need no stack" (fun pace ->
                task {
                    let operation =
                        io {
                            let mutable count = 0

                            while count < many do
                                let! one = pace.Give 1
                                count <- count + one

                            return count
                        }

                    let! result = run operation
                    Expect.equal result (Ok many) "all rounds"
                })

            once "a million elements with use, try and finally need no stack" (fun () ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            let mutable count = 0

                            for number in 1..many do
                                use _ = Unchecked.defaultof<Closing>
                                use! _ = Task.FromResult Unchecked.defaultof<AsyncClosing>

                                try
                                    try
                                        do! Ok()
                                        do! Complete.End(Ok())
                                    finally
                                        count <- count + 1
                                with _ ->
                                    record.Add $"{number}"

                            return count
                        }

                    let! result = run operation
                    Expect.equal result (Ok many) "all rounds"
                    Expect.isEmpty record.Events "nothing was raised"
                })

            once "a million elements of an asynchronous sequence need no stack" (fun () ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            let mutable count = 0

                            for _ in Numbers(many, Complete, record, None) do
                                count <- count + 1

                            return count
                        }

                    let! result = run operation
                    Expect.equal result (Ok many) "all elements"
                })

            once "deep recursion needs no more stack than there is" (fun () ->
                task {
                    let! result = run (count 100_000)
                    Expect.equal result (Ok 100_000) "every level came back"
                    let! result = run (last 100_000)
                    Expect.equal result (Ok 7) "the last one's value"
                })

            paced "while! asks an operation" (fun pace ->
                task {
                    let operation =
                        io {
                            let mutable left = 3

                            while! pace.Give(left > 0) do
                                left <- left - 1

                            return left
                        }

                    let! result = run operation
                    Expect.equal result (Ok 0) "until it says no"
                })
        ]
