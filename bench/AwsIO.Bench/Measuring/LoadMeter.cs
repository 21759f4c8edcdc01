namespace AwsIO.Bench.Measuring;

/// <summary>Gathers what the threads of one workload record, and the first thing that went wrong.</summary>
internal sealed class LoadMeter
{
    [ThreadStatic]
    private static (LoadMeter? Meter, LoadRecorder? Recorder) s_current;

    private readonly Lock _lock = new();
    private readonly List<LoadRecorder> _recorders = [];
    private Exception? _failure;
    private LoadMeter? _beside;

    /// <summary>
    /// The calling thread's recorder, made at its first use. For code that runs on the thread pool: ask anew after
    /// each await, as the thread may be another.
    /// </summary>
    public LoadRecorder Current
    {
        get
        {
            (LoadMeter? meter, LoadRecorder? recorder) = s_current;
            return meter == this ? recorder! : AddCurrent();
        }
    }

    /// <summary>Gathers a load beside the measured one: only its bytes are told of, and what goes wrong with it.</summary>
    public LoadMeter Beside => LazyInitializer.EnsureInitialized(ref _beside)!;

    public Exception? Failure => Volatile.Read(ref _failure) ?? Volatile.Read(ref _beside)?.Failure;

    /// <summary>Makes a recorder for a loop to keep, which only that loop's thread may write.</summary>
    public LoadRecorder AddRecorder()
    {
        var recorder = new LoadRecorder();
        lock (_lock)
        {
            _recorders.Add(recorder);
        }

        return recorder;
    }

    /// <summary>Notes why the load broke; the first reason wins, and fails the run.</summary>
    public void Fail(Exception reason) => Interlocked.CompareExchange(ref _failure, reason, null);

    /// <summary>Fails the run if anything went wrong.</summary>
    public void ThrowIfFailed()
    {
        if (Failure is { } failure)
        {
            throw new InvalidOperationException($"The load broke: {failure.Message}", failure);
        }
    }

    /// <summary>All operations so far.</summary>
    public long CountOperations()
    {
        lock (_lock)
        {
            return _recorders.Sum(static recorder => recorder.Operations);
        }
    }

    /// <summary>All bytes so far.</summary>
    public long CountBytes()
    {
        lock (_lock)
        {
            return _recorders.Sum(static recorder => recorder.Bytes);
        }
    }

    /// <summary>Waits for a part of the load to end; what it throws is why the load broke.</summary>
    public async Task WatchAsync(Task part)
    {
        try
        {
            await part;
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    public void CopyTo(LoadSnapshot snapshot)
    {
        snapshot.Clear();
        lock (_lock)
        {
            foreach (LoadRecorder recorder in _recorders)
            {
                snapshot.Add(recorder);
            }
        }
    }

    private LoadRecorder AddCurrent()
    {
        LoadRecorder recorder = AddRecorder();
        s_current = (this, recorder);
        return recorder;
    }
}
