module AwsIO.FSharp.Tests.IoModuleTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks

/// Ends when the run is cancelled.
let private endless: Io<int> =
    io {
        let! token = Io.token
        do! Task.Delay(Timeout.Infinite, token)
        return 1
    }

let private functions =
    testList
        "functions"
        [
            once "ofValue, fail and ofResult end at once" (fun () ->
                task {
                    let! value = run (Io.ofValue 1)
                    let! error = run (Io.fail (failure "stop"): Io<int>)
                    let! result = run (Io.ofResult (Ok 2))
                    Expect.equal value (Ok 1) "the value"
                    Expect.equal (detail error) (Error "stop") "the error"
                    Expect.equal result (Ok 2) "the result"
                })

            once "ofTask starts a task anew for each run, with its token" (fun () ->
                task {
                    let mutable starts = 0

                    let operation =
                        Io.ofTask (fun token ->
                            starts <- starts + 1
                            Task.FromResult(starts, token))

                    use source = new CancellationTokenSource()
                    Expect.equal starts 0 "cold"
                    let! _ = run operation
                    let! second = runWith source.Token operation
                    Expect.equal second (Ok(2, source.Token)) "a second task, with the token"
                })

            paced "ofTask ends as its task does" (fun pace ->
                task {
                    let! error = run (Io.ofTask (fun _ -> pace.Raise<int>(IoException(failure "stop"))))
                    Expect.equal (detail error) (Error "stop") "the error"

                    let! thrown =
                        run (Io.ofTask (fun _ -> raise (IoException(failure "at once"))): Io<int>)

                    Expect.equal (detail thrown) (Error "at once") "the error of the start"

                    let! _ =
                        expectRaises<TimeoutException, _>
                            (run (Io.ofTask (fun _ -> pace.Raise<int>(TimeoutException()))))
                            "a bug"

                    ()
                })

            paced "bind and map go on with a value only" (fun pace ->
                task {
                    let good = pace.End(Ok 2)
                    let bad: Io<int> = pace.End(Error(failure "stop"))
                    let! a = good |> Io.bind (fun value -> Io.ofValue (value + 1)) |> run
                    let! b = good |> Io.map string |> run
                    let! c = bad |> Io.bind (fun _ -> failtest "went on") |> Io.map (fun () -> 0) |> run
                    Expect.equal (a, b) (Ok 3, Ok "2") "the values"
                    Expect.equal (detail c) (Error "stop") "the error"
                })

            paced "catch and mapError see errors only" (fun pace ->
                task {
                    let bad: Io<int> = pace.End(Error(failure "stop"))
                    let! a = bad |> Io.catch (fun error -> Io.ofValue error.Detail.Length) |> run
                    let! b = pace.End(Ok 1) |> Io.catch (fun _ -> failtest "no error") |> run
                    let! c = bad |> Io.mapError (fun error -> failure $"{error.Detail}, really") |> run
                    Expect.equal (a, b) (Ok 4, Ok 1) "the handler's value, and the own"
                    Expect.equal (detail c) (Error "stop, really") "the changed error"

                    let bug: Io<int> = io { return! pace.Raise<int>(TimeoutException()) }

                    let! _ =
                        expectRaises<TimeoutException, _> (bug |> Io.catch (fun _ -> Io.ofValue 0) |> run) "a bug"

                    ()
                })

            paced "toResult has an operation end well with its outcome" (fun pace ->
                task {
                    let bad: Io<int> = pace.End(Error(failure "stop"))

                    let raw: Io<int> =
                        fun _ -> ValueTask<Result<int, IoError>>(pace.Raise(IoException(failure "raised")))

                    let! a = run (Io.toResult (pace.End(Ok 1)))
                    let! b = run (Io.toResult bad)
                    let! c = run (Io.toResult raw)
                    Expect.equal a (Ok(Ok 1)) "a value"
                    Expect.equal (b |> Result.map detail) (Ok(Error "stop")) "an error"
                    Expect.equal (c |> Result.map detail) (Ok(Error "raised")) "an exception that stands for one"
                })

            once "toResult leaves cancellation as it is" (fun () ->
                task {
                    use source = new CancellationTokenSource(10)

                    let! error =
                        expectRaises<OperationCanceledException, _>
                            (runWith source.Token (Io.toResult endless))
                            "cancelled"

                    Expect.equal error.CancellationToken source.Token "the caller's token"
                })
        ]

