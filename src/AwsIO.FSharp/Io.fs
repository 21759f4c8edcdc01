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

    /// <summary>Starts a task with the run's token, and ends as it ends.</summary>
    let ofTask (start: CancellationToken -> Task<'T>) : Io<'T> =
        io {
            let! token = fun token -> ValueTask<_>(Ok token)
            return! start token
        }

    /// <summary>The run's token.</summary>
    let token: Io<CancellationToken> = fun token -> ValueTask<_>(Ok token)

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

    /// <summary>The outcome as a value: the operation itself then never ends with an error.</summary>
    let toResult (operation: Io<'T>) : Io<Result<'T, IoError>> =
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
    /// is waited for.
    /// </summary>
    let timeout (limit: TimeSpan) (operation: Io<'T>) : Io<'T> =
        let run (token: CancellationToken) : Task<Result<'T, IoError>> =
            task {
                use source = CancellationTokenSource.CreateLinkedTokenSource token
                source.CancelAfter limit

                try
                    return! operation source.Token
                with :? OperationCanceledException when
                    source.IsCancellationRequested && not token.IsCancellationRequested ->
                    return
                        Error(
                            IoError(
                                IoErrorCode.SocketTimeout,
                                $"The operation took longer than {limit.TotalMilliseconds} ms."
                            )
                        )
            }

        fun token -> ValueTask<Result<'T, IoError>>(run token)

    /// <summary>Runs the operation as a task that fails with an <see cref="T:AwsIO.Tasks.IoException"/>.</summary>
    let toTask (token: CancellationToken) (operation: Io<'T>) : Task<'T> =
        task {
            match! operation token with
            | Ok value -> return value
            | Error error -> return raise (IoException error)
        }

    /// <summary>Runs the operation as an asynchronous computation, with its token.</summary>
    let toAsync (operation: Io<'T>) : Async<Result<'T, IoError>> =
        async {
            let! token = Async.CancellationToken
            return! (operation token).AsTask() |> Async.AwaitTask
        }

    /// <summary>Runs the operation and waits for its end, for scripts and <c>main</c>. Not on an event loop.</summary>
    let runWith (token: CancellationToken) (operation: Io<'T>) : Result<'T, IoError> =
        match EventLoop.Current with
        | null -> (operation token).AsTask().GetAwaiter().GetResult()
        | loop ->
            invalidOp
                $"{loop.Name} cannot run an operation and wait for its end: the loop would never go on. Bind the operation instead."

    /// <summary>Runs the operation and waits for its end, for scripts and <c>main</c>. Not on an event loop.</summary>
    let run (operation: Io<'T>) : Result<'T, IoError> =
        runWith CancellationToken.None operation

/// <summary>Spans of time.</summary>
[<AutoOpen>]
module Durations =

    /// <summary>So many seconds.</summary>
    let seconds (count: float) = TimeSpan.FromSeconds count

    /// <summary>So many milliseconds.</summary>
    let milliseconds (count: float) = TimeSpan.FromMilliseconds count
