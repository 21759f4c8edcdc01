module AwsIO.FSharp.Tests.Serving

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks

/// A server with a listener of its own: the listener, how to stop, and the run.
let private start (serve: IoListener -> Io<unit>) =
    task {
        match! run (Server.listen (Endpoint.tcp "127.0.0.1" 0)) with
        | Ok listener ->
            let stop = new CancellationTokenSource()
            return listener, stop, (serve listener stop.Token).AsTask()
        | Error error -> return failtest $"{error}"
    }

let private connect (listener: IoListener) =
    task {
        match! run (Client.connectPlain "127.0.0.1" listener.LocalEndpoint.Port) with
        | Ok connection -> return connection
        | Error error -> return failtest $"{error}"
    }

[<Tests>]
let tests =
    leavingNothing
        "serving"
        [
            overBoth "a hundred connections at once" echo (fun transport port ->
                io {
                    let talk number =
                        io {
                            use! connection = transport.Connect port

                            for round in 1..10 do
                                do! connection |> Connection.writeText $"{number}.{round}\n"
                                let! line = connection |> Connection.readLine
                                Expect.equal line $"{number}.{round}" "the own line"
                        }

                    let! token = Io.token

                    let! results =
                        [ for number in 1..100 -> (talk number token).AsTask() ] |> Task.WhenAll

                    for result in results do
                        do! result
                })

            once "cancelling ends the run as cancelled, and waits for the handlers" (fun () ->
                task {
                    let record = Record()
                    let served = TaskCompletionSource()

                    let! listener, stop, running =
                        start (
                            Server.serveWith (fun _ error -> record.Add $"{error}") (fun connection ->
                                io {
                                    try
                                        served.SetResult()
                                        do! echo connection
                                    finally
                                        Thread.Sleep 30
                                        record.Add "cleaned up"
                                })
                        )

                    let! connection = connect listener
                    do! served.Task.WaitAsync limit
                    stop.Cancel()

                    let! error =
                        expectRaises<OperationCanceledException, _> (running.WaitAsync limit) "cancelled"

                    Expect.equal error.CancellationToken stop.Token "the caller's token"
                    Expect.isTrue running.IsCanceled "cancelled, not faulted"
                    Expect.equal record.Events [ "cleaned up" ] "before the end, and no error"

                    let! rest = run (connection |> Connection.readToEnd)
                    Expect.equal rest (Ok "") "the connection was closed"
                    do! connection.DisposeAsync()
                    do! listener.DisposeAsync()
                })

            once "disposing the listener ends the run well, behind the last connection" (fun () ->
                task {
                    let! listener, _, running = start (Server.serveWith (fun _ _ -> ()) echo)
                    let! connection = connect listener
                    let! _ = run (connection |> Connection.writeText "a\n")
                    let! line = run (connection |> Connection.readLine)
                    Expect.equal line (Ok "a") "served"
                    do! listener.DisposeAsync()
                    do! Task.Delay 30
                    Expect.isFalse running.IsCompleted "the connection is still served"
                    let! _ = run (connection |> Connection.writeText "b\n")
                    let! line = run (connection |> Connection.readLine)
                    Expect.equal line (Ok "b") "to its end"
                    do! connection.DisposeAsync()
                    let! result = running.WaitAsync limit
                    Expect.equal result (Ok()) "a good end"
                })

            once "what a connection fails by is told, and others are served on" (fun () ->
                task {
                    let told = Collections.Concurrent.ConcurrentQueue<Choice<IoError, exn>>()

                    let! listener, stop, running =
                        start (
                            Server.serveWith (fun _ error -> told.Enqueue error) (fun connection ->
                                io {
                                    match! connection |> Connection.readLine with
                                    | "error" -> do! Error(failure "told")
                                    | "raise" -> raise (IoException(failure "told"))
                                    | "bug" -> invalidOp "told"
                                    | "cancel" -> do! Task.FromCanceled(CancellationToken true)
                                    | line -> do! connection |> Connection.writeText $"{line}\n"
                                })
                        )

                    for line in [ "error"; "raise"; "bug"; "cancel"; "good" ] do
                        let! connection = connect listener

                        let! answer =
                            run (
                                io {
                                    do! connection |> Connection.writeText $"{line}\n"
                                    return! connection |> Connection.readToEnd
                                }
                            )

                        Expect.equal answer (Ok(if line = "good" then "good\n" else "")) "closed behind the answer"
                        do! connection.DisposeAsync()

                    stop.Cancel()

                    let! _ =
                        expectRaises<OperationCanceledException, _> (running.WaitAsync limit) "cancelled"

                    let kinds =
                        [
                            for error in told ->
                                match error with
                                | Choice1Of2 error -> error.Detail
                                | Choice2Of2 error -> error.GetType().Name
                        ]

                    Expect.equal
                        kinds
                        [ "told"; "told"; "InvalidOperationException"; "TaskCanceledException" ]
                        "each by what it failed by"

                    do! listener.DisposeAsync()
                })

            once "serve listens by itself, and frees the port when it is cancelled" (fun () ->
                task {
                    let! listener, _, _ = start (fun _ -> Io.ofValue ())
                    let port = listener.LocalEndpoint.Port
                    do! listener.DisposeAsync()

                    for _ in 1..2 do
                        use stop = new CancellationTokenSource()

                        let running =
                            (Server.serve (Endpoint.tcp "127.0.0.1" port) echo stop.Token).AsTask()

                        let! line =
                            run (
                                io {
                                    use! connection = Client.connectPlain "127.0.0.1" port
                                    do! connection |> Connection.writeText "x\n"
                                    return! connection |> Connection.readLine
                                }
                            )

                        Expect.equal line (Ok "x") "served"
                        stop.Cancel()

                        let! _ =
                            expectRaises<OperationCanceledException, _> (running.WaitAsync limit) "cancelled"

                        ()
                })

            once "serve ends with the error of an address that is in use" (fun () ->
                task {
                    let! listener, _, _ = start (fun _ -> Io.ofValue ())

                    match! run (Server.serve listener.LocalEndpoint echo) with
                    | Error(AddressInUse _) -> ()
                    | other -> failtest $"{other}"

                    match! run (Server.serveTls (serverTls ()) listener.LocalEndpoint echo) with
                    | Error(AddressInUse _) -> ()
                    | other -> failtest $"{other}"

                    do! listener.DisposeAsync()
                })

            once "a runtime of one's own" (fun () ->
                task {
                    let program =
                        io {
                            use runtime = new IoRuntime(IoRuntimeOptions(LoopCount = 1))

                            use! listener =
                                Server.listenOn runtime (ListenOptions()) (Endpoint.tcp "127.0.0.1" 0)

                            use! connection =
                                Client.connectOn runtime (ConnectOptions()) "127.0.0.1" listener.LocalEndpoint.Port

                            use! accepted = listener.AcceptAsync()
                            do! accepted |> Connection.writeText "own\n"
                            let! line = connection |> Connection.readLine
                            return line, obj.ReferenceEquals(connection.EventLoop.Group, runtime.Group)
                        }

                    let! result = run program
                    Expect.equal result (Ok("own", true)) "on its loops"
                })

            once "a handler made of a function serves a channel" (fun () ->
                task {
                    let runtime = IoRuntime.Shared
                    let server = ServerBootstrap runtime.Group

                    let onIncoming =
                        ChannelSetupCallback(fun channel _ _ ->
                            match channel with
                            | null -> ()
                            | channel ->
                                channel.AddLast(
                                    Handler.create (fun slot message ->
                                        slot.IncrementReadWindow(int64 message.Length)
                                        slot.Send(message, ChannelDirection.Write))
                                )
                                |> ignore)

                    let listening =
                        server.Listen(
                            ServerListenOptions(Endpoint = Endpoint.tcp "127.0.0.1" 0, OnIncomingChannel = onIncoming)
                        )

                    use listener = IoErrorExtensions.GetOrThrow listening

                    let! line =
                        run (
                            io {
                                use! connection = Client.connectPlain "127.0.0.1" listener.LocalEndpoint.Port
                                do! connection |> Connection.writeText "channel\n"
                                return! connection |> Connection.readLine
                            }
                        )

                    Expect.equal line (Ok "channel") "echoed"
                })
        ]