let private timeouts =
    testList
        "timeout"
        [
            paced "what ends in time is left as it is" (fun pace ->
                task {
                    let! a = run (pace.End(Ok 1) |> Io.timeout (seconds 20.))
                    let! b = run (pace.End(Error(failure "stop")): Io<int>) // without
                    let! c = run ((pace.End(Error(failure "stop")): Io<int>) |> Io.timeout (seconds 20.))
                    let! d = run (pace.End(Ok 1) |> Io.timeout Timeout.InfiniteTimeSpan)
                    Expect.equal (a, d) (Ok 1, Ok 1) "the value"
                    Expect.equal (detail c) (detail b) "the error"
                })

            once "what takes longer is cancelled, and TimedOut matches" (fun () ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            try
                                return! endless
                            finally
                                record.Add "cleaned up"
                        }

                    match! run (operation |> Io.timeout (milliseconds 20.)) with
                    | Error(TimedOut text) -> Expect.stringContains text "20 ms" "how long"
                    | other -> failtest $"{other}"

                    Expect.equal record.Events [ "cleaned up" ] "before the end"
                })

            once "the caller's cancellation is no timeout, and bears the caller's token" (fun () ->
                task {
                    use source = new CancellationTokenSource(20)

                    let! error =
                        expectRaises<OperationCanceledException, _>
                            (runWith source.Token (endless |> Io.timeout (seconds 20.)))
                            "cancelled"

                    Expect.equal error.CancellationToken source.Token "the caller's token"
                })

            once "an operation that ends well all the same has its value" (fun () ->
                task {
                    let stubborn =
                        io {
                            do! Task.Delay 60
                            return 1
                        }

                    let! result = run (stubborn |> Io.timeout (milliseconds 5.))
                    Expect.equal result (Ok 1) "waited for"
                })

            once "the shorter of two counts" (fun () ->
                task {
                    match! run (endless |> Io.timeout (milliseconds 10.) |> Io.timeout (seconds 20.)) with
                    | Error(TimedOut text) -> Expect.stringContains text " 10 ms" "the inner"
                    | other -> failtest $"{other}"

                    match! run (endless |> Io.timeout (seconds 20.) |> Io.timeout (milliseconds 15.)) with
                    | Error(TimedOut text) -> Expect.stringContains text " 15 ms" "the outer"
                    | other -> failtest $"{other}"
                })

            once "somebody else's cancellation is no timeout" (fun () ->
                task {
                    let operation = io { do! Task.FromCanceled(CancellationToken true) }

                    let! _ =
                        expectRaises<OperationCanceledException, _>
                            (run (operation |> Io.timeout (seconds 20.)))
                            "cancelled"

                    ()
                })

            once "a negative limit is a bug of the caller" (fun () ->
                task {
                    let! _ =
                        expectRaises<ArgumentOutOfRangeException, _>
                            (run (endless |> Io.timeout (seconds -5.)))
                            "refused"

                    ()
                })
        ]

