module AwsIO.FSharp.Tests.ErrorPatterns

open Expecto
open AwsIO
open AwsIO.FSharp

let private name (error: IoError) =
    match error with
    | Refused _ -> "Refused"
    | TimedOut _ -> "TimedOut"
    | HostNotFound _ -> "HostNotFound"
    | LookupFailed _ -> "LookupFailed"
    | Closed _ -> "Closed"
    | AddressInUse _ -> "AddressInUse"
    | TlsFailed _ -> "TlsFailed"
    | _ -> "other"

[<Tests>]
let tests =
    testList
        "error patterns"
        [
            testCase "each code goes to its pattern"
            <| fun () ->
                let expected =
                    [
                        IoErrorCode.SocketConnectionRefused, "Refused"
                        IoErrorCode.SocketTimeout, "TimedOut"
                        IoErrorCode.TlsNegotiationTimeout, "TimedOut"
                        IoErrorCode.DnsInvalidName, "HostNotFound"
                        IoErrorCode.DnsNoAddressForHost, "HostNotFound"
                        IoErrorCode.DnsQueryFailed, "LookupFailed"
                        IoErrorCode.DnsQueryAgain, "LookupFailed"
                        IoErrorCode.SocketClosed, "Closed"
                        IoErrorCode.SocketNotConnected, "Closed"
                        IoErrorCode.SocketAddressInUse, "AddressInUse"
                        IoErrorCode.TlsNegotiationFailure, "TlsFailed"
                        IoErrorCode.TlsHostNameMismatch, "TlsFailed"
                        IoErrorCode.TlsPeerCertificateExpired, "TlsFailed"
                        IoErrorCode.ShortBuffer, "other"
                    ]

                for code, pattern in expected do
                    Expect.equal (name (IoError code)) pattern $"{code}"

            testCase "a pattern gives the error's sentence"
            <| fun () ->
                match IoError(IoErrorCode.SocketConnectionRefused, 111, "Nobody listens at 1.2.3.4:5.") with
                | Refused text -> Expect.equal text "Nobody listens at 1.2.3.4:5." "the sentence"
                | other -> failtest $"{other}"

            testCase "no error matches nothing"
            <| fun () ->
                Expect.equal (name IoError.None) "other" "no pattern"

                match IoError.None with
                | Transient _ -> failtest "success is not transient"
                | _ -> ()

            testCase "Transient says what may be tried again"
            <| fun () ->
                for code in [ IoErrorCode.SocketConnectionRefused; IoErrorCode.DnsQueryAgain ] do
                    match IoError code with
                    | Transient _ -> ()
                    | other -> failtest $"{other}"

                match IoError IoErrorCode.TlsHostNameMismatch with
                | Transient text -> failtest text
                | _ -> ()
        ]
