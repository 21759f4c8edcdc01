module AwsIO.FSharp.Tests.Static.Runs

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.FSharp.Tests
open AwsIO.FSharp.Tests.Static

let private canceled () =
    let source = new CancellationTokenSource()
    source.Cancel()
    source.Token

[<Tests>]
let tests =
    testList
        $"runs, {flavour}"
        [
            once "nothing happens before a run" (fun () ->
                task {
                    let record = Record()

                    let operation =
                        io {
                            record.Add "ran"
                            return 1
                        }

                    Expect.isEmpty record.Events "the operation is cold"
                    let! result = run operation
                    Expect.equal result (Ok 1) "the run's value"
                    Expect.equal record.Events [ "ran" ] "the run ran it"
                })

            paced "each run begins anew, with variables of its own" (fun pace ->
                task {
                    let operation =
                        io {
                            let mutable sum = 0

                            for number in [ 1; 2; 3 ] do
                                let! number = pace.Give number
                                sum <- sum + number

                            let mutable rounds = 0

                            while rounds < 2 do
                                do! pace.Pause()
                                rounds <- rounds + 1

                            return sum + rounds
                        }

                    for _ in 1..3 do
                        let! result = run operation
                        Expect.equal result (Ok 8) "the same each time"
                })

            paced "runs at the same time do not meet" (fun pace ->
                task {
                    let operation =
                        io {
                            let! token = Io.token
                            let mutable count = 0

                            while count < 100 do
                                do! pace.Pause()
                                count <- count + 1

                            return count, token
                        }

                    let sources = Array.init 20 (fun _ -> new CancellationTokenSource())

                    let! results =
                        sources
                        |> Array.map (fun source -> Task.Run<Result<_, _>>(fun () -> runWith source.Token operation))
                        |> Task.WhenAll

                    for source, result in Array.zip sources results do
                        Expect.equal result (Ok(100, source.Token)) "the own count and token"
                })

            once "the run's token comes to bound operations and asynchronous computations" (fun () ->
                task {
                    use source = new CancellationTokenSource()

                    let operation =
                        io {
                            let! first = Io.token
                            let! second = async { return! Async.CancellationToken }
                            let! third = io { return! Io.token }
                            return [ first; second; third ]
                        }

                    let! result = runWith source.Token operation
                    Expect.equal result (Ok(List.replicate 3 source.Token)) "one token for all"
                })

            once "a run that is cancelled before it starts runs nothing" (fun () ->
                task {
                    let record = Record()
                    let token = canceled ()
                    let running = io { record.Add "ran" } |> runWith token
                    let! error = expectRaises<OperationCanceledException, _> running "cancelled"
                    Expect.equal error.CancellationToken token "the caller's token"
                    Expect.isTrue running.IsCanceled "the task is cancelled, not faulted"
                    Expect.isEmpty record.Events "nothing ran"
                })

            once "a loop that never waits ends when the run is cancelled" (fun () ->
                task {
                    use source = new CancellationTokenSource()
                    let mutable count = 0

                    let operation =
                        io {
                            while true do
                                count <- count + 1

                                if count = 1000 then
                                    source.Cancel()
                        }

                    let! error =
                        expectRaises<OperationCanceledException, _> (runWith source.Token operation) "cancelled"

                    Expect.equal error.CancellationToken source.Token "the caller's token"
                    Expect.equal count 1000 "no further round"
                })

            once "a loop over elements ends when the run is cancelled, and cleans up" (fun () ->
                task {
                    use source = new CancellationTokenSource()
                    let record = Record()

                    let numbers =
                        seq {
                            try
                                for number in 1..10 do
                                    yield number
                            finally
                                record.Add "cleaned up"
                        }

                    let operation =
                        io {
                            for number in numbers do
                                record.Add $"{number}"

                                if number = 2 then
                                    source.Cancel()
                        }

                    let! _ =
                        expectRaises<OperationCanceledException, _> (runWith source.Token operation) "cancelled"

                    Expect.equal record.Events [ "1"; "2"; "cleaned up" ] "no third round"
                })

            once "cancellation of a bound task is that of the run, with the caller's token" (fun () ->
                task {
                    use source = new CancellationTokenSource()

                    let operation =
                        io {
                            let! token = Io.token
                            do! Task.Delay(Timeout.Infinite, token)
                        }

                    let running = (operation source.Token).AsTask()
                    source.CancelAfter 10

                    let! error =
                        expectRaises<OperationCanceledException, _> (running.WaitAsync limit) "cancelled"

                    Expect.equal error.CancellationToken source.Token "the caller's token"
                    Expect.isTrue running.IsCanceled "cancelled, not faulted"
                })

            once "cancellation through an asynchronous computation bears the caller's token" (fun () ->
                task {
                    use source = new CancellationTokenSource()
                    let operation = io { do! Async.Sleep Timeout.Infinite }
                    let running = (operation source.Token).AsTask()
                    source.CancelAfter 10

                    let! error =
                        expectRaises<OperationCanceledException, _> (running.WaitAsync limit) "cancelled"

                    Expect.equal error.CancellationToken source.Token "the caller's token"
                })

            once "cancellation through a linked token bears the caller's token" (fun () ->
                task {
                    use source = new CancellationTokenSource()

                    let operation =
                        io {
                            let! token = Io.token
                            use linked = CancellationTokenSource.CreateLinkedTokenSource token
                            do! Task.Delay(Timeout.Infinite, linked.Token)
                        }

                    let running = (operation source.Token).AsTask()
                    source.CancelAfter 10

                    let! error =
                        expectRaises<OperationCanceledException, _> (running.WaitAsync limit) "cancelled"

                    Expect.equal error.CancellationToken source.Token "the caller's token"
                })

            once "somebody else's cancellation is left as it is" (fun () ->
                task {
                    let token = canceled ()
                    let operation = io { do! Task.FromCanceled token }
                    let! error = expectRaises<OperationCanceledException, _> (run operation) "cancelled"
                    Expect.equal error.CancellationToken token "the token that was cancelled"
                })

            once "cancellation cleans up on its way" (fun () ->
                task {
                    use source = new CancellationTokenSource()
                    let record = Record()

                    let operation =
                        io {
                            use _ = new AsyncClosing("outer", record, Incomplete)

                            try
                                use _ = new Closing("inner", record)
                                source.Cancel()
                                do! Task.Delay(Timeout.Infinite, source.Token)
                            finally
                                record.Add "finally"
                        }

                    let! _ =
                        expectRaises<OperationCanceledException, _> (runWith source.Token operation) "cancelled"

                    Expect.equal
                        record.Events
                        [ "dispose inner"; "finally"; "dispose outer asynchronously" ]
                        "from inside out"
                })

            once "cancellation can be handled" (fun () ->
                task {
                    use source = new CancellationTokenSource()

                    let operation =
                        io {
                            try
                                source.Cancel()
                                do! Task.Delay(Timeout.Infinite, source.Token)
                                return "went on"
                            with :? OperationCanceledException ->
                                return "handled"
                        }

                    let! result = runWith source.Token operation
                    Expect.equal result (Ok "handled") "the handler's value"
                })

            once "code goes on where the caller's context is, as in any task" (fun () ->
                task {
                    let local = AsyncLocal<string>()

                    let operation =
                        io {
                            local.Value <- "mine"
                            do! Task.Yield() |> fun _ -> Incomplete.Pause()
                            return local.Value
                        }

                    let! result = run operation
                    Expect.equal result (Ok "mine") "the execution context flows"
                })
        ]
