namespace AwsIO.FSharp

open System
open System.IO
open AwsIO
open AwsIO.Tasks

/// <summary>Where to connect, listen or send.</summary>
[<RequireQualifiedAccess>]
module Endpoint =

    /// <summary>An IP address in text, and a port; 0 has a free one chosen when listening.</summary>
    let tcp (address: string) (port: int) = SocketEndpoint.Tcp(address, port)

    /// <summary>An IP address in text, and a port, for datagrams; 0 has a free one chosen when binding.</summary>
    let udp (address: string) (port: int) = SocketEndpoint.Udp(address, port)

    /// <summary>A Unix domain socket's path.</summary>
    let unix (path: string) = SocketEndpoint.Unix path

/// <summary>Makes <c>tls { }</c>: a client's options. Empty, it verifies the peer against the system's trust and the name dialled.</summary>
[<Sealed>]
type TlsBuilder() =

    /// <summary>Empty options.</summary>
    member _.Yield(_: unit) = TlsClientOptions()

    /// <summary>Empty options.</summary>
    member _.Zero() = TlsClientOptions()

    /// <summary>The protocols to offer, the most wanted first.</summary>
    [<CustomOperation "alpn">]
    member _.Alpn(options: TlsClientOptions, protocols: string list) =
        options.Alpn <- protocols
        options

    /// <summary>The authorities to trust, in PEM, in place of the system's.</summary>
    [<CustomOperation "trust">]
    member _.Trust(options: TlsClientOptions, pem: string) =
        options.TrustedCertificatesPem <- pem
        options

    /// <summary>A file of the authorities to trust, in PEM, in place of the system's.</summary>
    [<CustomOperation "trustFile">]
    member _.TrustFile(options: TlsClientOptions, path: string) =
        options.TrustedCertificatesPem <- File.ReadAllText path
        options

    /// <summary>The name that the server's certificate must be for, in place of the name dialled.</summary>
    [<CustomOperation "serverName">]
    member _.ServerName(options: TlsClientOptions, name: string) =
        options.ServerName <- name
        options

    /// <summary>The own certificate and its key, in PEM.</summary>
    [<CustomOperation "identity">]
    member _.Identity(options: TlsClientOptions, certificatePem: string, privateKeyPem: string) =
        options.CertificatePem <- certificatePem
        options.PrivateKeyPem <- privateKeyPem
        options

    /// <summary>The lowest version to speak.</summary>
    [<CustomOperation "minimumVersion">]
    member _.MinimumVersion(options: TlsClientOptions, version: TlsVersion) =
        options.MinimumVersion <- version
        options

    /// <summary>How long the handshake may take.</summary>
    [<CustomOperation "handshakeTimeout">]
    member _.HandshakeTimeout(options: TlsClientOptions, limit: TimeSpan) =
        options.HandshakeTimeout <- limit
        options

    /// <summary>Takes any certificate: anybody can pose as the server.</summary>
    [<CustomOperation "insecure">]
    member _.Insecure(options: TlsClientOptions) =
        options.VerifyPeer <- false
        options

/// <summary>Makes a server's TLS options from a certificate and its key.</summary>
[<RequireQualifiedAccess>]
module ServerTls =

    /// <summary>A certificate with its chain, and its key, in PEM.</summary>
    let ofPem (certificatePem: string) (privateKeyPem: string) =
        TlsServerOptions(CertificatePem = certificatePem, PrivateKeyPem = privateKeyPem)

    /// <summary>Files of a certificate with its chain, and of its key, in PEM.</summary>
    let ofFiles (certificatePath: string) (privateKeyPath: string) =
        ofPem (File.ReadAllText certificatePath) (File.ReadAllText privateKeyPath)

    /// <summary>The protocols to choose from, the most wanted first.</summary>
    let withAlpn (protocols: string list) (options: TlsServerOptions) =
        options.Alpn <- protocols
        options

    /// <summary>Clients must show a certificate that these authorities, in PEM, vouch for.</summary>
    let requireClients (trustedPem: string) (options: TlsServerOptions) =
        options.RequireClientCertificate <- true
        options.TrustedCertificatesPem <- trustedPem
        options

/// <summary>Builders of options.</summary>
[<AutoOpen>]
module OptionBuilders =

    /// <summary>A client's TLS options.</summary>
    let tls = TlsBuilder()
