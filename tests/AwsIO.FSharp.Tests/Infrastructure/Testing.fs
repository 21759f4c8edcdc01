/// What all tests share: running with a limit, operations that are complete or not, and records of what happened.
[<AutoOpen>]
module AwsIO.FSharp.Tests.Testing

open System
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Expecto
open AwsIO
open AwsIO.FSharp

/// A hang fails its test after this long.
let limit = TimeSpan.FromSeconds 30.

/// Runs an operation with a token, and gives what it ended with or raises what it raised.
let runWith (token: CancellationToken) (operation: Io<'T>) : Task<Result<'T, IoError>> =
    (operation token).AsTask().WaitAsync limit

/// Runs an operation that nobody cancels.
let run (operation: Io<'T>) =
    runWith CancellationToken.None operation

/// Some error, with a sentence by which tests tell errors apart.
let failure (detail: string) =
    IoError(IoErrorCode.ShortBuffer, detail)

/// The sentence of an error, since errors are equal when their codes are.
let detail (result: Result<'T, IoError>) : Result<'T, string> =
    result |> Result.mapError (fun error -> error.Detail)

/// What happened, in order.
type Record() =
    let events = ConcurrentQueue<string>()
    member _.Add(event: string) = events.Enqueue event
    member _.Events = List.ofSeq events

/// How operations of a test end: at once, or after the caller has had to wait for them.
type Pace =
    | Complete
    | Incomplete

    /// A task that gives a value at this pace.
    member pace.Give(value: 'T) : Task<'T> =
        match pace with
        | Complete -> Task.FromResult value
        | Incomplete ->
            task {
                do! Task.Yield()
                return value
            }

    /// A task that ends at this pace.
    member pace.Pause() : Task = pace.Give(())

    /// A task that raises at this pace.
    member pace.Raise(error: exn) : Task<'T> =
        match pace with
        | Complete -> Task.FromException<'T> error
        | Incomplete ->
            task {
                do! Task.Yield()
                return raise error
            }

    /// An operation that ends at this pace.
    member pace.End(result: Result<'T, IoError>) : Io<'T> =
        fun _ -> ValueTask<Result<'T, IoError>>(pace.Give result)

/// A test. Expecto's own testTask has a builder without use of what is only IDisposable.
let once (name: string) (body: unit -> Task<unit>) = testTask name { do! body () }

/// A test at both paces.
let paced (name: string) (body: Pace -> Task<unit>) =
    testList
        name
        [
            testTask "with complete operations" { do! body Complete }
            testTask "with incomplete operations" { do! body Incomplete }
        ]

/// Cleaned up by <c>Dispose</c>.
type Closing(name: string, record: Record) =
    interface IDisposable with
        member _.Dispose() = record.Add $"dispose {name}"

/// Cleaned up by <c>DisposeAsync</c> alone.
type AsyncClosing(name: string, record: Record, pace: Pace) =
    interface IAsyncDisposable with
        member _.DisposeAsync() =
            ValueTask(
                task {
                    do! pace.Pause()
                    record.Add $"dispose {name} asynchronously"
                }
            )

/// Cleaned up by either.
type EitherClosing(name: string, record: Record, pace: Pace) =
    interface IDisposable with
        member _.Dispose() = record.Add $"dispose {name}"

    interface IAsyncDisposable with
        member _.DisposeAsync() =
            ValueTask(
                task {
                    do! pace.Pause()
                    record.Add $"dispose {name} asynchronously"
                }
            )

/// Its clean-up raises.
type FailingAsyncClosing(error: exn, pace: Pace) =
    interface IAsyncDisposable with
        member _.DisposeAsync() = ValueTask(pace.Raise<unit> error)

/// That a task raises an exception of a kind, and which.
let expectRaises<'E, 'T when 'E :> exn> (running: Task<'T>) (message: string) : Task<'E> =
    task {
        try
            let! _ = running
            return failtest $"{message}: nothing was raised"
        with
        | :? 'E as expected -> return expected
        | :? AssertException as assertion -> return raise assertion
        | other -> return failtest $"{message}: {other}"
    }
