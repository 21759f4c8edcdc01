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

    /// <summary>For the compiler's use.</summary>
    static member inline AwaitResult
        (
            [<InlineIfLambda>] start: CancellationToken -> ValueTask<Result<'T, IoError>>,
            [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>
        ) : IoCode<'TOverall, 'U> =
        IoCode<'TOverall, 'U>(fun sm ->
            if __useResumableCode then
                let mutable awaiter = (start sm.Data.Token).GetAwaiter()
                let mutable __stack_fin = true

                if not awaiter.IsCompleted then
                    let __stack_yield_fin = ResumableCode.Yield().Invoke(&sm)
                    __stack_fin <- __stack_yield_fin

                if __stack_fin then
                    match awaiter.GetResult() with
                    | Ok value -> (continuation value).Invoke(&sm)
                    | Error error ->
                        sm.Data.Error <- error
                        sm.Data.Failed <- true
                        true
                else
                    sm.Data.Builder.AwaitUnsafeOnCompleted(&awaiter, &sm)
                    false
            else
                let awaiter = (start sm.Data.Token).GetAwaiter()

                IoRuntimeHelpers.waitDynamic
                    &sm
                    awaiter
                    awaiter.IsCompleted
                    (IoResumptionFunc<'TOverall>(fun sm ->
                        match awaiter.GetResult() with
                        | Ok value -> (continuation value).Invoke(&sm)
                        | Error error ->
                            sm.Data.Error <- error
                            sm.Data.Failed <- true
                            true)))

    /// <summary>For the compiler's use.</summary>
    static member inline AwaitValue
        (
            [<InlineIfLambda>] start: CancellationToken -> ValueTask<'T>,
            [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>
        ) : IoCode<'TOverall, 'U> =
        IoCode<'TOverall, 'U>(fun sm ->
            if __useResumableCode then
                let mutable awaiter = (start sm.Data.Token).GetAwaiter()
                let mutable __stack_fin = true

                if not awaiter.IsCompleted then
                    let __stack_yield_fin = ResumableCode.Yield().Invoke(&sm)
                    __stack_fin <- __stack_yield_fin

                if __stack_fin then
                    let mutable error = IoError()
                    let mutable value = Unchecked.defaultof<'T>

                    if IoRuntimeHelpers.tryTake (&awaiter, &error, &value) then
                        (continuation value).Invoke(&sm)
                    else
                        sm.Data.Error <- error
                        sm.Data.Failed <- true
                        true
                else
                    sm.Data.Builder.AwaitUnsafeOnCompleted(&awaiter, &sm)
                    false
            else
                let awaiter = (start sm.Data.Token).GetAwaiter()

                IoRuntimeHelpers.waitDynamic
                    &sm
                    awaiter
                    awaiter.IsCompleted
                    (IoResumptionFunc<'TOverall>(fun sm ->
                        let mutable awaiter = awaiter
                        let mutable error = IoError()
                        let mutable value = Unchecked.defaultof<'T>

                        if IoRuntimeHelpers.tryTake (&awaiter, &error, &value) then
                            (continuation value).Invoke(&sm)
                        else
                            sm.Data.Error <- error
                            sm.Data.Failed <- true
                            true)))

    /// <summary>For the compiler's use.</summary>
    static member inline AwaitUnit
        (
            [<InlineIfLambda>] start: CancellationToken -> ValueTask,
            [<InlineIfLambda>] continuation: unit -> IoCode<'TOverall, 'U>
        ) : IoCode<'TOverall, 'U> =
        IoCode<'TOverall, 'U>(fun sm ->
            if __useResumableCode then
                let mutable awaiter = (start sm.Data.Token).GetAwaiter()
                let mutable __stack_fin = true

                if not awaiter.IsCompleted then
                    let __stack_yield_fin = ResumableCode.Yield().Invoke(&sm)
                    __stack_fin <- __stack_yield_fin

                if __stack_fin then
                    let mutable error = IoError()

                    if IoRuntimeHelpers.tryTakeUnit (&awaiter, &error) then
                        (continuation ()).Invoke(&sm)
                    else
                        sm.Data.Error <- error
                        sm.Data.Failed <- true
                        true
                else
                    sm.Data.Builder.AwaitUnsafeOnCompleted(&awaiter, &sm)
                    false
            else
                let awaiter = (start sm.Data.Token).GetAwaiter()

                IoRuntimeHelpers.waitDynamic
                    &sm
                    awaiter
                    awaiter.IsCompleted
                    (IoResumptionFunc<'TOverall>(fun sm ->
                        let mutable awaiter = awaiter
                        let mutable error = IoError()

                        if IoRuntimeHelpers.tryTakeUnit (&awaiter, &error) then
                            (continuation ()).Invoke(&sm)
                        else
                            sm.Data.Error <- error
                            sm.Data.Failed <- true
                            true)))

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
        let mutable goesOn = true

        ResumableCode.While(
            (fun () -> goesOn && condition ()),
            IoCode<'TOverall, unit>(fun sm ->
                sm.Data.Token.ThrowIfCancellationRequested()
                let __stack_body_fin = body.Invoke(&sm)

                if __stack_body_fin && sm.Data.Failed then
                    goesOn <- false

                __stack_body_fin)
        )

    /// <summary>Handles exceptions; an error is no exception: see <c>Io.catch</c>.</summary>
    member inline _.TryWith
        (body: IoCode<'TOverall, 'T>, handler: exn -> IoCode<'TOverall, 'T>)
        : IoCode<'TOverall, 'T> =
        ResumableCode.TryWith(body, handler)

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
                    let mutable __stack_condition_fin = true
                    let __stack_vtask = compensation ()

                    if not __stack_vtask.IsCompleted then
                        let mutable awaiter = __stack_vtask.GetAwaiter()
                        let __stack_yield_fin = ResumableCode.Yield().Invoke(&sm)
                        __stack_condition_fin <- __stack_yield_fin

                        if not __stack_condition_fin then
                            sm.Data.Builder.AwaitUnsafeOnCompleted(&awaiter, &sm)

                    __stack_condition_fin
                else
                    let vtask = compensation ()
                    let awaiter = vtask.GetAwaiter()

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
                        IoBuilder.AwaitValue(
                            (fun _ -> enumerator.MoveNextAsync()),
                            fun found ->
                                more <- found

                                IoCode<'TOverall, unit>(fun sm ->
                                    if more then (body enumerator.Current).Invoke(&sm) else true)
                        )
                    )
            ))
                .Invoke(&sm))

    /// <summary>Goes on with an operation's value, or ends with its error.</summary>
    member inline _.Bind
        (operation: Io<'T>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoBuilder.AwaitResult((fun token -> operation token), continuation)

    /// <summary>Goes on with a task's value, or ends with the error that it failed by.</summary>
    member inline _.Bind
        (operation: ValueTask<'T>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoBuilder.AwaitValue((fun _ -> operation), continuation)

    /// <summary>Goes on with a task's value, or ends with the error that it failed by.</summary>
    member inline _.Bind
        (operation: Task<'T>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoBuilder.AwaitValue((fun _ -> ValueTask<'T>(operation)), continuation)

    /// <summary>Goes on with a value, or ends with an error.</summary>
    member inline _.Bind
        (result: Result<'T, IoError>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
        : IoCode<'TOverall, 'U> =
        IoCode<'TOverall, 'U>(fun sm ->
            match result with
            | Ok value -> (continuation value).Invoke(&sm)
            | Error error ->
                sm.Data.Error <- error
                sm.Data.Failed <- true
                true)

    /// <summary>Ends as another operation ends.</summary>
    member inline this.ReturnFrom(operation: Io<'T>) : IoCode<'T, 'T> =
        this.Bind(operation, (fun value -> this.Return value))

    /// <summary>Ends as a task ends.</summary>
    member inline this.ReturnFrom(operation: ValueTask<'T>) : IoCode<'T, 'T> =
        this.Bind(operation, (fun value -> this.Return value))

    /// <summary>Ends as a task ends.</summary>
    member inline this.ReturnFrom(operation: Task<'T>) : IoCode<'T, 'T> =
        this.Bind(operation, (fun value -> this.Return value))

    /// <summary>Ends with a value or an error.</summary>
    member inline this.ReturnFrom(result: Result<'T, IoError>) : IoCode<'T, 'T> =
        this.Bind(result, (fun value -> this.Return value))

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

                    fun (token: CancellationToken) ->
                        if token.IsCancellationRequested then
                            ValueTask.FromCanceled<Result<'T, IoError>> token
                        else
                            let mutable sm = cold
                            sm.Data.Token <- token
                            sm.Data.Builder <- AsyncValueTaskMethodBuilder<Result<'T, IoError>>.Create()
                            sm.Data.Builder.Start(&sm)
                            sm.Data.Builder.Task))
        else
            fun (token: CancellationToken) ->
                if token.IsCancellationRequested then
                    ValueTask.FromCanceled<Result<'T, IoError>> token
                else
                    IoRuntimeHelpers.runDynamic code token

/// <summary>Binds that give way to those of <see cref="T:AwsIO.FSharp.IoBuilder"/> where both fit.</summary>
[<AutoOpen>]
module IoBuilderExtensions =

    type IoBuilder with

        /// <summary>Goes on when a task has ended, or ends with the error that it failed by.</summary>
        member inline _.Bind
            (operation: ValueTask, [<InlineIfLambda>] continuation: unit -> IoCode<'TOverall, 'U>)
            : IoCode<'TOverall, 'U> =
            IoBuilder.AwaitUnit((fun _ -> operation), continuation)

        /// <summary>Goes on when a task has ended, or ends with the error that it failed by.</summary>
        member inline _.Bind
            (operation: Task, [<InlineIfLambda>] continuation: unit -> IoCode<'TOverall, 'U>)
            : IoCode<'TOverall, 'U> =
            IoBuilder.AwaitUnit((fun _ -> ValueTask operation), continuation)

        /// <summary>Goes on with an asynchronous computation's value; it is given the run's token.</summary>
        member inline _.Bind
            (operation: Async<'T>, [<InlineIfLambda>] continuation: 'T -> IoCode<'TOverall, 'U>)
            : IoCode<'TOverall, 'U> =
            IoBuilder.AwaitValue(
                (fun token -> ValueTask<'T>(Async.StartImmediateAsTask(operation, token))),
                continuation
            )

        /// <summary>Ends when a task ends.</summary>
        member inline this.ReturnFrom(operation: ValueTask) : IoCode<unit, unit> =
            this.Bind(operation, (fun () -> this.Return()))

        /// <summary>Ends when a task ends.</summary>
        member inline this.ReturnFrom(operation: Task) : IoCode<unit, unit> =
            this.Bind(operation, (fun () -> this.Return()))

        /// <summary>Ends as an asynchronous computation ends.</summary>
        member inline this.ReturnFrom(operation: Async<'T>) : IoCode<'T, 'T> =
            this.Bind(operation, (fun value -> this.Return value))

        /// <summary>Disposes, however the body ended.</summary>
        member inline this.Using
            (resource: 'Resource, [<InlineIfLambda>] body: 'Resource -> IoCode<'TOverall, 'T>)
            : IoCode<'TOverall, 'T> when 'Resource :> IDisposable =
            ResumableCode.Using(resource, body)

    /// <summary>Operations with a token carried along and typed errors.</summary>
    let io = IoBuilder()
