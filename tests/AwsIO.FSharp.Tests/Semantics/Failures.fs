module AwsIO.FSharp.Tests.Static.Failures

open System
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks
open AwsIO.FSharp.Tests
open AwsIO.FSharp.Tests.Static

let private expectRecord (record: Record) (events: string list) (operation: Io<'T>) =
    task {
        let! result = run operation
        Expect.equal (detail result |> Result.map ignore) (Error "stop") "the bind's error"
        Expect.equal record.Events events "what ran"
    }

[<Tests>]
let tests =
    testList
        $"failures, {flavour}"
        [
            paced "what follows a failing bind is skipped" (fun pace ->
                task {
                    let record = Record()

                    do!
                        io {
                            record.Add "before"
                            do! pace.End(Error(failure "stop"))
                            record.Add "after"
                        }
                        |> expectRecord record [ "before" ]
                })

            paced "a failing result, task or value task ends a while loop at once" (fun pace ->
                task {
                    for kind in 0..3 do
                        let record = Record()
                        let mutable round = 0

                        do!
                            io {
                                while (record.Add "asked"
                                       round < 5) do
                                    round <- round + 1
                                    do! pace.Pause()

                                    if round = 2 then
                                        match kind with
                                        | 0 -> do! pace.End(Error(failure "stop"))
                                        | 1 -> do! (pace.Raise(IoException(failure "stop")): Task<unit>)
                                        | 2 -> do! ValueTask(pace.Raise<unit>(IoException(failure "stop")))
                                        | _ -> do! Error(failure "stop")

                                    record.Add "round"

                                record.Add "after"
                            }
                            |> expectRecord record [ "asked"; "round"; "asked" ]
                })

            paced "a failing bind ends a loop over elements, which is disposed" (fun pace ->
                task {
                    let record = Record()

                    let numbers =
                        seq {
                            try
                                for number in 1..5 do
                                    record.Add $"give {number}"
                                    yield number
                            finally
                                record.Add "disposed"
                        }

                    do!
                        io {
                            for number in numbers do
                                if number = 2 then
                                    do! pace.End(Error(failure "stop"))

                                record.Add $"took {number}"

                            record.Add "after"
                        }
                        |> expectRecord record [ "give 1"; "took 1"; "give 2"; "disposed" ]
                })

            paced "a failing bind ends nested loops" (fun pace ->
                task {
                    let record = Record()

                    do!
                        io {
                            for outer in 1..3 do
                                let mutable inner = 0

                                while inner < 3 do
                                    inner <- inner + 1
                                    record.Add $"{outer}.{inner}"
                                    do! pace.Pause()

                                    if outer = 2 && inner = 2 then
                                        do! pace.End(Error(failure "stop"))

                                record.Add $"end of {outer}"
                        }
                        |> expectRecord record [ "1.1"; "1.2"; "1.3"; "end of 1"; "2.1"; "2.2" ]
                })

            paced "clean-up runs from inside out after a failing bind" (fun pace ->
                task {
                    let record = Record()

                    do!
                        io {
                            use _ = new Closing("a", record)
                            use! _ = pace.Give(new AsyncClosing("b", record, pace))

                            try
                                try
                                    use! _ = pace.End(Ok(new EitherClosing("c", record, pace)))
                                    do! pace.End(Error(failure "stop"))
                                    record.Add "after"
                                finally
                                    record.Add "inner finally"

                                record.Add "after inner"
                            finally
                                record.Add "outer finally"

                            record.Add "after outer"
                        }
                        |> expectRecord
                            record
                            [
                                "dispose c asynchronously"
                                "inner finally"
                                "outer finally"
                                "dispose b asynchronously"
                                "dispose a"
                            ]
                })

            paced "clean-up in a loop runs each round, the failing one included" (fun pace ->
                task {
                    let record = Record()

                    do!
                        io {
                            for round in 1..3 do
                                use _ = new AsyncClosing($"{round}", record, pace)

                                try
                                    if round = 2 then
                                        do! pace.End(Error(failure "stop"))
                                finally
                                    record.Add $"finally {round}"
                        }
                        |> expectRecord
                            record
                            [
                                "finally 1"
                                "dispose 1 asynchronously"
                                "finally 2"
                                "dispose 2 asynchronously"
                            ]
                })

            paced "an error is no exception: handlers do not see it" (fun pace ->
                task {
                    let record = Record()

                    do!
                        io {
                            try
                                do! pace.End(Error(failure "stop"))
                                record.Add "after"
                            with error ->
                                record.Add $"handled {error}"
                        }
                        |> expectRecord record []
                })

            paced "a handler handles exceptions, and the expression goes on" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            try
                                do! pace.Pause()
                                invalidOp "bug"
                            with
                            | :? DivideByZeroException -> record.Add "wrong handler"
                            | :? InvalidOperationException as error ->
                                do! pace.Pause()
                                record.Add $"handled {error.Message}"

                            record.Add "went on"
                            return 1
                        }

                    let! result = run operation
                    Expect.equal result (Ok 1) "the value"
                    Expect.equal record.Events [ "handled bug"; "went on" ] "the right handler, and what follows"
                })

            paced "what no handler wants goes on, through clean-up" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            use _ = new AsyncClosing("a", record, pace)

                            try
                                try
                                    do! pace.Pause()
                                    invalidOp "bug"
                                finally
                                    record.Add "finally"
                            with :? DivideByZeroException ->
                                record.Add "wrong handler"
                        }

                    let! error = expectRaises<InvalidOperationException, _> (run operation) "the bug"
                    Expect.equal error.Message "bug" "the same exception"
                    Expect.equal record.Events [ "finally"; "dispose a asynchronously" ] "clean-up ran"
                })

            paced "a handler may fail by an error" (fun pace ->
                task {
                    let operation =
                        io {
                            try
                                do! pace.Pause()
                                return invalidOp "bug"
                            with error ->
                                return! pace.End(Error(failure error.Message))
                        }

                    let! result = run operation
                    Expect.equal (detail result) (Error "bug") "the handler's error"
                })

            paced "a handler may raise" (fun pace ->
                task {
                    let operation =
                        io {
                            try
                                do! pace.Pause()
                                invalidOp "first"
                            with _ ->
                                do! pace.Pause()
                                raise (TimeoutException "second")
                        }

                    let! error =
                        expectRaises<TimeoutException, _> (run operation) "the handler's exception"

                    Expect.equal error.Message "second" "the handler's"
                })

            paced "clean-up that raises after an error stands in its place" (fun pace ->
                task {
                    let operation =
                        io {
                            use _ = new FailingAsyncClosing(InvalidOperationException "clean-up", pace)
                            do! pace.End(Error(failure "stop"))
                        }

                    let! error =
                        expectRaises<InvalidOperationException, _> (run operation) "the clean-up's exception"

                    Expect.equal error.Message "clean-up" "the clean-up's"
                })

            paced "a handler around clean-up that raised after an error goes on" (fun pace ->
                task {
                    let operation =
                        io {
                            try
                                use _ = new FailingAsyncClosing(InvalidOperationException "clean-up", pace)
                                do! pace.End(Error(failure "stop"))
                                return 1
                            with :? InvalidOperationException ->
                                do! pace.Pause()
                                return 2
                        }

                    let! result = run operation
                    Expect.equal result (Ok 2) "the handler's value, not the error that was replaced"
                })

            paced "a value before a failing bind is not the outcome" (fun pace ->
                task {
                    let operation =
                        io {
                            let! _ = io { return 1 }
                            do! pace.End(Error(failure "stop"))
                            return 2
                        }

                    let! result = run operation
                    Expect.equal (detail result) (Error "stop") "the error"
                })
        ]
