namespace AwsIO.FSharp

open System
open System.Threading
open System.Threading.Tasks
open AwsIO
open AwsIO.Tasks

/// <summary>The connections that are being served. Disposing waits for the last of them.</summary>
[<Sealed>]
type internal Serving() =
    let ended = TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)

    // One for the accepting itself.
    let mutable count = 1

    member private _.Leave() =
        if Interlocked.Decrement &count = 0 then
            ended.SetResult()

    member this.Start(serve: unit -> Task) =
        Interlocked.Increment &count |> ignore

        Task.Run(fun () ->
            task {
                try
                    do! serve ()
                finally
                    this.Leave()
            }
            :> Task)
        |> ignore

    interface IAsyncDisposable with
        member this.DisposeAsync() =
            this.Leave()
            ValueTask ended.Task

/// <summary>Listening, and serving connections.</summary>
[<RequireQualifiedAccess>]
module Server =

    /// <summary>Listens with all options, on a given runtime.</summary>
    let listenOn (runtime: IoRuntime) (options: ListenOptions) (endpoint: SocketEndpoint) : Io<IoListener> =
        Io.ofTask (fun token -> runtime.ListenAsync(endpoint, options, token))

    /// <summary>Listens without TLS.</summary>
    let listen (endpoint: SocketEndpoint) : Io<IoListener> =
        listenOn IoRuntime.Shared (ListenOptions()) endpoint

    /// <summary>Listens with TLS.</summary>
    let listenTls (tls: TlsServerOptions) (endpoint: SocketEndpoint) : Io<IoListener> =
        listenOn IoRuntime.Shared (ListenOptions(Tls = tls)) endpoint

    /// <summary>
    /// Serves each connection of a listener, all at the same time, until the run is cancelled or the listener is disposed; then it waits for
    /// those that are being served, whose handlers are given the run's token. Each is disposed when its handler has ended. What a
    /// handler ends with, error or exception, ends its connection only, and is given to <c>onError</c>.
    /// </summary>
    let serveWith
        (onError: IoConnection -> Choice<IoError, exn> -> unit)
        (handler: IoConnection -> Io<unit>)
        (listener: IoListener)
        : Io<unit> =
        let serveOne (token: CancellationToken) (connection: IoConnection) : Task =
            task {
                use connection = connection

                try
                    match! handler connection token with
                    | Ok() -> ()
                    | Error error -> onError connection (Choice1Of2 error)
                with
                | :? OperationCanceledException when token.IsCancellationRequested -> ()
                | :? IoException as known -> onError connection (Choice1Of2 known.Error)
                | error -> onError connection (Choice2Of2 error)
            }

        io {
            let! token = Io.token
            use serving = new Serving()

            for connection in listener.AcceptAllAsync token do
                serving.Start(fun () -> serveOne token connection)
        }

    /// <summary>
    /// Listens without TLS and serves each connection, until the run is cancelled. Nobody is told how a connection failed: see
    /// <c>serveWith</c> for that.
    /// </summary>
    let serve (endpoint: SocketEndpoint) (handler: IoConnection -> Io<unit>) : Io<unit> =
        io {
            use! listener = listen endpoint
            return! serveWith (fun _ _ -> ()) handler listener
        }

    /// <summary>Listens with TLS and serves each connection, as <c>serve</c> does.</summary>
    let serveTls (tls: TlsServerOptions) (endpoint: SocketEndpoint) (handler: IoConnection -> Io<unit>) : Io<unit> =
        io {
            use! listener = listenTls tls endpoint
            return! serveWith (fun _ _ -> ()) handler listener
        }
