/// Code that the compiler itself cannot make state machines of: it falls back by its own choice, as it would for a user.
module AwsIO.FSharp.Tests.Unbuildable

// 3511: this state machine is not statically compilable.
#nowarn "3511"

open System
open Expecto
open AwsIO
open AwsIO.FSharp

/// Generic and not inlined, as a user's own helper may be.
let private twice (make: int -> Io<int>) : Io<int> =
    io {
        let! first = make 1
        let! second = make 2
        return first + second
    }

// The expressions stand by themselves: within another state machine, Expecto's or that of task { }, the compiler refuses such code in
// Release ("the resumable code construct '__resumableEntry' may only be used ..."), and does the same to task { } in task { }.

let private withRecursion (record: Record) (pace: Pace) : Io<int> =
    io {
        let rec fibonacci n =
            if n < 2 then n else fibonacci (n - 1) + fibonacci (n - 2)

        use _ = new AsyncClosing("a", record, pace)
        let mutable sum = 0

        for number in 1..5 do
            let! number = pace.Give number
            sum <- sum + fibonacci number

        try
            do! pace.End(Error(failure "stop"))
        finally
            record.Add $"{sum}"

        return sum
    }

let private loopWithRecursion (record: Record) (pace: Pace) : Io<unit> =
    io {
        let rec down n = if n = 0 then 0 else down (n - 1)
        let mutable rounds = 0

        while rounds < 5 do
            rounds <- rounds + 1 + down 3
            record.Add $"{rounds}"
            do! pace.End(Error(failure "stop"))
    }

[<Tests>]
let tests =
    testList
        "code without a state machine"
        [
            paced "let rec in the expression" (fun pace ->
                task {
                    let record = Record()
                    let operation = withRecursion record pace

                    for _ in 1..2 do
                        let! result = run operation
                        Expect.equal (detail result) (Error "stop") "the error"

                    Expect.equal
                        record.Events
                        [ "12"; "dispose a asynchronously"; "12"; "dispose a asynchronously" ]
                        "both runs alike"
                })

            paced "a failing bind in a while loop with let rec" (fun pace ->
                task {
                    let record = Record()
                    let! result = run (loopWithRecursion record pace)
                    Expect.equal (detail result) (Error "stop") "the error"
                    Expect.equal record.Events [ "1" ] "no round after it"
                })

            paced "expressions made in functions that are handed around" (fun pace ->
                task {
                    let make =
                        List.head
                            [
                                fun (number: int) ->
                                    io {
                                        do! pace.Pause()
                                        return number * 10
                                    }
                            ]

                    let! result = run (twice make)
                    Expect.equal result (Ok 30) "both"
                })

            paced "an object's methods, and generic code" (fun pace ->
                task {
                    let repeat (count: int) (value: 'T) : Io<'T list> =
                        io {
                            let mutable values = []

                            for _ in 1..count do
                                let! value = pace.Give value
                                values <- value :: values

                            return values
                        }

                    let! numbers = run (repeat 3 1)
                    let! texts = run (repeat 2 "a")
                    Expect.equal numbers (Ok [ 1; 1; 1 ]) "numbers"
                    Expect.equal texts (Ok [ "a"; "a" ]) "texts"
                })
        ]

/// At the top of a module, where some builders have trouble.
let private atTop =
    io {
        let! token = Io.token
        return token.CanBeCanceled
    }

[<Tests>]
let topLevel =
    testList
        "expressions at the top of a module"
        [
            once "run as others do" (fun () ->
                task {
                    let! result = run atTop
                    Expect.equal result (Ok false) "no token"
                })
        ]
