module AwsIO.FSharp.Tests.Failing

open System
open System.IO
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks
open AwsIO.Testing

/// A port at which nobody listens.
let private freePort () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    let port = (listener.LocalEndpoint :?> IPEndPoint).Port
    listener.Stop()
    port

/// A server below AwsIO's, which takes a connection and does something to it.
let private withTcp (treat: Socket -> unit) (test: int -> Io<'T>) : Io<'T> =
    io {
        use listener = new TcpListener(IPAddress.Loopback, 0)
        listener.Start()
        let accepting = listener.AcceptSocketAsync()

        let treating =
            accepting.ContinueWith(fun (accepted: Task<Socket>) -> treat accepted.Result)

        let! result = test (listener.LocalEndpoint :?> IPEndPoint).Port
        do! treating
        return result
    }

let private failing (name: string) (operation: unit -> Io<'T>) (check: IoError -> unit) =
    once name (fun () ->
        task {
            match! run (operation () |> Io.map ignore |> Io.timeout (seconds 25.)) with
            | Ok() -> failtest "no error"
            | Error error -> check error
        })

[<Tests>]
let tests =
    leavingNothing
        "failing"
        [
            failing "nobody listens" (fun () -> Client.connectPlain "127.0.0.1" (freePort ())) (function
                | Refused text -> Expect.stringContains text "127.0.0.1" "the peer"
                | other -> failtest $"{other}")

            failing
                "nobody listens, with TLS"
                (fun () -> Client.connect (tls { insecure }) "127.0.0.1" (freePort ()))
                (function
                 | Refused _ -> ()
                 | other -> failtest $"{other}")

            failing "no such host" (fun () -> Client.connectPlain "no-such-host.invalid" 80) (function
                | HostNotFound text
                | LookupFailed text -> Expect.stringContains text "no-such-host.invalid" "the name"
                | other -> failtest $"{other}")

            failing "a name that cannot be one" (fun () -> Client.resolve (String('a', 300))) (function
                | HostNotFound _ -> ()
                | other -> failtest $"{other}")

            failing
                "a connection that takes too long"
                (fun () ->
                    withTcp (fun socket -> socket.Dispose()) (fun port ->
                        let options = ConnectOptions(Tls = tls { insecure }, Timeout = milliseconds 1.)

                        Client.connectOn IoRuntime.Shared options "127.0.0.1" port
                        |> Io.catch (fun error ->
                            // On a quick machine the peer's end may come first.
                            match error with
                            | TlsFailed _
                            | Closed _ -> Io.fail (IoError IoErrorCode.SocketTimeout)
                            | other -> Io.fail other)))
                (function
                 | TimedOut _ -> ()
                 | other -> failtest $"{other}")

            failing
                "a handshake that is not answered"
                (fun () ->
                    let hold = new ManualResetEventSlim()

                    io {
                        try
                            return!
                                withTcp
                                    (fun socket ->
                                        hold.Wait 20_000 |> ignore
                                        socket.Dispose())
                                    (fun port ->
                                        Client.connect
                                            (tls {
                                                insecure
                                                handshakeTimeout (milliseconds 50.)
                                            })
                                            "127.0.0.1"
                                            port
                                        |> Io.toResult
                                        |> Io.map (fun outcome ->
                                            hold.Set()
                                            outcome))
                                |> Io.bind Io.ofResult
                        finally
                            hold.Set()
                    })
                (function
                 | TimedOut _ -> ()
                 | other -> failtest $"{other}")

            failing
                "a read that takes longer than the connection's limit"
                (fun () ->
                    io {
                        use! listener = Server.listen (Endpoint.tcp "127.0.0.1" 0)
                        use! connection = Client.connectPlain "127.0.0.1" listener.LocalEndpoint.Port
                        connection.ReadTimeout <- milliseconds 20.
                        return! connection |> Connection.readLine
                    })
                (function
                 | TimedOut text -> Expect.stringContains text "20 ms" "how long"
                 | other -> failtest $"{other}")

            failing
                "a server that another authority vouches for"
                (fun () ->
                    io {
                        use other = new TestCertificateAuthority()
                        use! listener = Server.listenTls (serverTls ()) (Endpoint.tcp "127.0.0.1" 0)

                        use! _ =
                            Client.connect (tls { trust other.CertificatePem }) "localhost" listener.LocalEndpoint.Port

                        return ()
                    })
                (function
                 | TlsFailed text -> Expect.stringContains text "localhost" "whose certificate"
                 | other -> failtest $"{other}")

            failing
                "a certificate for another name"
                (fun () ->
                    io {
                        use! listener = Server.listenTls (serverTls ()) (Endpoint.tcp "127.0.0.1" 0)

                        let options =
                            tls {
                                trust authority.CertificatePem
                                serverName "example.org"
                            }

                        use! _ = Client.connect options "localhost" listener.LocalEndpoint.Port
                        return ()
                    })
                (function
                 | TlsFailed text -> Expect.stringContains text "example.org" "the name"
                 | other -> failtest $"{other}")

            failing
                "a client without the certificate that the server wants"
                (fun () ->
                    io {
                        let options = serverTls () |> ServerTls.requireClients authority.CertificatePem
                        use! listener = Server.listenTls options (Endpoint.tcp "127.0.0.1" 0)

                        use! connection =
                            Client.connect (clientTls ()) "localhost" listener.LocalEndpoint.Port

                        return! connection |> Connection.readLine
                    })
                (function
                 | TlsFailed _
                 | Closed _ -> ()
                 | other -> failtest $"{other}")

            once "a client with the certificate that the server wants" (fun () ->
                task {
                    let program =
                        io {
                            let options = serverTls () |> ServerTls.requireClients authority.CertificatePem
                            use! listener = Server.listenTls options (Endpoint.tcp "127.0.0.1" 0)

                            let options =
                                tls {
                                    trust authority.CertificatePem
                                    identity certificate.CertificatePem certificate.PrivateKeyPem
                                }

                            use! connection = Client.connect options "localhost" listener.LocalEndpoint.Port
                            use! accepted = listener.AcceptAsync()
                            do! accepted |> Connection.writeText "welcome\n"
                            return! connection |> Connection.readLine
                        }

                    let! result = run program
                    Expect.equal result (Ok "welcome") "the line"
                })

            once "PEM files" (fun () ->
                task {
                    let folder = Directory.CreateTempSubdirectory "awsio-pem"

                    try
                        let file (name: string) (text: string) =
                            let path = Path.Combine(folder.FullName, name)
                            File.WriteAllText(path, text)
                            path

                        let ca = file "ca.pem" authority.CertificatePem
                        let cert = file "server.pem" certificate.CertificatePem
                        let key = file "server.key" certificate.PrivateKeyPem

                        let program =
                            io {
                                use! listener =
                                    Server.listenTls (ServerTls.ofFiles cert key) (Endpoint.tcp "127.0.0.1" 0)

                                use! connection =
                                    Client.connect (tls { trustFile ca }) "localhost" listener.LocalEndpoint.Port

                                return not (isNull (box connection.Tls))
                            }

                        let! result = run program
                        Expect.equal result (Ok true) "connected with TLS"
                    finally
                        folder.Delete true
                })

            failing
                "a key that is none"
                (fun () ->
                    Server.listenTls (ServerTls.ofPem certificate.CertificatePem "no key") (Endpoint.tcp "127.0.0.1" 0))
                ignore

            failing
                "a peer that resets the connection"
                (fun () ->
                    withTcp
                        (fun socket ->
                            socket.LingerState <- LingerOption(true, 0)
                            socket.Dispose())
                        (fun port ->
                            io {
                                use! connection = Client.connectPlain "127.0.0.1" port
                                return! connection |> Connection.readLine
                            }))
                (function
                 | Closed _ -> ()
                 | other -> failtest $"{other}")

            failing
                "an address in use"
                (fun () ->
                    io {
                        use! listener = Server.listen (Endpoint.tcp "127.0.0.1" 0)
                        use! _ = Server.listen (Endpoint.tcp "127.0.0.1" listener.LocalEndpoint.Port)
                        return ()
                    })
                (function
                 | AddressInUse _ -> ()
                 | other -> failtest $"{other}")

            failing "an address that is none" (fun () -> Server.listen (Endpoint.tcp "localhost" 0)) (fun error ->
                Expect.equal error.Code IoErrorCode.SocketInvalidAddress "told apart")

            once "a connection that was disposed is misused: a bug" (fun () ->
                task {
                    let program =
                        io {
                            use! listener = Server.listen (Endpoint.tcp "127.0.0.1" 0)
                            use! connection = Client.connectPlain "127.0.0.1" listener.LocalEndpoint.Port
                            do! connection.DisposeAsync()
                            return! connection |> Connection.readLine
                        }

                    let! _ = expectRaises<ObjectDisposedException, _> (run program) "a bug"
                    ()
                })

            once "connecting can be cancelled" (fun () ->
                task {
                    use source = new CancellationTokenSource()
                    source.Cancel()

                    let! error =
                        expectRaises<OperationCanceledException, _>
                            (runWith source.Token (Client.connectPlain "127.0.0.1" 1))
                            "cancelled"

                    Expect.equal error.CancellationToken source.Token "the caller's token"
                })
        ]
