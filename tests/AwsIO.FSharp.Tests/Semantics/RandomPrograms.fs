module AwsIO.FSharp.Tests.Static.RandomPrograms

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp
open AwsIO.Tasks
open AwsIO.FSharp.Tests
open AwsIO.FSharp.Tests.Programs
open AwsIO.FSharp.Tests.Static

let private numbered (number: int) = failure $"{number}"

/// The record, and who cancels the run.
type private World(source: CancellationTokenSource) =
    let record = Record()
    member _.Mark(event: string) = record.Add event
    member _.Events = record.Events
    member _.Cancel() = source.Cancel()

let private paceOf (pace: bool) = if pace then Incomplete else Complete

let private describe (error: exn) =
    match error with
    | :? OperationCanceledException -> "canceled"
    | other -> other.Message

type private Disposed(world: World, resource: Resource, pace: bool) =
    interface IAsyncDisposable with
        member _.DisposeAsync() =
            world.Mark "disposed"

            match resource with
            | FailingByBug -> ValueTask((paceOf pace).Raise<unit>(InvalidOperationException "disposal"))
            | FailingByError -> ValueTask((paceOf pace).Raise<unit>(IoException(numbered -1)))
            | _ -> ValueTask((paceOf pace).Pause())

type private DisposedAtOnce(world: World) =
    interface IDisposable with
        member _.Dispose() = world.Mark "disposed"

type private Elements(world: World, count: int, pace: bool) =
    interface IAsyncEnumerable<int> with
        member _.GetAsyncEnumerator(_: CancellationToken) =
            let mutable current = 0

            { new IAsyncEnumerator<int> with
                member _.Current = current

                member _.MoveNextAsync() =
                    current <- current + 1
                    ValueTask<bool>((paceOf pace).Give(current <= count))

                member _.DisposeAsync() =
                    world.Mark "sequence disposed"
                    ValueTask((paceOf pace).Pause())
            }

let rec private build (world: World) (program: Program) : Io<unit> =
    match program with
    | Mark number -> io { world.Mark $"{number}" }
    | Operation(Well, pace, _) -> io { do! (paceOf pace).Pause() }
    | Operation(ByError, pace, number) -> io { do! (paceOf pace).End(Error(numbered number)) }
    | Operation(ByTaskError, pace, number) -> io { do! (paceOf pace).Raise<unit>(IoException(numbered number)) }
    | Operation(ByBug, pace, number) -> io { do! (paceOf pace).Raise<unit>(InvalidOperationException $"bug {number}") }
    | RaiseBug number -> io { invalidOp $"bug {number}" }
    | RaiseError number -> io { raise (IoException(numbered number)) }
    | Cancel -> io { world.Cancel() }
    | Sequence programs ->
        // By pairs, so that Combine is nested both ways.
        match programs with
        | [] -> io { () }
        | [ one ] -> io { do! build world one }
        | [ one; two ] ->
            io {
                do! build world one
                do! build world two
            }
        | one :: two :: rest ->
            io {
                do! build world one

                if not rest.IsEmpty then
                    do! build world two

                do! build world (Sequence rest)
            }
    | While(rounds, body) ->
        io {
            let mutable left = few rounds

            while left > 0 do
                left <- left - 1
                do! build world body
        }
    | ForEach(count, body) ->
        io {
            for _ in 1 .. few count do
                do! build world body
        }
    | ForEachAsync(count, pace, body) ->
        io {
            for _ in Elements(world, few count, pace) do
                do! build world body
        }
    | Finally(body, number) ->
        io {
            try
                do! build world body
            finally
                world.Mark $"finally {number}"
        }
    | With(body, handler) ->
        io {
            try
                do! build world body
            with error ->
                world.Mark $"handled {describe error}"
                do! build world handler
        }
    | Use(Closed, pace, body) ->
        io {
            use! _ = (paceOf pace).Give(new DisposedAtOnce(world))
            do! build world body
        }
    | Use(resource, pace, body) ->
        io {
            use _ = new Disposed(world, resource, pace)
            do! build world body
        }
    | Catch(body, handler) ->
        build world body
        |> Io.catch (fun error ->
            io {
                world.Mark $"caught {error.Detail}"
                do! build world handler
            })
    | Everything(rounds, pace, first, second, handler, last) ->
        io {
            use _ = new DisposedAtOnce(world)
            let mutable left = few rounds

            while left > 0 do
                left <- left - 1

                try
                    try
                        do! build world first

                        for _ in 1..2 do
                            use! _ = (paceOf pace).Give(new Disposed(world, ClosedAsynchronously, pace))
                            do! build world second
                    finally
                        world.Mark "finally"
                with error ->
                    world.Mark $"handled {describe error}"
                    do! build world handler

            do! build world last
        }

let private perform (program: Program) : Outcome * string list =
    use source = new CancellationTokenSource()
    let world = World source
    let running = runWith source.Token (build world program)

    let outcome =
        try
            match running.GetAwaiter().GetResult() with
            | Ok() -> Done
            | Error error -> Failed(int error.Detail)
        with error ->
            Raised(describe error)

    outcome, world.Events

[<Tests>]
let tests =
    testList
        $"random programs, {flavour}"
        [
            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with
                    maxTest = 400
                    endSize = 40
                }
                "do what the interpreter says"
            <| fun (program: Program) -> Expect.equal (perform program) (interpret program) $"%A{program}"
        ]
