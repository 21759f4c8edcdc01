module AwsIO.FSharp.Tests.Static.Binds

open System
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks
open AwsIO.FSharp.Tests
open AwsIO.FSharp.Tests.Static

let private raising (pace: Pace) : Task<int> =
    pace.Raise(IoException(failure "of a task"))

let private expectFailure (operation: Io<'T>) =
    task {
        let! result = run operation
        Expect.equal (detail result |> Result.map ignore) (Error "of a task") "the task's error"
    }

[<Tests>]
let tests =
    testList
        $"binds, {flavour}"
        [
            paced "every kind gives its value" (fun pace ->
                task {
                    let operation =
                        io {
                            let! a = pace.End(Ok 1)
                            let! b = ValueTask<int>(pace.Give 2)
                            let! c = pace.Give 3
                            let! d = async { return! pace.Give 4 |> Async.AwaitTask }
                            let! e = Ok 5
                            let! f = io { return 6 }
                            do! pace.Pause()
                            do! ValueTask(pace.Pause())
                            do! pace.End(Ok())
                            do! Ok()
                            do! async { () }
                            do! io { () }
                            return [ a; b; c; d; e; f ]
                        }

                    let! result = run operation
                    Expect.equal result (Ok [ 1..6 ]) "all of them"
                })

            paced "every kind can be returned" (fun pace ->
                task {
                    let! a = run (io { return! pace.End(Ok 1) })
                    let! b = run (io { return! ValueTask<int>(pace.Give 2) })
                    let! c = run (io { return! pace.Give 3 })
                    let! d = run (io { return! async { return 4 } })
                    let! e = run (io { return! Ok 5 })
                    let! f = run (io { return! pace.Pause() })
                    let! g = run (io { return! ValueTask(pace.Pause()) })
                    Expect.equal [ a; b; c; d; e ] (List.map Ok [ 1..5 ]) "the values"
                    Expect.equal [ f; g ] [ Ok(); Ok() ] "the ends"
                })

            paced "an exception that stands for an error is the error, whatever it came through" (fun pace ->
                task {
                    do! expectFailure (io { return! raising pace })
                    do! expectFailure (io { return! ValueTask<int>(raising pace) })
                    do! expectFailure (io { do! (raising pace :> Task) })
                    do! expectFailure (io { do! ValueTask(raising pace) })
                    do! expectFailure (io { return! async { return raise (IoException(failure "of a task")) } })
                    do! expectFailure (io { return! async { return! raising pace |> Async.AwaitTask } })

                    let raw: Io<int> =
                        fun _ -> ValueTask<Result<int, IoError>>(pace.Raise(IoException(failure "of a task")))

                    do! expectFailure (io { return! raw })

                    do!
                        expectFailure (
                            io {
                                do! pace.Pause()
                                return raise (IoException(failure "of a task"))
                            }
                        )
                })

            once "an operation that raises before it gives a task is no different" (fun () ->
                task {
                    let raw: Io<int> = fun _ -> raise (IoException(failure "of a task"))
                    do! expectFailure (io { return! raw })
                })

            paced "other exceptions are not errors" (fun pace ->
                task {
                    let! _ =
                        expectRaises<InvalidOperationException, _>
                            (run (io { return! (pace.Raise(InvalidOperationException()): Task<int>) }))
                            "of a task"

                    let! _ =
                        expectRaises<DivideByZeroException, _>
                            (run (
                                io {
                                    do! pace.Pause()
                                    return 1 / int (DateTime.MinValue.Ticks)
                                }
                            ))
                            "of code"

                    ()
                })

            once "a plain System.IO.IOException is a bug like others" (fun () ->
                task {
                    let! _ =
                        expectRaises<IO.IOException, _> (run (io { raise (IO.IOException "disk") })) "left as it is"

                    ()
                })

            paced "match!, if without else, and nested binds" (fun pace ->
                task {
                    let pick (number: int) =
                        io {
                            match! pace.End(Ok number) with
                            | 0 -> return "none"
                            | n when n < 0 -> return! Error(failure "negative")
                            | n ->
                                if n > 100 then
                                    do! Error(failure "too many")

                                let! text =
                                    io {
                                        let! n = pace.Give n
                                        return string n
                                    }

                                return text
                        }

                    let! results =
                        [ 0; -1; 5; 101 ]
                        |> List.map (fun number -> run (pick number))
                        |> Array.ofList
                        |> Task.WhenAll

                    Expect.equal
                        (results |> Array.map detail |> List.ofArray)
                        [ Ok "none"; Error "negative"; Ok "5"; Error "too many" ]
                        "each by its way"
                })

            paced "tuples, records and null references pass" (fun pace ->
                task {
                    let operation =
                        io {
                            let! struct (a, b) = pace.Give(struct (1, "b"))
                            let! (c, d) = pace.Give((2.0, [ 3 ]))
                            let! nothing = pace.Give<string>(Unchecked.defaultof<string>)
                            return a, b, c, d, isNull (box nothing)
                        }

                    let! result = run operation
                    Expect.equal result (Ok(1, "b", 2.0, [ 3 ], true)) "as they were"
                })

            once "the error keeps its code, native figure and sentence" (fun () ->
                task {
                    let! result =
                        run (io { return! Error(IoError(IoErrorCode.SocketTimeout, 110, "slow")) })

                    match result with
                    | Error error ->
                        Expect.equal
                            (error.Code, error.NativeError, error.Detail)
                            (IoErrorCode.SocketTimeout, 110, "slow")
                            "all of it"
                    | Ok() -> failtest "no error"
                })
        ]
