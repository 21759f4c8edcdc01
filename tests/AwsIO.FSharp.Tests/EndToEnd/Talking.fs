module AwsIO.FSharp.Tests.Talking

open System
open System.Text
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks

let private send (parts: string list) (connection: IoConnection) : Io<unit> =
    io {
        for part in parts do
            do! connection |> Connection.writeText part
            do! connection |> Connection.flush
    }

[<Tests>]
let tests =
    leavingNothing
        "talking"
        [
            overBoth "text goes there and back" echo (fun transport port ->
                io {
                    use! connection = transport.Connect port
                    do! connection |> Connection.writeText "hällo\nloop\r\n"
                    let! first = connection |> Connection.readLine
                    let! second = connection |> Connection.readLine
                    Expect.equal (first, second) ("hällo", "loop") "the lines"
                    do! connection |> Connection.shutdownWrite
                    let! rest = connection |> Connection.readToEnd
                    Expect.equal rest "" "the peer has finished"
                })

            overBoth "a megabyte goes there and back" echo (fun transport port ->
                io {
                    let data = Array.init 1_000_000 (fun index -> byte (index * 7))
                    let back = Array.zeroCreate<byte> data.Length
                    use! connection = transport.Connect port

                    let sending =
                        io {
                            do! connection |> Connection.writeBytes data
                            do! connection |> Connection.shutdownWrite
                        }
                        |> Io.toTask Threading.CancellationToken.None

                    do! connection |> Connection.readExactly (Memory<byte> back)
                    do! sending
                    let! count = connection |> Connection.read (Memory<byte>(Array.zeroCreate 1))
                    Expect.equal count 0 "nothing behind it"
                    Expect.isTrue (data.AsSpan().SequenceEqual(ReadOnlySpan back)) "the same bytes"
                })

            overBoth
                "chunks are everything, in order, and end with the peer"
                (fun connection -> connection |> send [ "one"; "two"; "three" ])
                (fun transport port ->
                    io {
                        use! connection = transport.Connect port
                        let text = StringBuilder()
                        let mutable count = 0

                        for chunk in Connection.chunks connection do
                            Expect.isGreaterThan chunk.Length 0 "no empty chunk"
                            text.Append(Encoding.UTF8.GetString chunk.Span) |> ignore
                            count <- count + 1

                        Expect.equal (string text) "onetwothree" "everything"

                        for _ in Connection.chunks connection do
                            count <- -1

                        Expect.isGreaterThan count 0 "nothing more at a second look"
                    })

            overBoth
                "a loop over chunks can be left, and reading goes on behind it"
                (fun connection -> connection |> send [ "one\n"; "two\n"; "three\n" ])
                (fun transport port ->
                    io {
                        use! connection = transport.Connect port

                        let first = StringBuilder()

                        let! outcome =
                            io {
                                for chunk in Connection.chunks connection do
                                    first.Append(Encoding.ASCII.GetString chunk.Span) |> ignore
                                    do! Error(failure "enough")
                            }
                            |> Io.toResult

                        Expect.equal (detail outcome) (Error "enough") "left by an error"
                        let! rest = connection |> Connection.readToEnd
                        Expect.equal (first.ToString() + rest) "one\ntwo\nthree\n" "no less, and no more"
                    })

            overBoth
                "lines: empty ones, a lone CR, CR CR LF, one without an end, then none"
                (fun connection -> connection |> send [ "\n\r\na\rb\nc\r\r\n"; "spl"; "it\r"; "\nlast\r" ])
                (fun transport port ->
                    io {
                        use! connection = transport.Connect port

                        for expected in [ ""; ""; "a\rb"; "c\r"; "split"; "last\r" ] do
                            let! line = connection |> Connection.readLine
                            Expect.equal line expected "the line"

                        let! nothing = connection |> Connection.tryReadLine
                        Expect.equal nothing None "no line more"

                        match! connection |> Connection.readLine |> Io.toResult with
                        | Error(Closed _) -> ()
                        | other -> failtest $"{other}"
                    })

            overBoth
                "a line of 64 KiB is one, a longer one an error"
                (fun connection -> connection |> send [ String('x', 65536) + "\n" + String('y', 65537) ])
                (fun transport port ->
                    io {
                        use! connection = transport.Connect port
                        let! line = connection |> Connection.readLine
                        Expect.equal line.Length 65536 "the longest"

                        match! connection |> Connection.readLine |> Io.toResult with
                        | Error error -> Expect.equal error.Code IoErrorCode.ShortBuffer "too long"
                        | other -> failtest $"{other}"
                    })

            overBoth
                "readExactly: across chunks, nothing, and too little"
                (fun connection -> connection |> send [ "abc"; "def"; "g" ])
                (fun transport port ->
                    io {
                        use! connection = transport.Connect port
                        let buffer = Array.zeroCreate<byte> 5
                        do! connection |> Connection.readExactly Memory<byte>.Empty
                        do! connection |> Connection.readExactly (Memory<byte> buffer)
                        Expect.equal (Encoding.ASCII.GetString buffer) "abcde" "as many as asked for"

                        match! connection |> Connection.readExactly (Memory<byte> buffer) |> Io.toResult with
                        | Error(Closed text) -> Expect.stringContains text "2 of 5" "how far it came"
                        | other -> failtest $"{other}"
                    })

            overBoth
                "readToEnd puts text together that was cut within a character"
                (fun connection ->
                    io {
                        let bytes = Encoding.UTF8.GetBytes "1€2"

                        for index in 0 .. bytes.Length - 1 do
                            do! connection |> Connection.writeBytes bytes[index..index]
                            do! connection |> Connection.flush
                            do! Task.Delay 2
                    })
                (fun transport port ->
                    io {
                        use! connection = transport.Connect port
                        let! text = connection |> Connection.readToEnd
                        Expect.equal text "1€2" "whole"
                        let! again = connection |> Connection.readToEnd
                        Expect.equal again "" "nothing more"
                    })

            overBoth "a read can be given up, and the connection used on" echo (fun transport port ->
                io {
                    use! connection = transport.Connect port

                    match!
                        connection
                        |> Connection.readLine
                        |> Io.timeout (milliseconds 20.)
                        |> Io.toResult
                    with
                    | Error(TimedOut _) -> ()
                    | other -> failtest $"{other}"

                    do! connection |> Connection.writeText "on\n"
                    let! line = connection |> Connection.readLine
                    Expect.equal line "on" "nothing was lost"
                })

            once "over a Unix domain socket" (fun () ->
                task {
                    let path = IO.Path.Combine(IO.Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock")

                    let program =
                        io {
                            use! listener = Server.listen (Endpoint.unix path)
                            use! client = Client.connectTo (ConnectOptions()) (Endpoint.unix path)
                            use! server = listener.AcceptAsync()
                            do! client |> Connection.writeText "hello\n"
                            return! server |> Connection.readLine
                        }

                    let! result = run program
                    Expect.equal result (Ok "hello") "the line"
                })

            once "what TLS agreed on" (fun () ->
                task {
                    let program =
                        io {
                            use! listener =
                                Server.listenTls
                                    (serverTls () |> ServerTls.withAlpn [ "b"; "c" ])
                                    (Endpoint.tcp "127.0.0.1" 0)

                            let options =
                                tls {
                                    trust authority.CertificatePem
                                    alpn [ "a"; "b" ]
                                    serverName "localhost"
                                    minimumVersion TlsVersion.Tls13
                                    handshakeTimeout (seconds 9.)
                                }

                            use! client = Client.connect options "127.0.0.1" listener.LocalEndpoint.Port

                            return
                                match client.Tls with
                                | null -> None
                                | info -> Some(info.Version, info.Protocol)
                        }

                    let! result = run program
                    Expect.equal result (Ok(Some("TLSv1.3", "b"))) "version and protocol"
                })

            once "resolve gives addresses" (fun () ->
                task {
                    match! run (Client.resolve "localhost") with
                    | Ok addresses -> Expect.isGreaterThan addresses.Count 0 "some"
                    | Error error -> failtest $"{error}"
                })
        ]
