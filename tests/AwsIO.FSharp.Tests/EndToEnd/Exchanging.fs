/// Datagrams, over UDP and the Unix domain.
module AwsIO.FSharp.Tests.Exchanging

open System
open System.IO
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks

/// Where a test's sockets are.
type private Domain =
    | Udp
    | Udp6
    | Unix

    /// An address that nobody has; a path must be deleted.
    member domain.Free() : SocketEndpoint =
        match domain with
        | Udp -> Endpoint.udp "127.0.0.1" 0
        | Udp6 -> Endpoint.udp "::1" 0
        | Unix -> Endpoint.unix (Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock"))

let private delete (endpoint: SocketEndpoint) : unit =
    if endpoint.Domain = SocketDomain.Local then
        File.Delete endpoint.Address

let private expectOk (program: Io<unit>) : Task<unit> =
    task {
        let! result = run (program |> Io.timeout (seconds 25.))
        Expect.equal (detail result) (Ok()) "no error"
    }

/// A socket at an address, and one that is connected to it and can be answered.
let private withPair
    (domain: Domain)
    (options: DatagramOptions)
    (test: IoDatagramSocket -> IoDatagramSocket -> Io<unit>)
    : Task<unit> =
    task {
        let there = domain.Free()
        let here = domain.Free()

        try
            do!
                io {
                    use! server = Datagrams.bindOn IoRuntime.Shared options there
                    let own = DatagramOptions(Socket = SocketOptions(LocalEndpoint = Nullable here))
                    use! client = Datagrams.connectOn IoRuntime.Shared own server.LocalEndpoint
                    return! test server client
                }
                |> expectOk
        finally
            delete there
            delete here
    }

let private overAll (name: string) (test: IoDatagramSocket -> IoDatagramSocket -> Io<unit>) : Test =
    testList
        name
        [
            for domain in [ Udp; Udp6; Unix ] ->
                once $"over {domain}" (fun () -> withPair domain (DatagramOptions()) test)
        ]

let private bytes (text: string) =
    ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes text)

let private receiveText (socket: IoDatagramSocket) : Io<string * DatagramAddress> =
    io {
        let buffer = Array.zeroCreate<byte> 2048
        let! info = socket |> Datagrams.receive (Memory<byte> buffer)
        Expect.isFalse info.IsTruncated "whole"
        return Encoding.UTF8.GetString(buffer, 0, info.Length), info.Sender
    }

/// A connected socket whose peer has gone, and an error in its way.
let private withRefusal (test: SocketEndpoint -> IoDatagramSocket -> Io<unit>) : Task<unit> =
    io {
        let! gone = Datagrams.bind (Endpoint.udp "127.0.0.1" 0)
        use! client = Datagrams.connect gone.LocalEndpoint
        do! gone.DisposeAsync()
        do! client |> Datagrams.sendText "is anybody there?"
        return! test gone.LocalEndpoint client
    }
    |> expectOk