let private interop =
    testList
        "interop"
        [
            paced "toTask gives a value, fails by an IoException, or is cancelled" (fun pace ->
                task {
                    let! value = pace.End(Ok 1) |> Io.toTask CancellationToken.None
                    Expect.equal value 1 "the value"

                    let! error =
                        expectRaises<IoException, _>
                            ((pace.End(Error(failure "stop")): Io<int>) |> Io.toTask CancellationToken.None)
                            "the error"

                    Expect.equal error.Error.Detail "stop" "the error itself"
                    use source = new CancellationTokenSource(10)
                    let running = endless |> Io.toTask source.Token
                    let! _ = expectRaises<OperationCanceledException, _> running "cancelled"
                    Expect.isTrue running.IsCanceled "cancelled, not faulted"
                })

            paced "toAsync gives the outcome, is cold and has the computation's token" (fun pace ->
                task {
                    let record = Record()

                    let computation =
                        io {
                            record.Add "ran"
                            let! value = pace.Give 1
                            let! token = Io.token
                            return value, token.CanBeCanceled
                        }
                        |> Io.toAsync

                    Expect.isEmpty record.Events "cold"
                    use source = new CancellationTokenSource()
                    let! a = Async.StartAsTask(computation, cancellationToken = source.Token)
                    let! b = Async.StartAsTask((pace.End(Error(failure "stop")): Io<int>) |> Io.toAsync)
                    Expect.equal a (Ok(1, true)) "the value, with a token"
                    Expect.equal (detail b) (Error "stop") "the error"
                })

            once "toAsync is cancelled as asynchronous computations are" (fun () ->
                task {
                    use source = new CancellationTokenSource(20)

                    let running =
                        Async.StartAsTask(Io.toAsync endless, cancellationToken = source.Token)

                    let! _ =
                        expectRaises<OperationCanceledException, _> (running.WaitAsync limit) "cancelled"

                    Expect.isTrue running.IsCanceled "cancelled, not faulted"
                })

            once "toAsync raises what the operation raises" (fun () ->
                task {
                    let computation =
                        io { return! Task.FromException<int>(TimeoutException "bug") } |> Io.toAsync

                    let! error =
                        expectRaises<TimeoutException, _> (Async.StartAsTask computation) "the bug"

                    Expect.equal error.Message "bug" "the same"
                })

            once "toAsync gives an error that the operation raises as an error" (fun () ->
                task {
                    let raised = IoError(IoErrorCode.SocketClosed, "of a raw operation")

                    let raw: Io<int> =
                        fun _ -> ValueTask.FromException<Result<int, IoError>>(IoException raised)

                    let! result = Async.StartAsTask(Io.toAsync raw)
                    Expect.equal result (Error raised) "typed"

                    let! result =
                        Async.StartAsTask(
                            Io.toAsync (fun _ -> raise (IoException raised)): Async<Result<int, IoError>>
                        )

                    Expect.equal result (Error raised) "typed, though it was raised at once"
                })

            testCase "run and runWith wait for the end"
            <| fun () ->
                Expect.equal (Io.run (Incomplete.End(Ok 1))) (Ok 1) "the value"
                use source = new CancellationTokenSource(10)

                let error =
                    try
                        Io.runWith source.Token endless |> ignore
                        None
                    with :? OperationCanceledException as error ->
                        Some error.CancellationToken

                Expect.equal error (Some source.Token) "cancelled with the caller's token"

            once "run refuses to block an event loop, and names it" (fun () ->
                task {
                    let loop = IoRuntime.Shared.Group[0]
                    let source = TaskCompletionSource<exn option>()

                    let attempt () =
                        try
                            Io.run (Io.ofValue 1) |> ignore
                            None
                        with error ->
                            Some error

                    loop.Schedule(IoTask.Create((fun () _ -> source.SetResult(attempt ())), ()))
                    let! error = source.Task.WaitAsync limit

                    match error with
                    | Some(:? InvalidOperationException as refused) ->
                        Expect.stringContains refused.Message loop.Name "which loop"
                    | other -> failtest $"%A{other}"
                })

            testCase "spans of time"
            <| fun () ->
                Expect.equal (seconds 1.5) (TimeSpan.FromMilliseconds 1500.) "seconds"
                Expect.equal (milliseconds 2.) (TimeSpan.FromMilliseconds 2.) "milliseconds"
        ]

[<Tests>]
let tests = testList "Io" [ functions; timeouts; interop ]
