/// Servers that tests talk to, over plain TCP and TLS.
[<AutoOpen>]
module AwsIO.FSharp.Tests.Servers

open System.Threading
open System.Threading.Tasks
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks
open AwsIO.Testing

let authority = new TestCertificateAuthority()
let certificate = authority.Issue()

let serverTls () =
    ServerTls.ofPem certificate.CertificatePem certificate.PrivateKeyPem

let clientTls () = tls { trust authority.CertificatePem }

/// How a test's connections are made.
type Transport =
    | Plain
    | Tls

    member transport.Listen() : Io<IoListener> =
        let endpoint = Endpoint.tcp "127.0.0.1" 0

        match transport with
        | Plain -> Server.listen endpoint
        | Tls -> Server.listenTls (serverTls ()) endpoint

    member transport.Connect(port: int) : Io<IoConnection> =
        match transport with
        | Plain -> Client.connectPlain "localhost" port
        | Tls -> Client.connect (clientTls ()) "localhost" port

/// Echoes until the peer has finished.
let echo (connection: IoConnection) : Io<unit> =
    io {
        for chunk in Connection.chunks connection do
            do! connection |> Connection.write chunk
    }

/// Runs a test against a server, which is stopped behind it, and gives what its connections ended with.
let withServer
    (transport: Transport)
    (serve: IoConnection -> Io<unit>)
    (test: int -> Io<unit>)
    : Task<Choice<IoError, exn> list> =
    task {
        let ends = System.Collections.Concurrent.ConcurrentQueue<Choice<IoError, exn>>()

        let program =
            io {
                use! listener = transport.Listen()
                use stop = new CancellationTokenSource()

                let serving =
                    (listener |> Server.serveWith (fun _ error -> ends.Enqueue error) serve) stop.Token

                let! outcome =
                    test listener.LocalEndpoint.Port |> Io.timeout (seconds 25.) |> Io.toResult

                stop.Cancel()

                try
                    let! _ = serving.AsTask()
                    ()
                with :? System.OperationCanceledException ->
                    ()

                return! outcome
            }

        match! run program with
        | Ok() -> ()
        | Error error -> Expecto.Tests.failtest $"{error}"

        return List.ofSeq ends
    }

/// A test over both transports, at which no connection may fail.
let overBoth (name: string) (serve: IoConnection -> Io<unit>) (test: Transport -> int -> Io<unit>) =
    Expecto.Tests.testList
        name
        [
            for transport in [ Plain; Tls ] ->
                once $"over {transport}" (fun () ->
                    task {
                        let! ends = withServer transport serve (test transport)
                        Expecto.Expect.isEmpty ends "no connection failed on the server's side"
                    })
        ]
