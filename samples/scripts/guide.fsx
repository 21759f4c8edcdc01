// What docs/fsharp.md shows, in one script that runs from top to bottom.
//
//   dotnet build tests/AwsIO.FSharp.Tests -c Release -f net10.0
//   dotnet fsi samples/scripts/guide.fsx
#r "../../src/AwsIO.Testing/bin/Release/net10.0/AwsIO.Testing.dll"

// <snippet assemblies>
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.Core.dll"
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.Tasks.dll"
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.FSharp.dll"
// </snippet>

open System
open System.IO
open System.Text
open System.Threading
open System.Threading.Tasks
open AwsIO
open AwsIO.Tasks
open AwsIO.Testing
open AwsIO.FSharp

// <snippet cold>
let greeting =
    io {
        printfn "a run"
        return "hello"
    }

// Nothing has happened so far. Each of these is a run of its own:
let first = Io.run greeting
let second = Io.run greeting
// </snippet>

printfn $"cold: %A{first}, %A{second}"

// <snippet errors>
let describe outcome =
    match outcome with
    | Ok value -> $"{value}"
    | Error(Refused reason) -> $"{reason}. Is the server running?"
    | Error(TimedOut reason) -> $"too slow: {reason}"
    | Error(TlsFailed reason) -> $"not to be trusted: {reason}"
    | Error other -> $"{other.Code}: {other.Detail}"
// </snippet>

// <snippet catch>
/// Connects to the first of these ports that takes the connection.
let rec connectToAny (ports: int list) : Io<IoConnection> =
    match ports with
    | [] -> Io.fail (IoError(IoErrorCode.SocketConnectionRefused, "No port is left to try"))
    | port :: others ->
        Client.connectPlain "127.0.0.1" port
        |> Io.catch (fun error ->
            match error with
            | Refused _ -> connectToAny others
            | other -> Io.fail other)
// </snippet>

let refused =
    io {
        use! connection = connectToAny [ 1; 2 ]
        return connection.RemoteEndpoint
    }

printfn $"errors: {describe (Io.run refused)}"

// <snippet result>
let logged operation =
    io {
        match! Io.toResult operation with
        | Ok value -> return Some value
        | Error error ->
            printfn $"it failed: {error.Detail}"
            return None
    }
// </snippet>

printfn $"result: %A{Io.run (logged (connectToAny []))}"

// <snippet cancel>
let waitFor (delay: TimeSpan) =
    io {
        let! token = Io.token
        do! Task.Delay(delay, token)
        return "waited"
    }

let cancelled () =
    use stop = new CancellationTokenSource(milliseconds 50)

    try
        describe (Io.runWith stop.Token (waitFor (seconds 60)))
    with :? OperationCanceledException ->
        "cancelled"
// </snippet>

printfn $"cancel: {cancelled ()}"

// <snippet timeout>
let patient = waitFor (milliseconds 1) |> Io.timeout (seconds 5)
let impatient = waitFor (seconds 60) |> Io.timeout (milliseconds 50)
// </snippet>

printfn $"timeout: {describe (Io.run patient)}; {describe (Io.run impatient)}"

// <snippet binds>
let everything =
    io {
        let! a = Task.FromResult 1
        let! b = ValueTask<int> 2
        let! c = async { return 3 }
        let! d = Ok 4
        let! e = Io.ofValue 5
        do! Task.Delay 1
        return a + b + c + d + e
    }
// </snippet>

printfn $"binds: {describe (Io.run everything)}"

// <snippet own>
let port (text: string) : Result<int, IoError> =
    match Int32.TryParse text with
    | true, number when number > 0 && number < 65536 -> Ok number
    | _ -> Error(IoError(IoErrorCode.SocketInvalidAddress, $"'{text}' is no port."))

let connectTo text =
    io {
        let! number = port text
        use! connection = Client.connectPlain "127.0.0.1" number
        return! connection |> Connection.readLine
    }
// </snippet>

let wrong = Io.run (connectTo "seven")
printfn $"own: {describe wrong}"

// <snippet server>
let echo (connection: IoConnection) =
    io {
        for chunk in Connection.chunks connection do
            do! connection |> Connection.write chunk
    }

let onError (connection: IoConnection) (reason: Choice<IoError, exn>) =
    match reason with
    | Choice1Of2 error -> printfn $"{connection.RemoteEndpoint}: {error}"
    | Choice2Of2 bug -> printfn $"{connection.RemoteEndpoint}: a bug: {bug}"
// </snippet>

let authority = new TestCertificateAuthority()
let certificate = authority.Issue()

let certificatePem, privateKeyPem, authorityPem =
    certificate.CertificatePem, certificate.PrivateKeyPem, authority.CertificatePem

// <snippet options>
let serverTls =
    ServerTls.ofPem certificatePem privateKeyPem
    |> ServerTls.withAlpn [ "http/1.1"; "echo" ]

