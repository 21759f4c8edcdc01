module AwsIO.FSharp.Tests.Static.Disposal

open System
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks
open AwsIO.FSharp.Tests
open AwsIO.FSharp.Tests.Static

[<Tests>]
let tests =
    testList
        $"disposal, {flavour}"
        [
            paced "use and use! dispose when the block is left" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            let! value =
                                io {
                                    use _ = new Closing("a", record)
                                    use! _ = pace.End(Ok(new Closing("b", record)))
                                    do! pace.Pause()
                                    record.Add "body"
                                    return 1
                                }

                            record.Add "after"
                            return value
                        }

                    let! result = run operation
                    Expect.equal result (Ok 1) "the value"
                    Expect.equal record.Events [ "body"; "dispose b"; "dispose a"; "after" ] "in order"
                })

            paced "asynchronous disposal is preferred, and waited for" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            do!
                                io {
                                    use! either = pace.Give(new EitherClosing("a", record, pace))
                                    ignore either
                                    use _ = new AsyncClosing("b", record, pace)
                                    record.Add "body"
                                }

                            record.Add "after"
                        }

                    let! _ = run operation

                    Expect.equal
                        record.Events
                        [ "body"; "dispose b asynchronously"; "dispose a asynchronously"; "after" ]
                        "in order, and before what follows"
                })

            paced "each round of a loop disposes its own" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            for round in 1..2 do
                                use! _ = pace.Give(new EitherClosing($"{round}", record, pace))
                                record.Add $"round {round}"
                        }

                    let! _ = run operation

                    Expect.equal
                        record.Events
                        [ "round 1"; "dispose 1 asynchronously"; "round 2"; "dispose 2 asynchronously" ]
                        "in order"
                })

            paced "a null resource is not disposed" (fun pace ->
                task {
                    let operation =
                        io {
                            use! first = pace.Give<Closing>(Unchecked.defaultof<Closing>)
                            use! second = pace.Give<AsyncClosing>(Unchecked.defaultof<AsyncClosing>)
                            return isNull (box first) && isNull (box second)
                        }

                    let! result = run operation
                    Expect.equal result (Ok true) "both null, and nothing raised"
                })

            paced "asynchronous disposal that fails by a bug is the bug" (fun pace ->
                task {
                    let operation =
                        io {
                            use _ = new FailingAsyncClosing(InvalidOperationException "clean-up", pace)
                            do! pace.Pause()
                            return 1
                        }

                    let! error = expectRaises<InvalidOperationException, _> (run operation) "disposal's"
                    Expect.equal error.Message "clean-up" "the same exception"
                })

            paced "asynchronous disposal that fails by an error is the error" (fun pace ->
                task {
                    let operation =
                        io {
                            use _ = new FailingAsyncClosing(IoException(failure "goodbye"), pace)
                            do! pace.Pause()
                            return 1
                        }

                    let! result = run operation
                    Expect.equal (detail result) (Error "goodbye") "disposal's error"
                })

            paced "disposal that fails does not keep others from being disposed" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            use _ = new AsyncClosing("a", record, pace)
                            use _ = new FailingAsyncClosing(InvalidOperationException "clean-up", pace)
                            use _ = new Closing("b", record)
                            do! pace.Pause()
                        }

                    let! _ = expectRaises<InvalidOperationException, _> (run operation) "disposal's"
                    Expect.equal record.Events [ "dispose b"; "dispose a asynchronously" ] "those around it"
                })

            paced "a body that raises is disposed after, and its exception is kept" (fun pace ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            use _ = new AsyncClosing("a", record, pace)
                            do! pace.Pause()
                            invalidOp "bug"
                        }

                    let! error = expectRaises<InvalidOperationException, _> (run operation) "the body's"
                    Expect.equal error.Message "bug" "the same exception"
                    Expect.equal record.Events [ "dispose a asynchronously" ] "once"
                })

            once "a source that cannot be had disposes what stands before it" (fun () ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            use _ = new Closing("a", record)
                            use! _ = (Error(failure "none"): Result<Closing, IoError>)
                            record.Add "body"
                        }

                    let! result = run operation
                    Expect.equal (detail result) (Error "none") "the error"
                    Expect.equal record.Events [ "dispose a" ] "what there was"
                })
        ]
