namespace AwsIO.FSharp

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Threading
open System.Threading.Tasks
open Microsoft.FSharp.Core.CompilerServices
open Microsoft.FSharp.Core.CompilerServices.StateMachineHelpers
open AwsIO

/// <summary>Makes <c>io { }</c>: cold, with the run's token carried along, and typed errors.</summary>
/// <remarks>
/// Binds <c>Io</c>, <c>ValueTask</c>, <c>Task</c>, <c>Async</c> and <c>Result</c>. A bound operation that fails ends the expression with its
/// error; clean-up still runs. <c>use!</c> prefers asynchronous disposal. A bind that is complete already allocates nothing.
/// </remarks>
[<Sealed; NoComparison; NoEquality>]
type IoBuilder() =

    /// <summary>Waits for an operation and goes on with what it gives. For the compiler's use.</summary>
    static member inline Await
        (
            [<InlineIfLambda>] start: CancellationToken -> 'Awaiter,
            [<InlineIfLambda>] isCompleted: 'Awaiter -> bool,
            [<InlineIfLambda>] take: 'Awaiter -> Result<'T, IoError>,
            [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>
        ) : IoCode<'TOverall, 'U> when 'Awaiter :> ICriticalNotifyCompletion =
        IoCode<'TOverall, 'U>(fun sm ->
            if __useResumableCode then
                let mutable awaiter = start sm.Data.Token
                let mutable __stack_fin = true

                if not (isCompleted awaiter) then
                    let __stack_yield_fin = ResumableCode.Yield().Invoke(&sm)
                    __stack_fin <- __stack_yield_fin

                if __stack_fin then
                    match take awaiter with
                    | Ok value -> (continuation value).Invoke(&sm)
                    | Error error -> sm.Data.Give error
                else
                    sm.Data.Builder.AwaitUnsafeOnCompleted(&awaiter, &sm)
                    false
            else
                let awaiter = start sm.Data.Token

                IoRuntimeHelpers.waitDynamic
                    &sm
                    (awaiter :> ICriticalNotifyCompletion)
                    (isCompleted awaiter)
                    (IoResumptionFunc<'TOverall>(fun sm ->
                        match take awaiter with
                        | Ok value -> (continuation value).Invoke(&sm)
                        | Error error -> sm.Data.Give error)))

    /// <summary>Puts off the code until it is run.</summary>
    member inline _.Delay([<InlineIfLambda>] generator: unit -> IoCode<'TOverall, 'T>) : IoCode<'TOverall, 'T> =
        IoCode<'TOverall, 'T>(fun sm -> (generator ()).Invoke(&sm))

    /// <summary>Nothing.</summary>
    [<DefaultValue>]
    member inline _.Zero() : IoCode<'TOverall, unit> = ResumableCode.Zero()

    /// <summary>Ends with a value.</summary>
    member inline _.Return(value: 'T) : IoCode<'T, 'T> =
        IoCode<'T, 'T>(fun sm ->
            sm.Data.Value <- value
            true)

    /// <summary>One after the other; not the second after a failure.</summary>
    member inline _.Combine(first: IoCode<'TOverall, unit>, second: IoCode<'TOverall, 'T>) : IoCode<'TOverall, 'T> =
        ResumableCode.Combine(
            first,
            IoCode<'TOverall, 'T>(fun sm -> if sm.Data.Failed then true else second.Invoke(&sm))
        )

    /// <summary>Again and again, until the condition, a failure or the run's cancellation ends it.</summary>
    member inline _.While
        ([<InlineIfLambda>] condition: unit -> bool, body: IoCode<'TOverall, unit>)
        : IoCode<'TOverall, unit> =
        IoCode<'TOverall, unit>(fun sm ->
            if __useResumableCode then
                let mutable __stack_go = true

                while __stack_go && not sm.Data.Failed && condition () do
                    sm.Data.Token.ThrowIfCancellationRequested()
                    let __stack_body_fin = body.Invoke(&sm)
                    __stack_go <- __stack_body_fin

                __stack_go
            else
                IoRuntimeHelpers.whileDynamic &sm condition body)

    /// <summary>Handles exceptions; an error is no exception: see <c>Io.catch</c>.</summary>
    member inline _.TryWith
        (body: IoCode<'TOverall, 'T>, handler: exn -> IoCode<'TOverall, 'T>)
        : IoCode<'TOverall, 'T> =
        ResumableCode.TryWith(
            body,
            fun error ->
                IoCode<'TOverall, 'T>(fun sm ->
                    // Clean-up that raised after a failure: the exception stands in its place, as it would in any finally.
                    sm.Data.Failed <- false
                    (handler error).Invoke(&sm))
        )

    /// <summary>Cleans up, however the body ended.</summary>
    member inline _.TryFinally
        (body: IoCode<'TOverall, 'T>, [<InlineIfLambda>] compensation: unit -> unit)
        : IoCode<'TOverall, 'T> =
        ResumableCode.TryFinally(
            body,
            ResumableCode<_, _>(fun _ ->
                compensation ()
                true)
        )

    /// <summary>For the compiler's use.</summary>
    member inline _.TryFinallyAsync
        (body: IoCode<'TOverall, 'T>, [<InlineIfLambda>] compensation: unit -> ValueTask)
        : IoCode<'TOverall, 'T> =
        ResumableCode.TryFinallyAsync(
            body,
            ResumableCode<_, _>(fun sm ->
                if __useResumableCode then
                    let mutable awaiter = (compensation ()).GetAwaiter()
                    let mutable __stack_fin = true

                    if not awaiter.IsCompleted then
                        let __stack_yield_fin = ResumableCode.Yield().Invoke(&sm)
                        __stack_fin <- __stack_yield_fin

                    if __stack_fin then
                        awaiter.GetResult()
                    else
                        sm.Data.Builder.AwaitUnsafeOnCompleted(&awaiter, &sm)

                    __stack_fin
                else
                    let awaiter = (compensation ()).GetAwaiter()

                    IoRuntimeHelpers.waitDynamic
                        &sm
                        awaiter
                        awaiter.IsCompleted
                        (IoResumptionFunc<_>(fun _ ->
                            awaiter.GetResult()
                            true)))
        )

    /// <summary>Disposes asynchronously, however the body ended.</summary>
    member inline this.Using
        (resource: 'Resource, body: 'Resource -> IoCode<'TOverall, 'T>)
        : IoCode<'TOverall, 'T> when 'Resource :> IAsyncDisposable =
        this.TryFinallyAsync(
            IoCode<'TOverall, 'T>(fun sm -> (body resource).Invoke(&sm)),
            fun () ->
                if isNull (box resource) then
                    ValueTask()
                else
                    resource.DisposeAsync()
        )

    /// <summary>Goes on with an operation's value, or ends with its error.</summary>
    member inline _.Bind
        (operation: Io<'T>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoBuilder.Await(
            (fun token -> (operation token).GetAwaiter()),
            (fun awaiter -> awaiter.IsCompleted),
            (fun awaiter -> IoRuntimeHelpers.takeResult awaiter),
            continuation
        )

    /// <summary>Goes on with a task's value, or ends with the error that it failed by.</summary>
    member inline _.Bind
        (operation: ValueTask<'T>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoBuilder.Await(
            (fun _ -> operation.GetAwaiter()),
            (fun awaiter -> awaiter.IsCompleted),
            (fun awaiter -> IoRuntimeHelpers.take awaiter),
            continuation
        )

    /// <summary>Goes on when a task has ended, or ends with the error that it failed by.</summary>
    member inline _.Bind
        (operation: ValueTask, [<InlineIfLambda>] continuation: unit -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoBuilder.Await(
            (fun _ -> operation.GetAwaiter()),
            (fun awaiter -> awaiter.IsCompleted),
            (fun awaiter -> IoRuntimeHelpers.takeUnit awaiter),
            continuation
        )

    /// <summary>Goes on with a value, or ends with an error.</summary>
    member inline _.Bind
        (result: Result<'T, IoError>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoCode<'TOverall, 'U>(fun sm ->
            match result with
            | Ok value -> (continuation value).Invoke(&sm)
            | Error error -> sm.Data.Give error)

    /// <summary>Ends as another operation ends.</summary>
    member inline this.ReturnFrom(operation: Io<'T>) : IoCode<'T, 'T> =
        this.Bind(operation, (fun value -> this.Return value))

    /// <summary>Ends as a task ends.</summary>
    member inline this.ReturnFrom(operation: ValueTask<'T>) : IoCode<'T, 'T> =
        this.Bind(operation, (fun value -> this.Return value))

    /// <summary>Ends when a task ends.</summary>
    member inline this.ReturnFrom(operation: ValueTask) : IoCode<unit, unit> =
        this.Bind(operation, (fun () -> this.Return()))

    /// <summary>Ends with a value or an error.</summary>
    member inline this.ReturnFrom(result: Result<'T, IoError>) : IoCode<'T, 'T> =
        this.Bind(result, (fun value -> this.Return value))

    /// <summary>For each element; not the next one after a failure.</summary>
    member inline this.For
        (source: seq<'T>, [<InlineIfLambda>] body: 'T -> IoCode<'TOverall, unit>)
        : IoCode<'TOverall, unit> =
        ResumableCode.Using(
            source.GetEnumerator(),
            fun enumerator ->
                this.While(
                    (fun () -> enumerator.MoveNext()),
                    IoCode<'TOverall, unit>(fun sm -> (body enumerator.Current).Invoke(&sm))
                )
        )

    /// <summary>For each element as it comes; the source is given the run's token.</summary>
    member inline this.For
        (source: IAsyncEnumerable<'T>, [<InlineIfLambda>] body: 'T -> IoCode<'TOverall, unit>)
        : IoCode<'TOverall, unit> =
        IoCode<'TOverall, unit>(fun sm ->
            (this.Using(
                source.GetAsyncEnumerator sm.Data.Token,
                fun (enumerator: IAsyncEnumerator<'T>) ->
                    let mutable more = true

                    this.While(
                        (fun () -> more),
                        IoCode<'TOverall, unit>(fun sm ->
                            (this.Bind(
                                enumerator.MoveNextAsync(),
                                fun (found: bool) ->
                                    more <- found

                                    IoCode<'TOverall, unit>(fun sm ->
                                        if more then (body enumerator.Current).Invoke(&sm) else true)
                            ))
                                .Invoke(&sm))
                    )
            ))
                .Invoke(&sm))

    /// <summary>An operation can be bound as it is; so is what nothing else is known of.</summary>
    member inline _.Source(operation: Io<'T>) : Io<'T> = operation

    /// <summary>Makes the operation.</summary>
    member inline _.Run(code: IoCode<'T, 'T>) : Io<'T> =
        if __useResumableCode then
            __stateMachine<IoStateMachineData<'T>, Io<'T>>
                (MoveNextMethodImpl<_>(fun sm ->
                    __resumeAt sm.ResumptionPoint
                    let mutable __stack_exn: exn = null

                    try
                        let __stack_code_fin = code.Invoke(&sm)

                        if __stack_code_fin then
                            sm.Data.Finish()
                    with error ->
                        __stack_exn <- error

                    // Outside of the handler: completing runs continuations, and their failures are not this run's.
                    if not (isNull __stack_exn) then
                        sm.Data.Fail __stack_exn))
                (SetStateMachineMethodImpl<_>(fun sm machine -> sm.Data.Builder.SetStateMachine machine))
                (AfterCode<_, _>(fun sm ->
                    let cold = sm

                    let rec run (token: CancellationToken) : ValueTask<Result<'T, IoError>> =
                        if token.IsCancellationRequested then
                            ValueTask.FromCanceled<Result<'T, IoError>> token
                        elif not (RuntimeHelpers.TryEnsureSufficientExecutionStack()) then
                            IoRuntimeHelpers.runOnPool run token
                        else
                            let mutable sm = cold
                            sm.Data.Token <- token
                            sm.Data.Builder <- AsyncValueTaskMethodBuilder<Result<'T, IoError>>.Create()
                            sm.Data.Builder.Start(&sm)
                            sm.Data.Builder.Task

                    run))
        else
            let rec run (token: CancellationToken) : ValueTask<Result<'T, IoError>> =
                if token.IsCancellationRequested then
                    ValueTask.FromCanceled<Result<'T, IoError>> token
                elif not (RuntimeHelpers.TryEnsureSufficientExecutionStack()) then
                    IoRuntimeHelpers.runOnPool run token
                else
                    IoRuntimeHelpers.runDynamic code token

            run

/// <summary>
/// What else can be bound and looped over. Each kind becomes one of the few that <see cref="T:AwsIO.FSharp.IoBuilder"/> binds, before the
/// code behind it is looked at: so that code knows the type of what it is given.
/// </summary>
[<AutoOpen>]
module IoBuilderExtensions =

    type IoBuilder with

        /// <summary>A task can be bound.</summary>
        member inline _.Source(operation: ValueTask<'T>) : ValueTask<'T> = operation

        /// <summary>A task can be bound.</summary>
        member inline _.Source(operation: ValueTask) : ValueTask = operation

        /// <summary>A task can be bound.</summary>
        member inline _.Source(operation: Task<'T>) : ValueTask<'T> = ValueTask<'T> operation

        /// <summary>A task can be bound.</summary>
        member inline _.Source(operation: Task) : ValueTask = ValueTask operation

        /// <summary>A result can be bound.</summary>
        member inline _.Source(result: Result<'T, IoError>) : Result<'T, IoError> = result

        /// <summary>An asynchronous computation can be bound; it is given the run's token.</summary>
        member inline _.Source(computation: Async<'T>) : Io<'T> = IoRuntimeHelpers.ofAsync computation

        /// <summary>Elements can be looped over.</summary>
        member inline _.Source(elements: seq<'T>) : seq<'T> = elements

        /// <summary>Elements that come in time can be looped over; their source is given the run's token.</summary>
        member inline _.Source(elements: IAsyncEnumerable<'T>) : IAsyncEnumerable<'T> = elements

        /// <summary>Disposes, however the body ended.</summary>
        member inline this.Using
            (resource: 'Resource, [<InlineIfLambda>] body: 'Resource -> IoCode<'TOverall, 'T>)
            : IoCode<'TOverall, 'T> when 'Resource :> IDisposable =
            ResumableCode.Using(resource, body)

    /// <summary>Operations with a token carried along and typed errors.</summary>
    let io = IoBuilder()
