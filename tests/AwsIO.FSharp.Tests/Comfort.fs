/// What a user writes without a thought for types: that it compiles is most of the test.
module AwsIO.FSharp.Tests.Comfort

open System
open System.IO
open System.Net.Http
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks

// An operation that nothing is known of is an Io.
let private twice operation =
    io {
        let! first = operation
        let! second = operation
        return first + second
    }

// What a bind gives has its type at once, so that its members are there. A use! of what is IDisposable only, by a task.
let private members (path: string) =
    io {
        use! stream = Task.FromResult(new MemoryStream(100))
        let! text = Task.FromResult "abc"
        let! parts = async { return text.Split 'b' }
        use client = new HttpClient()
        use! reader = ValueTask<_>(new StringReader(parts[0]))
        return stream.Capacity, reader.ReadToEnd(), path.Length, client.MaxResponseContentBufferSize > 0L
    }

// Lambdas are operations.
let private lambda =
    io {
        let! token = fun (token: CancellationToken) -> ValueTask<_>(Ok token)
        return token.CanBeCanceled
    }

// Errors of one's own, and a choice of ends.
let private choose number =
    io {
        if number < 0 then return! Error(failure "negative")
        elif number = 0 then return! Io.fail (failure "zero")
        else return number
    }

// Pipes, partial application, operations in lists.
let private all (operations: Io<int> list) =
    io {
        let mutable values = []

        for operation in operations do
            let! value = operation
            values <- value :: values

        return List.rev values
    }

// Generic in what it gives.
let private orElse (fallback: 'T) (operation: Io<'T>) =
    operation |> Io.catch (fun _ -> io { return fallback })

// As README has it.
let private head host port =
    io {
        use! connection = Client.connect (tls { alpn [ "http/1.1" ] }) host port
        do! connection |> Connection.writeText $"HEAD / HTTP/1.0\r\nHost: {host}\r\n\r\n"
        return! connection |> Connection.readLine
    }

let private watch port =
    io {
        let! status = head "localhost" port |> Io.timeout (seconds 5)
        printfn $"{status}"
    }

let private outcome port =
    match Io.run (watch port) with
    | Ok() -> "well"
    | Error(Refused reason) -> $"{reason}. Is the server running?"
    | Error(TlsFailed reason) -> $"TLS: {reason}"
    | Error other -> $"{other}"

let private echo =
    Server.serve (Endpoint.tcp "127.0.0.1" 7) (fun connection ->
        io {
            for chunk in Connection.chunks connection do
                do! connection |> Connection.write chunk
        })

let private handler =
    Handler.create (fun slot message -> slot.Send(message, ChannelDirection.Write))

[<Tests>]
let tests =
    testList
        "comfort"
        [
            once "types are inferred" (fun () ->
                task {
                    let! a = run (twice (Io.ofValue 2))
                    let! b = run (members "xyz")
                    let! c = run lambda
                    let! d = run (all [ choose 1; choose 2; Io.ofValue 3 ])
                    let! e = run (all [ choose 1; choose 0 ])
                    let! f = run (choose -1 |> orElse 9)
                    Expect.equal a (Ok 4) "twice"
                    Expect.equal b (Ok(100, "a", 3, true)) "members"
                    Expect.equal c (Ok false) "a lambda"
                    Expect.equal d (Ok [ 1; 2; 3 ]) "all"
                    Expect.equal (detail e) (Error "zero") "the first error"
                    Expect.equal f (Ok 9) "the fallback"
                })

            testCase "the first examples compile and say what they should"
            <| fun () ->
                Expect.stringStarts (outcome 1) "Connecting to " "port 1"
                Expect.isNotNull (box echo) "an operation that was not run"
                Expect.isNotNull (box handler) "a handler"

            once "task { } and async { } take what the facade gives" (fun () ->
                task {
                    let! value = Io.ofValue 1 |> Io.toTask CancellationToken.None
                    let! outcome = Io.ofValue 2 CancellationToken.None
                    let! other = async { return! Io.ofValue 3 |> Io.toAsync }
                    Expect.equal (value, outcome, other) (1, Ok 2, Ok 3) "all three"
                })
        ]
