using System.Diagnostics;
using System.Globalization;
using AwsIO.Bench.Reports;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// The limit to measure against: an epoll loop in C, without a pipeline or a library; with TLS, the same over OpenSSL.
/// Compiled at its first use, where there is a compiler, and run as a child process.
/// </summary>
internal sealed class RawCImplementation : IImplementation
{
    private readonly CompiledPeer _plain = new("raw_epoll.c");
    private readonly CompiledPeer _connect = new("raw_connect.c");
    private readonly CompiledPeer _tls = new("raw_tls.c", "-lssl", "-lcrypto");

    public string Name => "raw-c";

    public bool SupportsTls => true;

    public bool Supports(WorkloadKind kind) => true;

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        CompiledPeer peer =
            options.Kind == WorkloadKind.Connect ? _connect
            : options.Tls is null ? _plain
            : _tls;
        string program = await peer.GetProgramAsync(cancellationToken);
        var start = new ProcessStartInfo(program);
        WorkloadOptions firehose = options.ToFirehose();
        string[] arguments =
        [
            CommandLineText.NameOf(options.Kind),
            options.Connections.ToString(CultureInfo.InvariantCulture),
            options.Size.ToString(CultureInfo.InvariantCulture),
            options.ReadSize.ToString(CultureInfo.InvariantCulture),
            WorkloadOptions.MessagesInFlight.ToString(CultureInfo.InvariantCulture),
            options.Warmup.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            options.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (peer == _plain)
        {
            start.ArgumentList.Add(options.Firehose ? firehose.Size.ToString(CultureInfo.InvariantCulture) : "0");
            start.ArgumentList.Add(WorkloadOptions.QuietInterval.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }

        if (peer == _connect)
        {
            start.ArgumentList.Add(WorkloadOptions.Addresses.Count.ToString(CultureInfo.InvariantCulture));
        }

        if (options.Tls is { } tls)
        {
            start.ArgumentList.Add(peer.WriteFile("authority.pem", tls.AuthorityPem));
            start.ArgumentList.Add(peer.WriteFile("certificate.pem", tls.Certificate.CertificatePem));
            start.ArgumentList.Add(peer.WriteFile("key.pem", tls.Certificate.PrivateKeyPem));
        }

        RunResult result = await ChildProcess.RunAsync(start, options, cancellationToken);
        return result with { Implementation = Name };
    }

    public void Dispose()
    {
        _plain.Dispose();
        _connect.Dispose();
        _tls.Dispose();
    }
}
