// The F# of README.md. Nothing need listen on port 443: being refused is one of its ends.
//
//   dotnet build src/AwsIO.FSharp -c Release -f net10.0
//   dotnet fsi samples/scripts/readme.fsx
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.Core.dll"
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.Tasks.dll"
#r "../../src/AwsIO.FSharp/bin/Release/net10.0/AwsIO.FSharp.dll"

// <snippet readme>
open AwsIO.FSharp

let head host port =
    io {
        use! connection = Client.connect (tls { alpn [ "http/1.1" ] }) host port
        do! connection |> Connection.writeText $"HEAD / HTTP/1.0\r\nHost: {host}\r\n\r\n"
        return! connection |> Connection.readLine
    }

match Io.run (head "localhost" 443 |> Io.timeout (seconds 5)) with
| Ok status -> printfn $"{status}"
| Error(Refused reason) -> printfn $"{reason}. Is the server running?"
| Error other -> printfn $"{other}"
// </snippet>

// The same with a port that nobody listens on.
match Io.run (head "127.0.0.1" 1 |> Io.timeout (seconds 5)) with
| Error(Refused reason) -> printfn $"{reason}. Is the server running?"
| other -> printfn $"{other}"
