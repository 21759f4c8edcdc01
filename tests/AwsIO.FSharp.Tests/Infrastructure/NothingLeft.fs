/// Tests with connections, behind which nothing may be left.
[<AutoOpen>]
module AwsIO.FSharp.Tests.NothingLeft

open System
open System.IO
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO.Tasks

let private read (read: unit -> string | null) : string =
    try
        match read () with
        | null -> ""
        | text -> text.Trim()
    with :? IOException ->
        // It has gone meanwhile.
        ""

/// Sockets and what loops hold, each with its number, and threads of loops. No pipes: other tests start programs at the same time. No
/// threads of the resolver: it keeps them for a while.
let private held () : Set<string> =
    let descriptors =
        Directory.EnumerateFileSystemEntries "/proc/self/fd"
        |> Seq.map (fun path -> Path.GetFileName path, read (fun () -> FileInfo(path).LinkTarget))
        |> Seq.filter (fun (_, target) -> target.StartsWith "socket:" || target.StartsWith "anon_inode:")

    let threads =
        Directory.EnumerateDirectories "/proc/self/task"
        |> Seq.map (fun path -> Path.GetFileName path, read (fun () -> File.ReadAllText(Path.Combine(path, "comm"))))
        |> Seq.filter (fun (_, name) -> name.StartsWith "awsio-" && not (name.StartsWith "awsio-res"))

    Seq.append descriptors threads
    |> Seq.map (fun (number, name) -> $"{number} -> {name}")
    |> Set.ofSeq

/// Makes what the process keeps: the shared loops, and what .NET's own sockets wait with.
let private warm: Lazy<unit> =
    lazy
        (IoRuntime.Shared.Group[0] |> ignore

         use socket =
             new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)

         socket.Bind(IPEndPoint(IPAddress.Loopback, 0))
         let receiving = socket.ReceiveAsync(ArraySegment(Array.zeroCreate<byte> 1))
         socket.SendTo([| 1uy |], nonNull socket.LocalEndPoint) |> ignore
         receiving.Wait limit |> ignore)

/// What a connection leaves goes on its loop, which nobody is told of.
let private expectNothingSince (before: Set<string>) : unit =
    let ended = DateTime.UtcNow + limit
    let mutable left = held () - before

    while not left.IsEmpty && DateTime.UtcNow < ended do
        Thread.Yield() |> ignore
        left <- held () - before

    if not left.IsEmpty then
        let names = String.Join(", ", left)
        failtest $"left: {names}"

let private watched (code: TestCode) : TestCode =
    match code with
    | Sync test ->
        Sync(fun () ->
            warm.Force()
            let before = held ()
            test ()
            expectNothingSince before)
    | Async test ->
        Async(
            async {
                warm.Force()
                let before = held ()
                do! test
                expectNothingSince before
            }
        )
    | other -> other

/// A list of tests that make connections. One runs at a time, and behind each there is no descriptor and no thread that was not there
/// before.
let leavingNothing (name: string) (tests: Test list) : Test =
    let rec wrap test =
        match test with
        | TestCase(code, state) -> TestCase(watched code, state)
        | TestList(tests, state) -> TestList(List.map wrap tests, state)
        | TestLabel(name, test, state) -> TestLabel(name, wrap test, state)
        | Test.Sequenced(how, test) -> Test.Sequenced(how, wrap test)

    testSequencedGroup "connections" (wrap (testList name tests))
