namespace AwsIO.FSharp

open System
open System.Runtime.CompilerServices
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.FSharp.Core.CompilerServices
open AwsIO
open AwsIO.Tasks

/// <summary>
/// An operation that has not begun: given a token it runs, and ends with a value or a typed error. Each run is a new one. Cancellation is
/// an <see cref="T:System.OperationCanceledException"/>, and bugs are exceptions, not errors.
/// </summary>
type Io<'T> = CancellationToken -> ValueTask<Result<'T, IoError>>

/// <summary>What a running <c>io { }</c> keeps. For the compiler's use.</summary>
[<Struct; NoComparison; NoEquality>]
type IoStateMachineData<'T> =

    /// <summary>The value, once there is one.</summary>
    [<DefaultValue(false)>]
    val mutable Value: 'T

    /// <summary>The error, once <c>Failed</c> is set.</summary>
    [<DefaultValue(false)>]
    val mutable Error: IoError

    /// <summary>Whether a bound operation has failed: what follows is skipped, but for clean-up.</summary>
    [<DefaultValue(false)>]
    val mutable Failed: bool

    /// <summary>The run's token.</summary>
    [<DefaultValue(false)>]
    val mutable Token: CancellationToken

    /// <summary>Completes the run.</summary>
    [<DefaultValue(false)>]
    val mutable Builder: AsyncValueTaskMethodBuilder<Result<'T, IoError>>

    /// <summary>Ends the run with what it has come to.</summary>
    member data.Finish() =
        data.Builder.SetResult(if data.Failed then Error data.Error else Ok data.Value)

    /// <summary>Has the run end with an error; true, since there is nothing to wait for.</summary>
    member data.Give(error: IoError) =
        data.Error <- error
        data.Failed <- true
        true

    /// <summary>
    /// Ends the run with an exception. One that stands for an error is the error; a cancellation that came of the run's own token bears that
    /// token, whatever it was linked to or wrapped in below.
    /// </summary>
    member data.Fail(error: exn) =
        match error with
        | :? IoException as known -> data.Builder.SetResult(Error known.Error)
        | :? OperationCanceledException as canceled when
            data.Token.IsCancellationRequested && canceled.CancellationToken <> data.Token
            ->
            data.Builder.SetException(OperationCanceledException(canceled.Message, canceled, data.Token))
        | other -> data.Builder.SetException other

/// <summary>For the compiler's use.</summary>
type IoStateMachine<'TOverall> = ResumableStateMachine<IoStateMachineData<'TOverall>>

/// <summary>For the compiler's use.</summary>
type IoCode<'TOverall, 'T> = ResumableCode<IoStateMachineData<'TOverall>, 'T>

/// <summary>For the compiler's use.</summary>
type IoResumptionFunc<'TOverall> = ResumptionFunc<IoStateMachineData<'TOverall>>

/// <summary>For the compiler's use.</summary>
type IoResumptionDynamicInfo<'TOverall> = ResumptionDynamicInfo<IoStateMachineData<'TOverall>>

