namespace AwsIO.FSharp

open System
open System.Buffers
open System.Collections.Generic
open System.Text
open System.Threading
open System.Threading.Tasks
open AwsIO
open AwsIO.Tasks

/// <summary>The chunks of a connection, as they come; each is valid until the next is asked for.</summary>
[<Sealed>]
type internal ConnectionChunks(connection: IoConnection, size: int) =
    interface IAsyncEnumerable<ReadOnlyMemory<byte>> with
        member _.GetAsyncEnumerator(token: CancellationToken) =
            let buffer = ArrayPool<byte>.Shared.Rent size
            let mutable current = ReadOnlyMemory<byte>.Empty
            let mutable returned = false

            { new IAsyncEnumerator<ReadOnlyMemory<byte>> with
                member _.Current = current

                member _.MoveNextAsync() =
                    let reading = connection.ReadAsync(Memory<byte> buffer, token)

                    if reading.IsCompletedSuccessfully then
                        let count = reading.Result
                        current <- ReadOnlyMemory<byte>(buffer, 0, count)
                        ValueTask<bool>((count > 0))
                    else
                        ValueTask<bool>(
                            task {
                                let! count = reading
                                current <- ReadOnlyMemory<byte>(buffer, 0, count)
                                return count > 0
                            }
                        )

                member _.DisposeAsync() =
                    if not returned then
                        returned <- true
                        ArrayPool<byte>.Shared.Return buffer

                    ValueTask()
            }

/// <summary>What can be done with a connection. The connection itself comes last, for pipes.</summary>
[<RequireQualifiedAccess>]
module Connection =

    let private maxLine = 64 * 1024

    /// <summary>Reads what has come, at least one byte, or waits for it; 0 when the peer has finished.</summary>
    let read (buffer: Memory<byte>) (connection: IoConnection) : Io<int> =
        io {
            let! token = Io.token
            return! connection.ReadAsync(buffer, token)
        }

    /// <summary>Fills the buffer; an error that <c>Closed</c> matches when the peer finishes before.</summary>
    let readExactly (buffer: Memory<byte>) (connection: IoConnection) : Io<unit> =
        io {
            let mutable filled = 0

            while filled < buffer.Length do
                let! count = read (buffer.Slice filled) connection

                if count = 0 then
                    do!
                        Error(
                            IoError(
                                IoErrorCode.SocketClosed,
                                $"The peer finished after {filled} of {buffer.Length} bytes."
                            )
                        )

                filled <- filled + count
        }

    let private lineText (line: ArrayBufferWriter<byte>) (isWhole: bool) : string =
        let bytes = line.WrittenSpan

        if isWhole && bytes.Length > 0 && bytes[bytes.Length - 1] = 13uy then
            Encoding.UTF8.GetString(bytes.Slice(0, bytes.Length - 1))
        else
            Encoding.UTF8.GetString bytes

    /// <summary>
    /// Reads a line of UTF-8 text up to LF or CR LF, which is not part of it. Where the peer finishes in a line, what came of it; where it
    /// has finished before, <c>None</c>. Nothing behind the line is consumed. A line of more than 64 KiB is an error.
    /// </summary>
    let tryReadLine (connection: IoConnection) : Io<string option> =
        io {
            let line = ArrayBufferWriter<byte>()
            let one = Array.zeroCreate<byte> 1
            let mutable atEnd = false
            let mutable isWhole = false

            while not (atEnd || isWhole) do
                let! count = read (Memory<byte> one) connection

                if count = 0 then
                    atEnd <- true
                elif one[0] = 10uy then
                    isWhole <- true
                elif line.WrittenCount = maxLine then
                    do! Error(IoError(IoErrorCode.ShortBuffer, $"The line has more than {maxLine} bytes."))
                else
                    line.Write(ReadOnlySpan<byte> one)

            return
                if atEnd && line.WrittenCount = 0 then
                    None
                else
                    Some(lineText line isWhole)
        }

    /// <summary>Reads a line as <c>tryReadLine</c> does; an error that <c>Closed</c> matches when the peer has finished before it.</summary>
    let readLine (connection: IoConnection) : Io<string> =
        io {
            match! tryReadLine connection with
            | Some line -> return line
            | None -> return! Error(IoError(IoErrorCode.SocketClosed, "The peer finished before a line came."))
        }

    /// <summary>Reads until the peer has finished, as UTF-8 text.</summary>
    let readToEnd (connection: IoConnection) : Io<string> =
        io {
            let text = ArrayBufferWriter<byte>()
            let buffer = Array.zeroCreate<byte> 16384
            let mutable ended = false

            while not ended do
                let! count = read (Memory<byte> buffer) connection
                text.Write(ReadOnlySpan<byte>(buffer, 0, count))
                ended <- count = 0

            return Encoding.UTF8.GetString text.WrittenSpan
        }

    /// <summary>The chunks as they come, for <c>for</c>; each is valid until the next one.</summary>
    let chunks (connection: IoConnection) : IAsyncEnumerable<ReadOnlyMemory<byte>> = ConnectionChunks(connection, 65536)

    /// <summary>Writes bytes.</summary>
    let write (data: ReadOnlyMemory<byte>) (connection: IoConnection) : Io<unit> =
        io {
            let! token = Io.token
            return! connection.WriteAsync(data, token)
        }

    /// <summary>Writes bytes.</summary>
    let writeBytes (data: byte array) (connection: IoConnection) : Io<unit> =
        write (ReadOnlyMemory<byte> data) connection

    /// <summary>Writes text as UTF-8.</summary>
    let writeText (text: string) (connection: IoConnection) : Io<unit> =
        write (ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes text)) connection

    /// <summary>Waits until the kernel has taken everything that was written.</summary>
    let flush (connection: IoConnection) : Io<unit> =
        io {
            let! token = Io.token
            return! connection.FlushAsync token
        }

    /// <summary>Ends the writing direction: the peer reads everything, then the end. Reading goes on.</summary>
    let shutdownWrite (connection: IoConnection) : Io<unit> =
        io {
            let! token = Io.token
            return! connection.ShutdownWriteAsync token
        }