let clientTls =
    tls {
        trust authorityPem
        alpn [ "echo" ]
        minimumVersion TlsVersion.Tls13
        handshakeTimeout (seconds 5)
    }

let tcp = Endpoint.tcp "127.0.0.1" 0

let unix =
    Endpoint.unix (Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock"))
// </snippet>

// <snippet resources>
let talk (number: int) =
    io {
        use! connection = Client.connect clientTls "localhost" number
        do! connection |> Connection.writeText "hello\nloop\n"
        do! connection |> Connection.shutdownWrite
        let lines = ResizeArray()

        for _ in 1..2 do
            let! line = connection |> Connection.readLine
            lines.Add line

        let text = String.Join(", ", lines)
        return $"{text} over {connection.Tls.Protocol}"
    }
// </snippet>

// <snippet serving>
let program =
    io {
        use! listener = Server.listenTls serverTls tcp
        use stop = new CancellationTokenSource()
        let serving = (Server.serveWith onError echo listener) stop.Token
        let! said = talk listener.LocalEndpoint.Port |> Io.timeout (seconds 20)
        stop.Cancel()

        try
            let! _ = serving.AsTask()
            return said
        with :? OperationCanceledException ->
            return said
    }
// </snippet>

printfn $"tls: {describe (Io.run program)}"

let path =
    io {
        use! listener = Server.listen unix
        return listener.LocalEndpoint.Domain
    }

printfn $"unix: {describe (Io.run path)}"
File.Delete unix.Address

// <snippet datagrams>
let exchange =
    io {
        use! server = Datagrams.bind (Endpoint.udp "127.0.0.1" 0)
        use! client = Datagrams.connect server.LocalEndpoint
        do! client |> Datagrams.sendText "ping"
        let buffer = Array.zeroCreate<byte> 2048
        let! ping = server |> Datagrams.receive (Memory<byte> buffer)

        // Back to whoever sent it.
        do!
            server
            |> Datagrams.sendTo ping.Sender (ReadOnlyMemory<byte>(buffer, 0, ping.Length))

        let! pong = client |> Datagrams.receive (Memory<byte> buffer)
        return Encoding.UTF8.GetString(buffer, 0, pong.Length), pong.IsTruncated
    }
// </snippet>

printfn $"datagrams: {describe (Io.run exchange)}"

// <snippet batches>
/// Sends back what has come, as many at a time as there are buffers.
let echoBatches (socket: IoDatagramSocket) : Io<unit> =
    io {
        let data = Array.init 32 (fun _ -> Array.zeroCreate<byte> 2048)
        let buffers = data |> Array.map Memory<byte>
        let infos = Array.zeroCreate<DatagramInfo> buffers.Length

        while true do
            let! count = socket |> Datagrams.receiveMany buffers infos

            let answers =
                Array.init count (fun i -> struct (infos[i].Sender, ReadOnlyMemory<byte>(data[i], 0, infos[i].Length)))

            do! socket |> Datagrams.sendManyTo answers
    }
// </snippet>

let batches =
    io {
        use! server = Datagrams.bind (Endpoint.udp "127.0.0.1" 0)
        use! client = Datagrams.connect server.LocalEndpoint
        use stop = new CancellationTokenSource()
        let serving = (echoBatches server) stop.Token

        do!
            client
            |> Datagrams.sendMany (Array.init 50 (fun size -> ReadOnlyMemory<byte>(Array.zeroCreate<byte> size)))

        let mutable total = 0

        for _ in 1..50 do
            let! answer = client |> Datagrams.receive (Memory<byte>(Array.zeroCreate<byte> 100))
            total <- total + answer.Length

        stop.Cancel()

        try
            let! _ = serving.AsTask()
            return total
        with :? OperationCanceledException ->
            return total
    }

printfn $"batches: {describe (Io.run batches)}"

// <snippet interop>
// For C# and for task { }: an error becomes an IoException.
let started: Task<int> = everything |> Io.toTask CancellationToken.None

let inTask =
    task {
        let! sum = started
        let! outcome = everything CancellationToken.None // as it is: a Result, and no exception
        return sum, outcome
    }

// For async { }: the run's token is that of the computation.
let inAsync =
    async {
        let! outcome = everything |> Io.toAsync
        return Result.defaultValue 0 outcome
    }
// </snippet>

printfn $"interop: %A{inTask.Result}, {Async.RunSynchronously inAsync}"

// <snippet handler>
/// Sends back what comes, on the loop's thread. The message's ownership goes on with it.
let echoHandler () =
    Handler.create (fun slot message ->
        slot.IncrementReadWindow message.Length
        slot.Send(message, ChannelDirection.Write))
// </snippet>

printfn $"handler: {isNull (box (echoHandler ()))}"