/// <summary>What inlined code of <c>io { }</c> calls. For the compiler's use.</summary>
module IoRuntimeHelpers =

    /// <summary>Takes a completed operation's outcome; an exception that stands for an error is the error.</summary>
    let takeResult (awaiter: ValueTaskAwaiter<Result<'T, IoError>>) : Result<'T, IoError> =
        try
            awaiter.GetResult()
        with :? IoException as known ->
            Error known.Error

    /// <summary>Takes a completed operation's value; an exception that stands for an error is the error.</summary>
    let take (awaiter: ValueTaskAwaiter<'T>) : Result<'T, IoError> =
        try
            Ok(awaiter.GetResult())
        with :? IoException as known ->
            Error known.Error

    /// <summary>Takes a completed operation's end; an exception that stands for an error is the error.</summary>
    let takeUnit (awaiter: ValueTaskAwaiter) : Result<unit, IoError> =
        try
            awaiter.GetResult()
            Ok()
        with :? IoException as known ->
            Error known.Error

    /// <summary>
    /// An exception as a task gave it to <c>Async.AwaitTask</c>, without the wrapping that the latter leaves around it.
    /// </summary>
    let unwrap (error: exn) : exn =
        match error with
        | :? AggregateException as wrapped when wrapped.InnerExceptions.Count = 1 -> wrapped.InnerException
        | other -> other

    /// <summary>An asynchronous computation as an operation.</summary>
    let ofAsync (computation: Async<'T>) : Io<'T> =
        fun token ->
            let running = Async.StartImmediateAsTask(computation, token)

            ValueTask<Result<'T, IoError>>(
                task {
                    try
                        let! value = running
                        return Ok value
                    with error ->
                        match unwrap error with
                        | :? IoException as known -> return Error known.Error
                        | other ->
                            ExceptionDispatchInfo.Throw other
                            return Unchecked.defaultof<_>
                }
            )

    /// <summary>
    /// Runs an operation on a thread of the pool: where operations that end at once are nested so deeply that this thread's stack is
    /// nearly used up.
    /// </summary>
    let runOnPool (operation: Io<'T>) (token: CancellationToken) : ValueTask<Result<'T, IoError>> =
        ValueTask<Result<'T, IoError>>(Task.Run<Result<'T, IoError>>(fun () -> (operation token).AsTask()))

    /// <summary>Runs code that the compiler could not make a state machine of.</summary>
    let runDynamic (code: IoCode<'T, 'T>) (token: CancellationToken) : ValueTask<Result<'T, IoError>> =
        let mutable sm = IoStateMachine<'T>()
        let first = IoResumptionFunc<'T>(fun sm -> code.Invoke(&sm))

        sm.ResumptionDynamicInfo <-
            { new IoResumptionDynamicInfo<'T>(first) with
                member info.MoveNext(sm) =
                    let mutable failure = null

                    try
                        sm.ResumptionDynamicInfo.ResumptionData <- null

                        if info.ResumptionFunc.Invoke(&sm) then
                            sm.Data.Finish()
                        else
                            let mutable awaiter =
                                sm.ResumptionDynamicInfo.ResumptionData :?> ICriticalNotifyCompletion

                            sm.Data.Builder.AwaitUnsafeOnCompleted(&awaiter, &sm)
                    with error ->
                        failure <- error

                    if not (isNull failure) then
                        sm.Data.Fail failure

                member _.SetStateMachine(sm, machine) = sm.Data.Builder.SetStateMachine machine
            }

        sm.Data.Token <- token
        sm.Data.Builder <- AsyncValueTaskMethodBuilder<Result<'T, IoError>>.Create()
        sm.Data.Builder.Start(&sm)
        sm.Data.Builder.Task

    /// <summary>Waits, in code that the compiler could not make a state machine of.</summary>
    let waitDynamic
        (sm: byref<IoStateMachine<'TOverall>>)
        (awaiter: ICriticalNotifyCompletion)
        (isCompleted: bool)
        (resume: IoResumptionFunc<'TOverall>)
        : bool =
        if isCompleted then
            resume.Invoke(&sm)
        else
            sm.ResumptionDynamicInfo.ResumptionData <- awaiter
            sm.ResumptionDynamicInfo.ResumptionFunc <- resume
            false

    /// <summary>Loops, in code that the compiler could not make a state machine of.</summary>
    let whileDynamic
        (sm: byref<IoStateMachine<'TOverall>>)
        (condition: unit -> bool)
        (body: IoCode<'TOverall, unit>)
        : bool =
        let mutable goesOn = true

        // What looks at the failure is a piece of its own: code behind the body in the same delegate is left out when the body waits.
        ResumableCode.WhileDynamic(
            &sm,
            (fun () -> goesOn && condition ()),
            ResumableCode.Combine(
                IoCode<'TOverall, unit>(fun sm ->
                    sm.Data.Token.ThrowIfCancellationRequested()
                    body.Invoke(&sm)),
                IoCode<'TOverall, unit>(fun sm ->
                    goesOn <- not sm.Data.Failed
                    true)
            )
        )
