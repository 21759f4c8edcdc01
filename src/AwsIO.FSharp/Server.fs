namespace AwsIO.FSharp

open System
open System.Threading
open System.Threading.Tasks
open AwsIO
open AwsIO.Tasks

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
    /// Serves each connection of a listener, all at the same time, until the run is cancelled or the listener is disposed. A connection's
    /// own errors end that connection only, and are given to <c>onError</c>; so are its exceptions.
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
                    | Ok() -> do! connection.DisposeAsync()
                    | Error error -> onError connection (Choice1Of2 error)
                with
                | :? OperationCanceledException when token.IsCancellationRequested -> ()
                | error -> onError connection (Choice2Of2 error)
            }

        io {
            let! token = Io.token

            for connection in listener.AcceptAllAsync token do
                Task.Run(fun () -> serveOne token connection) |> ignore
        }

    /// <summary>Listens without TLS and serves each connection, until the run is cancelled.</summary>
    let serve (endpoint: SocketEndpoint) (handler: IoConnection -> Io<unit>) : Io<unit> =
        io {
            use! listener = listen endpoint
            return! serveWith (fun _ _ -> ()) handler listener
        }

    /// <summary>Listens with TLS and serves each connection, until the run is cancelled.</summary>
    let serveTls (tls: TlsServerOptions) (endpoint: SocketEndpoint) (handler: IoConnection -> Io<unit>) : Io<unit> =
        io {
            use! listener = listenTls tls endpoint
            return! serveWith (fun _ _ -> ()) handler listener
        }
