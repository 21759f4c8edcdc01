namespace AwsIO.FSharp

open System.Collections.Generic
open AwsIO
open AwsIO.Tasks

/// <summary>Connecting and looking up, on the process's own runtime or on one that is given.</summary>
[<RequireQualifiedAccess>]
module Client =

    /// <summary>Connects to a host with all options, on a given runtime.</summary>
    let connectOn (runtime: IoRuntime) (options: ConnectOptions) (host: string) (port: int) : Io<IoConnection> =
        Io.ofTask (fun token -> runtime.ConnectAsync(host, port, options, token))

    /// <summary>Connects to a host without TLS.</summary>
    let connectPlain (host: string) (port: int) : Io<IoConnection> =
        connectOn IoRuntime.Shared (ConnectOptions()) host port

    /// <summary>Connects to a host with TLS.</summary>
    let connect (tls: TlsClientOptions) (host: string) (port: int) : Io<IoConnection> =
        connectOn IoRuntime.Shared (ConnectOptions(Tls = tls)) host port

    /// <summary>Connects to an address or a path, without a look-up.</summary>
    let connectTo (options: ConnectOptions) (endpoint: SocketEndpoint) : Io<IoConnection> =
        Io.ofTask (fun token -> IoRuntime.Shared.ConnectAsync(endpoint, options, token))

    /// <summary>Looks a host up: its addresses, the best first.</summary>
    let resolve (host: string) : Io<IReadOnlyList<HostAddress>> =
        Io.ofTask (fun token -> IoRuntime.Shared.ResolveAsync(host, token))
