// The tests below Semantics are compiled twice: as they stand, with `io` as the compiler makes state machines of it, and,
// with Static replaced by Dynamic, with a builder that gives it no chance to.
namespace AwsIO.FSharp.Tests.Static

[<AutoOpen>]
module Builder =
    let io = AwsIO.FSharp.IoBuilderExtensions.io
    let flavour = "static"

namespace AwsIO.FSharp.Tests.Dynamic

// 57, 3501, 3511, 3513: resumable code, used as what it is not meant for.
#nowarn "57"
#nowarn "3501"
#nowarn "3511"
#nowarn "3513"

open System
open System.Collections.Generic
open System.Threading.Tasks
open Microsoft.FSharp.Core.CompilerServices
open AwsIO
open AwsIO.FSharp

/// <c>io</c>, through methods that are not inlined: what is handed to them are delegates that are called.
type DynamicBuilder() =
    member _.Delay(generator: unit -> IoCode<'O, 'T>) : IoCode<'O, 'T> = io.Delay generator

    [<DefaultValue>]
    member _.Zero() : IoCode<'O, unit> = io.Zero()

    member _.Return(value: 'T) : IoCode<'T, 'T> = io.Return value

    member _.Combine(first: IoCode<'O, unit>, second: IoCode<'O, 'T>) : IoCode<'O, 'T> = io.Combine(first, second)

    member _.While(condition: unit -> bool, body: IoCode<'O, unit>) : IoCode<'O, unit> = io.While(condition, body)

    member _.TryWith(body: IoCode<'O, 'T>, handler: exn -> IoCode<'O, 'T>) : IoCode<'O, 'T> = io.TryWith(body, handler)

    member _.TryFinally(body: IoCode<'O, 'T>, compensation: unit -> unit) : IoCode<'O, 'T> =
        io.TryFinally(body, compensation)

    member _.Using(resource: 'R, body: 'R -> IoCode<'O, 'T>) : IoCode<'O, 'T> when 'R :> IAsyncDisposable =
        io.Using(resource, body)

    member _.For(source: seq<'T>, body: 'T -> IoCode<'O, unit>) : IoCode<'O, unit> = io.For(source, body)

    member _.For(source: IAsyncEnumerable<'T>, body: 'T -> IoCode<'O, unit>) : IoCode<'O, unit> = io.For(source, body)

    member _.Bind(operation: Io<'T>, continuation: 'T -> IoCode<'O, 'U>) : IoCode<'O, 'U> =
        io.Bind(operation, continuation)

    member _.Bind(operation: ValueTask<'T>, continuation: 'T -> IoCode<'O, 'U>) : IoCode<'O, 'U> =
        io.Bind(operation, continuation)

    member _.Bind(operation: ValueTask, continuation: unit -> IoCode<'O, 'U>) : IoCode<'O, 'U> =
        io.Bind(operation, continuation)

    member _.Bind(result: Result<'T, IoError>, continuation: 'T -> IoCode<'O, 'U>) : IoCode<'O, 'U> =
        io.Bind(result, continuation)

    member _.ReturnFrom(operation: Io<'T>) : IoCode<'T, 'T> = io.ReturnFrom operation
    member _.ReturnFrom(operation: ValueTask<'T>) : IoCode<'T, 'T> = io.ReturnFrom operation
    member _.ReturnFrom(operation: ValueTask) : IoCode<unit, unit> = io.ReturnFrom operation
    member _.ReturnFrom(result: Result<'T, IoError>) : IoCode<'T, 'T> = io.ReturnFrom result
    member _.Source(operation: Io<'T>) : Io<'T> = operation
    member _.Run(code: IoCode<'T, 'T>) : Io<'T> = io.Run code

[<AutoOpen>]
module Builder =
    type DynamicBuilder with
        member _.Source(operation: ValueTask<'T>) : ValueTask<'T> = operation
        member _.Source(operation: ValueTask) : ValueTask = operation
        member _.Source(operation: Task<'T>) : ValueTask<'T> = ValueTask<'T> operation
        member _.Source(operation: Task) : ValueTask = ValueTask operation
        member _.Source(result: Result<'T, IoError>) : Result<'T, IoError> = result
        member _.Source(computation: Async<'T>) : Io<'T> = io.Source computation
        member _.Source(elements: seq<'T>) : seq<'T> = elements
        member _.Source(elements: IAsyncEnumerable<'T>) : IAsyncEnumerable<'T> = elements

        member _.Using(resource: 'R, body: 'R -> IoCode<'O, 'T>) : IoCode<'O, 'T> when 'R :> IDisposable =
            ResumableCode.Using(resource, body)

    let io = DynamicBuilder()
    let flavour = "dynamic"
