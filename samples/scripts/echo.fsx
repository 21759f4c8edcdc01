// An echo server and a client in one script: TLS is left out, nothing else is.
//
//   dotnet build src/AwsIO.FSharp -c Release -f net10.0
//   dotnet fsi samples/scripts/echo.fsx
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.Core.dll"
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.Tasks.dll"
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.FSharp.dll"

open System.Threading
open AwsIO.FSharp

let echo connection =
    io {
        for chunk in Connection.chunks connection do
            do! connection |> Connection.write chunk
    }

let talk port =
    io {
        use! connection = Client.connectPlain "localhost" port
        do! connection |> Connection.writeText "hello\nloop\n"
        let! first = connection |> Connection.readLine
        let! second = connection |> Connection.readLine
        do! connection |> Connection.shutdownWrite
        let! rest = connection |> Connection.readToEnd
        return $"{first}, {second}, then {rest.Length} bytes"
    }

let program =
    io {
        use! listener = Server.listen (Endpoint.tcp "127.0.0.1" 0)
        use stop = new CancellationTokenSource()
        let serving = listener |> Server.serveWith (fun _ _ -> ()) echo
        let running = serving stop.Token
        let! said = talk listener.LocalEndpoint.Port |> Io.timeout (seconds 5)
        stop.Cancel()

        try
            let! _ = running.AsTask()
            ()
        with :? System.OperationCanceledException ->
            printfn "server stopped"

        return said
    }

match Io.run program with
| Ok said -> printfn $"{said}"
| Error(Refused reason) -> eprintfn $"refused: {reason}"
| Error error -> eprintfn $"{error}"

match Io.run (Client.connectPlain "127.0.0.1" 1) with
| Ok _ -> eprintfn "somebody listens on port 1"
| Error(Refused reason) -> printfn $"{reason}"
| Error other -> eprintfn $"{other}"
