namespace AwsIO.FSharp

open AwsIO

/// <summary>Channel handlers from functions, for protocols at the callback level.</summary>
[<RequireQualifiedAccess>]
module Handler =

    /// <summary>
    /// A handler that is given each message from the left, on the loop's thread. The function owns the message unless it answers an error.
    /// </summary>
    let create (onRead: ChannelSlot -> IoMessage -> IoError) : ChannelHandler =
        { new ChannelHandler() with
            override _.OnRead(slot, message) = onRead slot message
        }
