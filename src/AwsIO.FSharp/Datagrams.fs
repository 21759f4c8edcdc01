namespace AwsIO.FSharp

open System
open System.Buffers
open System.Runtime.ExceptionServices
open System.Text
open System.Threading.Tasks
open AwsIO
open AwsIO.Tasks

/// <summary>Datagrams, of UDP and of the Unix domain. The socket comes last, for pipes.</summary>
[<RequireQualifiedAccess>]
module Datagrams =

    /// <summary>Opens a socket at an address with all options, on a given runtime.</summary>
    let bindOn (runtime: IoRuntime) (options: DatagramOptions) (endpoint: SocketEndpoint) : Io<IoDatagramSocket> =
        Io.ofTask (fun token -> runtime.BindDatagramsAsync(endpoint, options, token))

    /// <summary>Opens a socket at an address, which receives from anybody; port 0 has a free one chosen.</summary>
    let bind (endpoint: SocketEndpoint) : Io<IoDatagramSocket> =
        bindOn IoRuntime.Shared (DatagramOptions()) endpoint

    /// <summary>Opens a socket that has one peer alone with all options, on a given runtime.</summary>
    let connectOn (runtime: IoRuntime) (options: DatagramOptions) (endpoint: SocketEndpoint) : Io<IoDatagramSocket> =
        Io.ofTask (fun token -> runtime.ConnectDatagramsAsync(endpoint, options, token))

    /// <summary>Opens a socket that has one peer alone. No packet is sent for it.</summary>
    let connect (endpoint: SocketEndpoint) : Io<IoDatagramSocket> =
        connectOn IoRuntime.Shared (DatagramOptions()) endpoint

    /// <summary>An endpoint as an address to send to: made once, for as many datagrams as are sent there.</summary>
    let address (endpoint: SocketEndpoint) : Result<DatagramAddress, IoError> =
        let made = DatagramAddress.From &endpoint
        if made.IsSuccess then Ok made.Value else Error made.Error

    /// <summary>
    /// Sends a datagram to the peer of a connected socket; none of it is one too. It ends when the system has taken the datagram, which
    /// does not mean that anybody receives it. After an error the socket goes on.
    /// </summary>
    let send (data: ReadOnlyMemory<byte>) (socket: IoDatagramSocket) : Io<unit> =
        io {
            let! token = Io.token
            return! socket.SendAsync(data, token)
        }

    /// <summary>Sends a datagram to the peer of a connected socket.</summary>
    let sendBytes (data: byte array) (socket: IoDatagramSocket) : Io<unit> = send (ReadOnlyMemory<byte> data) socket

    /// <summary>Sends text as a datagram of UTF-8 to the peer of a connected socket.</summary>
    let sendText (text: string) (socket: IoDatagramSocket) : Io<unit> =
        sendBytes (Encoding.UTF8.GetBytes text) socket

    /// <summary>Sends a datagram to an address, from a socket that is not connected: as <c>send</c>.</summary>
    let sendTo (address: DatagramAddress) (data: ReadOnlyMemory<byte>) (socket: IoDatagramSocket) : Io<unit> =
        io {
            let! token = Io.token
            return! socket.SendToAsync(data, address, token)
        }

    /// <summary>Starts all sends, and waits for each, whatever the others end with; then raises what the first one raised.</summary>
    let private together (count: int) (start: int -> ValueTask) : Task =
        let sends = ArrayPool<ValueTask>.Shared.Rent count
        let mutable started = 0
        let mutable refused: exn | null = null

        while started < count && isNull refused do
            try
                sends[started] <- start started
                started <- started + 1
            with error ->
                refused <- error

        let count = started
        let refused = refused

        task {
            let mutable failure: exn | null = null

            for index in 0 .. count - 1 do
                try
                    do! sends[index]
                with error ->
                    if isNull failure then
                        failure <- error

            ArrayPool<ValueTask>.Shared.Return(sends, clearArray = true)

            match (if isNull failure then refused else failure) with
            | null -> ()
            | error -> ExceptionDispatchInfo.Throw error
        }

    /// <summary>
    /// Sends datagrams to the peer of a connected socket, in order, without waiting for one before the next. One that cannot be sent fails
    /// alone: it ends when all have been told, with the first error if there was one.
    /// </summary>
    let sendMany (datagrams: ReadOnlyMemory<byte> array) (socket: IoDatagramSocket) : Io<unit> =
        io {
            let! token = Io.token
            return! together datagrams.Length (fun index -> socket.SendAsync(datagrams[index], token))
        }

    /// <summary>Sends datagrams, each to an address of its own, from a socket that is not connected: as <c>sendMany</c>.</summary>
    let sendManyTo
        (datagrams: struct (DatagramAddress * ReadOnlyMemory<byte>) array)
        (socket: IoDatagramSocket)
        : Io<unit> =
        io {
            let! token = Io.token

            return!
                together datagrams.Length (fun index ->
                    let struct (address, data) = datagrams[index]
                    socket.SendToAsync(data, address, token))
        }

    /// <summary>
    /// Receives the next datagram, or waits for it: how many bytes it had, none for an empty one; whether it was truncated, since what
    /// there is no room for is lost; who sent it. An error stands in place of a datagram, such as one that <c>Refused</c> matches where
    /// nobody took what was sent before, and the socket goes on.
    /// </summary>
    let receive (buffer: Memory<byte>) (socket: IoDatagramSocket) : Io<DatagramInfo> =
        // Without io { }, which would keep room for some of these values, each with a sender's address of over 100 bytes.
        fun token ->
            let receiving = socket.ReceiveAsync(buffer, token)

            if receiving.IsCompletedSuccessfully then
                ValueTask<_>(Ok receiving.Result)
            else
                ValueTask<Result<DatagramInfo, IoError>>(
                    task {
                        try
                            let! info = receiving
                            return Ok info
                        with :? IoException as known ->
                            return Error known.Error
                    }
                )

    let private takeWaiting (buffers: Memory<byte> array) (infos: DatagramInfo array) (socket: IoDatagramSocket) : int =
        let most = min buffers.Length infos.Length
        let mutable count = 1

        while count < most && socket.TryReceive(buffers[count], &infos[count]) do
            count <- count + 1

        count

    /// <summary>
    /// Receives the next datagram, or waits for it, and those behind it that have come already, each into a buffer of its own; what
    /// <c>receive</c> tells of each goes to the same place of <c>infos</c>. Gives how many, at least one, and no more than either array has
    /// room for. An error behind the first is left to the next receive.
    /// </summary>
    let receiveMany (buffers: Memory<byte> array) (infos: DatagramInfo array) (socket: IoDatagramSocket) : Io<int> =
        io {
            if buffers.Length = 0 || infos.Length = 0 then
                invalidArg (if buffers.Length = 0 then "buffers" else "infos") "There is no room for a datagram."

            let! first = socket |> receive buffers[0]
            infos[0] <- first
            return takeWaiting buffers infos socket
        }
