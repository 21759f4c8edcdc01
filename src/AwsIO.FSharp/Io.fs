namespace AwsIO.FSharp

open System
open System.Threading
open System.Threading.Tasks
open AwsIO
open AwsIO.Tasks

/// <summary>What can be done with an <c>Io</c>.</summary>
[<RequireQualifiedAccess>]
module Io =

    /// <summary>Ends with a value at once.</summary>
    let ofValue (value: 'T) : Io<'T> = fun _ -> ValueTask<_>(Ok value)

    /// <summary>Ends with an error at once.</summary>
    let fail (error: IoError) : Io<'T> = fun _ -> ValueTask<_>(Error error)

    /// <summary>Ends as a result says, at once.</summary>
    let ofResult (result: Result<'T, IoError>) : Io<'T> = fun _ -> ValueTask<_>(result)

    /// <summary>The run's token.</summary>
    let token: Io<CancellationToken> = fun token -> ValueTask<_>(Ok token)

    /// <summary>Starts a task with the run's token, and ends as it ends. The task is started anew by each run.</summary>
    let ofTask (start: CancellationToken -> Task<'T>) : Io<'T> =
        io {
            let! token = token
            return! start token
        }

    /// <summary>Goes on with the value.</summary>
    let bind (next: 'T -> Io<'U>) (operation: Io<'T>) : Io<'U> =
        io {
            let! value = operation
            return! next value
        }

    /// <summary>Changes the value.</summary>
    let map (change: 'T -> 'U) (operation: Io<'T>) : Io<'U> =
        io {
            let! value = operation
            return change value
        }

    /// <summary>
    /// The outcome as a value: the operation itself then never ends with an error. Cancellation and bugs are exceptions all the same.
    /// </summary>
    let toResult (operation: Io<'T>) : Io<Result<'T, IoError>> =
        // An operation need not be an io { }: what it raises becomes an error here.
        let operation: Io<'T> = io { return! operation }

        fun token ->
            let running = operation token

            if running.IsCompletedSuccessfully then
                ValueTask<_>(Ok running.Result)
            else
                let waiting: Task<Result<Result<'T, IoError>, IoError>> =
                    task {
                        let! outcome = running
                        return Ok outcome
                    }

                ValueTask<Result<Result<'T, IoError>, IoError>> waiting

    /// <summary>Goes on with another operation where this one ends with an error.</summary>
    let catch (handler: IoError -> Io<'T>) (operation: Io<'T>) : Io<'T> =
        io {
            match! toResult operation with
            | Ok value -> return value
            | Error error -> return! handler error
        }

    /// <summary>Changes the error.</summary>
    let mapError (change: IoError -> IoError) (operation: Io<'T>) : Io<'T> = catch (change >> fail) operation

    /// <summary>
    /// Gives an operation up that takes longer, with an error that <c>TimedOut</c> matches. The operation is cancelled, and what it says to that
    /// is waited for: a value that it still ends with counts.
    /// </summary>
    let timeout (limit: TimeSpan) (operation: Io<'T>) : Io<'T> =
        io {
            let! token = token
            use source = CancellationTokenSource.CreateLinkedTokenSource token
            source.CancelAfter limit

            try
                let limited = fun (_: CancellationToken) -> operation source.Token
                return! limited
            with :? OperationCanceledException when source.IsCancellationRequested && not token.IsCancellationRequested ->
                return!
                    Error(
                        IoError(
                            IoErrorCode.SocketTimeout,
                            $"The operation took longer than {limit.TotalMilliseconds} ms."
                        )
                    )
        }

    /// <summary>
    /// Runs the operation as a task. An error fails it with an <see cref="T:AwsIO.Tasks.IoException"/>, and cancellation cancels it.
    /// </summary>
    let toTask (token: CancellationToken) (operation: Io<'T>) : Task<'T> =
        task {
            match! operation token with
            | Ok value -> return value
            | Error error -> return raise (IoException error)
        }

    /// <summary>The operation as an asynchronous computation: as cold, and with the token of who runs that.</summary>
    let toAsync (operation: Io<'T>) : Async<Result<'T, IoError>> =
        async {
            let! token = Async.CancellationToken

            try
                return! (operation token).AsTask() |> Async.AwaitTask
            with error ->
                match IoRuntimeHelpers.unwrap error with
                | :? OperationCanceledException as canceled when token.IsCancellationRequested ->
                    // Rethrown, it would be a failure of the computation and not its cancellation.
                    return! Async.FromContinuations(fun (_, _, cancel) -> cancel canceled)
                | :? IoException as known -> return Error known.Error
                | other -> return! Async.FromContinuations(fun (_, fail, _) -> fail other)
        }

    /// <summary>
    /// Runs the operation and waits for its end, for scripts and <c>main</c>. Not on an event loop: there it raises an
    /// <see cref="T:System.InvalidOperationException"/>, since the loop would never go on.
    /// </summary>
    let runWith (token: CancellationToken) (operation: Io<'T>) : Result<'T, IoError> =
        match EventLoop.Current with
        | null -> (operation token).AsTask().GetAwaiter().GetResult()
        | loop ->
            invalidOp
                $"{loop.Name} cannot run an operation and wait for its end: the loop would never go on. Bind the operation instead."

    /// <summary>Runs the operation, which nothing can cancel, and waits for its end. Not on an event loop.</summary>
    let run (operation: Io<'T>) : Result<'T, IoError> =
        runWith CancellationToken.None operation

/// <summary>Spans of time.</summary>
[<AutoOpen>]
module Durations =

    /// <summary>So many seconds.</summary>
    let seconds (count: float) = TimeSpan.FromSeconds count

    /// <summary>So many milliseconds.</summary>
    let milliseconds (count: float) = TimeSpan.FromMilliseconds count