/// That an operation is over by its token, once something has happened at the server.
let private expectCanceled
    (name: string)
    (ready: IoDatagramSocket -> Io<unit>)
    (start: IoDatagramSocket -> IoDatagramSocket -> Io<'T>)
    : Test =
    once name (fun () ->
        withPair Unix (DatagramOptions(MaxWaiting = 1)) (fun server client ->
            io {
                use source = new CancellationTokenSource()
                let running = runWith source.Token (start server client)
                do! ready server
                source.Cancel()
                let! error = expectRaises<OperationCanceledException, _> running "cancelled"
                Expect.equal error.CancellationToken source.Token "the caller's token"

                // What was given up has taken nothing along.
                let! token = Io.token
                let arrives = Io.toTask token (client |> Datagrams.sendText "on")
                let mutable text = ""

                while text <> "on" do
                    let! received, _ = receiveText server
                    text <- received

                do! arrives
            }))

[<Tests>]
let tests =
    leavingNothing
        "datagrams"
        [
            overAll "a datagram is answered to its sender" (fun server client ->
                io {
                    do! client |> Datagrams.sendText "hällo"
                    let! text, sender = receiveText server
                    Expect.equal text "hällo" "the datagram"
                    Expect.equal (sender.ToEndpoint()) client.LocalEndpoint "its sender"
                    do! server |> Datagrams.sendTo sender (bytes "and back")
                    let! answer, _ = receiveText client
                    Expect.equal answer "and back" "the answer"
                })

            overAll "an endpoint is an address" (fun server client ->
                io {
                    let! address = Datagrams.address client.LocalEndpoint
                    do! server |> Datagrams.sendTo address (bytes "first")
                    let! text, _ = receiveText client
                    Expect.equal text "first" "the datagram"
                })

            overAll "an empty datagram is one" (fun server client ->
                io {
                    do! client |> Datagrams.send ReadOnlyMemory<byte>.Empty
                    do! client |> Datagrams.sendBytes [||]
                    do! client |> Datagrams.sendText "behind"

                    for expected in [ ""; ""; "behind" ] do
                        let! text, _ = receiveText server
                        Expect.equal text expected "in order"
                })

            once "what there is no room for is told as truncated" (fun () ->
                withPair Udp (DatagramOptions(MaxDatagramSize = 6)) (fun server client ->
                    io {
                        do!
                            client
                            |> Datagrams.sendMany [| bytes "1234567"; bytes "123456"; bytes "12345"; bytes "123" |]

                        let buffer = Array.zeroCreate<byte> 100

                        for room, expected in [ 100, (6, true); 100, (6, false); 4, (4, true); 3, (3, false) ] do
                            let! info = server |> Datagrams.receive (Memory<byte>(buffer, 0, room))
                            Expect.equal (info.Length, info.IsTruncated) expected "the figures"
                    }))

            overAll "many are sent together, and received as they have come" (fun server client ->
                io {
                    let count = 100
                    do! client |> Datagrams.sendMany [||]

                    do!
                        client
                        |> Datagrams.sendMany (Array.init count (fun index -> bytes (String('x', index))))

                    let buffers = Array.init 7 (fun _ -> Memory<byte>(Array.zeroCreate<byte> count))
                    let infos = Array.zeroCreate<DatagramInfo> 9
                    let mutable next = 0

                    while next < count do
                        let! received = server |> Datagrams.receiveMany buffers infos
                        Expect.isTrue (received >= 1 && received <= 7) $"{received} of 7"

                        for index in 0 .. received - 1 do
                            Expect.equal infos[index].Length next "in order"
                            next <- next + 1

                        // Each is answered to its sender.
                        do!
                            server
                            |> Datagrams.sendManyTo (
                                Array.init received (fun index ->
                                    struct (infos[index].Sender,
                                            Memory.op_Implicit (buffers[index].Slice(0, infos[index].Length))))
                            )

                    for expected in 0 .. count - 1 do
                        let! text, _ = receiveText client
                        Expect.equal text.Length expected "the answer"
                })

            once "a batch waits for one, and takes no more than has come" (fun () ->
                withPair Udp (DatagramOptions()) (fun server client ->
                    io {
                        let buffers = Array.init 3 (fun _ -> Memory<byte>(Array.zeroCreate<byte> 10))
                        let infos = Array.zeroCreate<DatagramInfo> 2
                        let! token = Io.token
                        let waiting = Io.toTask token (server |> Datagrams.receiveMany buffers infos)
                        do! client |> Datagrams.sendText "one"
                        let! count = waiting
                        Expect.equal (count, infos[0].Length) (1, 3) "one alone"

                        // The least of both arrays.
                        do! client |> Datagrams.sendMany [| bytes "a"; bytes "bc"; bytes "def" |]
                        let mutable left = 3

                        while left > 0 do
                            let! count = server |> Datagrams.receiveMany buffers infos
                            Expect.isLessThanOrEqual count 2 "room for two"
                            left <- left - count

                        Expect.equal left 0 "all three"
                    }))

            once "a batch without room is a bug" (fun () ->
                withPair Udp (DatagramOptions()) (fun server _ ->
                    io {
                        let! _ =
                            expectRaises<ArgumentException, _>
                                (run (server |> Datagrams.receiveMany [||] (Array.zeroCreate 1)))
                                "no buffers"

                        let! _ =
                            expectRaises<ArgumentException, _>
                                (run (server |> Datagrams.receiveMany [| Memory<byte>.Empty |] [||]))
                                "no infos"

                        return ()
                    }))

            once "a refusal is an error in place of a datagram, and the socket goes on" (fun () ->
                withRefusal (fun nobody client ->
                    io {
                        match! client |> Datagrams.receive (Memory<byte>(Array.zeroCreate 1)) |> Io.toResult with
                        | Error(Refused _) -> ()
                        | other -> failtest $"{other}"

                        use! server = Datagrams.bind nobody
                        do! client |> Datagrams.sendText "now"
                        let! text, _ = receiveText server
                        Expect.equal text "now" "the datagram"
                    }))

            once "one that is too large fails alone, and those beside it arrive" (fun () ->
                withPair Udp (DatagramOptions()) (fun server client ->
                    io {
                        let large = ReadOnlyMemory<byte>(Array.zeroCreate 70_000)

                        match! client |> Datagrams.send large |> Io.toResult with
                        | Error error -> Expect.equal error.Code IoErrorCode.InvalidArgument "one alone"
                        | other -> failtest $"{other}"

                        match! client |> Datagrams.sendMany [| bytes "a"; large; bytes "b" |] |> Io.toResult with
                        | Error error -> Expect.equal error.Code IoErrorCode.InvalidArgument "one of three"
                        | other -> failtest $"{other}"

                        for expected in [ "a"; "b" ] do
                            let! text, _ = receiveText server
                            Expect.equal text expected "beside it"
                    }))

            once "an address in use, one that is none, and one that takes no datagrams" (fun () ->
                withPair Udp (DatagramOptions()) (fun server _ ->
                    io {
                        match! Datagrams.bind server.LocalEndpoint |> Io.toResult with
                        | Error(AddressInUse _) -> ()
                        | other -> failtest $"{other}"

                        match! Datagrams.connect (Endpoint.udp "localhost" 1) |> Io.toResult with
                        | Error error -> Expect.equal error.Code IoErrorCode.SocketInvalidAddress "a name"
                        | other -> failtest $"{other}"

                        match Datagrams.address (SocketEndpoint.Vsock(1u, 1u)) with
                        | Error error -> Expect.equal error.Code IoErrorCode.SocketInvalidAddress "VSOCK"
                        | other -> failtest $"{other}"
                    }))

            once "no address to send to is a bug, and what was started before is waited for" (fun () ->
                withPair Udp (DatagramOptions()) (fun server client ->
                    io {
                        let nowhere = DatagramAddress()

                        let! _ =
                            expectRaises<ArgumentException, _>
                                (run (server |> Datagrams.sendTo nowhere (bytes "x")))
                                "one alone"

                        let! address = Datagrams.address client.LocalEndpoint

                        let! _ =
                            expectRaises<ArgumentException, _>
                                (run (
                                    server
                                    |> Datagrams.sendManyTo
                                        [| struct (address, bytes "sent"); struct (nowhere, bytes "not sent") |]
                                ))
                                "one of two"

                        let! text, _ = receiveText client
                        Expect.equal text "sent" "the first"
                    }))

            expectCanceled "a receive can be given up" (fun _ -> Io.ofValue ()) (fun server _ ->
                server |> Datagrams.receive (Memory<byte>(Array.zeroCreate 1)) |> Io.map ignore)

            expectCanceled "a batch can be given up" (fun _ -> Io.ofValue ()) (fun server _ ->
                server
                |> Datagrams.receiveMany (Array.create 2 Memory<byte>.Empty) (Array.zeroCreate 2)
                |> Io.map ignore)

            expectCanceled "sends that wait can be given up" (receiveText >> Io.map ignore) (fun _ client ->
                client |> Datagrams.sendMany (Array.create 300 (bytes "waits")))

            once "a receive can have a limit" (fun () ->
                withPair Udp (DatagramOptions()) (fun server client ->
                    io {
                        match! receiveText server |> Io.timeout (milliseconds 20.) |> Io.toResult with
                        | Error(TimedOut _) -> ()
                        | other -> failtest $"{other}"

                        do! client |> Datagrams.sendText "on"
                        let! text, _ = receiveText server
                        Expect.equal text "on" "nothing was lost"
                    }))

            once "nothing begins when the run is cancelled" (fun () ->
                withPair Udp (DatagramOptions()) (fun server client ->
                    io {
                        let token = CancellationToken true
                        let free = Endpoint.udp "127.0.0.1" 0

                        let never (name: string) (operation: Io<'T>) : Task<unit> =
                            task {
                                let! _ = expectRaises<OperationCanceledException, _> (runWith token operation) name
                                ()
                            }

                        do! never "bind" (Datagrams.bind free)
                        do! never "connect" (Datagrams.connect server.LocalEndpoint)
                        do! never "send" (client |> Datagrams.sendText "never")
                        do! never "sendMany" (client |> Datagrams.sendMany [| bytes "never" |])
                        do! client |> Datagrams.sendText "this"
                        let! text, _ = receiveText server
                        Expect.equal text "this" "alone"
                    }))

            once "a socket that was disposed is misused: a bug" (fun () ->
                withPair Udp (DatagramOptions()) (fun _ client ->
                    io {
                        let! token = Io.token
                        let waiting = Io.toTask token (receiveText client)
                        do! client.DisposeAsync()
                        let! _ = expectRaises<ObjectDisposedException, _> waiting "it was waiting"

                        let! _ =
                            expectRaises<ObjectDisposedException, _>
                                (run (client |> Datagrams.sendText "late"))
                                "send"

                        let! _ =
                            expectRaises<ObjectDisposedException, _>
                                (run (client |> Datagrams.sendMany [| bytes "late"; bytes "later" |]))
                                "sendMany"

                        let! _ =
                            expectRaises<ObjectDisposedException, _> (run (receiveText client)) "receive"

                        return ()
                    }))
        ]
