/// Small random programs, and what each of them must do, said by an interpreter that knows nothing of tasks.
module AwsIO.FSharp.Tests.Programs

open System.Collections.Generic

/// How a bound operation ends.
type Ending =
    | Well
    | ByError
    | ByTaskError
    | ByBug

/// What stands in a <c>use</c>.
type Resource =
    | Closed
    | ClosedAsynchronously
    | FailingByBug
    | FailingByError

type Program =
    | Mark of int
    | Operation of Ending * pace: bool * int
    | RaiseBug of int
    | RaiseError of int
    | Cancel
    | Sequence of Program list
    | While of rounds: int * Program
    | ForEach of count: int * Program
    | ForEachAsync of count: int * pace: bool * Program
    | Finally of Program * int
    | With of Program * Program
    | Use of Resource * pace: bool * Program
    | Catch of Program * Program
    /// Everything in one expression: a loop with a resource, in it a handler around clean-up around another loop; then the last.
    | Everything of rounds: int * pace: bool * Program * Program * Program * Program

type Outcome =
    | Done
    | Failed of int
    | Raised of string

/// Loops are kept short.
let few (count: int) = (abs count) % 3

type private Interpreter() =
    let trace = List<string>()
    let mutable canceled = false

    let mark (event: string) = trace.Add event

    member _.Trace = List.ofSeq trace

    /// One expression: it does not begin when the run is cancelled, and an exception that stands for an error leaves it as that error.
    member this.Run(program: Program) : Outcome =
        if canceled then Raised "canceled" else this.Body program

    member private this.Loop (rounds: int) (body: unit -> Outcome) : Outcome =
        if rounds = 0 then
            Done
        elif canceled then
            Raised "canceled"
        else
            match body () with
            | Done -> this.Loop (rounds - 1) body
            | other -> other

    member private this.LoopAsync (count: int) (body: unit -> Outcome) : Outcome =
        let outcome =
            match this.Loop count body with
            | Done when canceled -> Raised "canceled"
            | other -> other

        mark "sequence disposed"
        outcome

    member private _.Using (resource: Resource) (outcome: Outcome) : Outcome =
        mark "disposed"

        match resource with
        | Closed
        | ClosedAsynchronously -> outcome
        | FailingByBug -> Raised "disposal"
        | FailingByError -> Failed -1

    member private this.Then (outcome: Outcome) (next: unit -> Outcome) : Outcome =
        match outcome with
        | Done -> next ()
        | other -> other

    member private this.Body(program: Program) : Outcome =
        match program with
        | Mark number ->
            mark $"{number}"
            Done
        | Operation(Well, _, _) -> Done
        | Operation((ByError | ByTaskError), _, number)
        | RaiseError number -> Failed number
        | Operation(ByBug, _, number)
        | RaiseBug number -> Raised $"bug {number}"
        | Cancel ->
            canceled <- true
            Done
        | Sequence programs ->
            (Done, programs)
            ||> List.fold (fun outcome program -> this.Then outcome (fun () -> this.Run program))
        | While(rounds, body) -> this.Loop (few rounds) (fun () -> this.Run body)
        | ForEach(count, body) -> this.Loop (few count) (fun () -> this.Run body)
        | ForEachAsync(count, _, body) -> this.LoopAsync (few count) (fun () -> this.Run body)
        | Finally(body, number) ->
            let outcome = this.Run body
            mark $"finally {number}"
            outcome
        | With(body, handler) ->
            match this.Run body with
            | Raised error ->
                mark $"handled {error}"
                this.Run handler
            | other -> other
        | Use(resource, _, body) -> this.Using resource (this.Run body)
        | Catch(body, handler) ->
            match this.Run body with
            | Failed _ when canceled -> Raised "canceled"
            | Failed number ->
                mark $"caught {number}"
                this.Run handler
            | other -> other
        | Everything(rounds, _, first, second, handler, last) ->
            let round () =
                let body () =
                    let outcome =
                        this.Then (this.Run first) (fun () ->
                            this.Loop 2 (fun () -> this.Using ClosedAsynchronously (this.Run second)))

                    mark "finally"
                    outcome

                match body () with
                | Raised error ->
                    mark $"handled {error}"
                    this.Run handler
                | other -> other

            this.Then (this.Loop (few rounds) round) (fun () -> this.Run last)
            |> this.Using Closed

/// What a program must come to, and what it must have done.
let interpret (program: Program) : Outcome * string list =
    let interpreter = Interpreter()
    let outcome = interpreter.Run program
    outcome, interpreter.Trace
