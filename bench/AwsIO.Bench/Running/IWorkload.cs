using AwsIO.Bench.Measuring;

namespace AwsIO.Bench.Running;

/// <summary>
/// One implementation under one load: server and clients in this process, over 127.0.0.1, with TCP_NODELAY. A new
/// object serves each repetition. An implementation only makes load and reports it to a <see cref="LoadMeter"/>;
/// warm-up, window and figures are the runner's.
/// </summary>
/// <remarks>
/// <see cref="IAsyncDisposable.DisposeAsync"/> stops the load, closes every connection and the listener, ends every
/// thread and waits for all of it. It is called after a failed start too.
/// </remarks>
internal interface IWorkload : IAsyncDisposable
{
    /// <summary>
    /// Listens on an unused port, connects every client, and starts the load. Completes when all connections stand
    /// (and have shaken hands, with TLS) and are loaded.
    /// </summary>
    /// <param name="options">The shape of the load.</param>
    /// <param name="meter">
    /// Where the load goes: each thread records into its own <see cref="LoadMeter.Current"/>, or a loop into one that
    /// it got once from <see cref="LoadMeter.AddRecorder"/>. A connection that breaks reports to
    /// <see cref="LoadMeter.Fail"/>.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken);
}
