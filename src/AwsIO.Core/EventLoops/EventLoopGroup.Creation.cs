using System.Globalization;
using System.Runtime.InteropServices;
using AwsIO.Native.Platform;

namespace AwsIO;

/// <summary>How a group gets its loops.</summary>
public sealed partial class EventLoopGroup
{
    private static EventLoopType PlatformType => TypeOf(Abi.Current.Kind);

    /// <summary>Makes a group whose loops a factory makes, whatever the options say of their type.</summary>
    internal EventLoopGroup(EventLoopGroupOptions options, EventLoopFactory factory, EventLoopType type)
    {
        Type = type;
        Loggers = IoLoggers.From(GuardedLoggerFactory.Of(options.LoggerFactory));
        _onShutdownComplete = options.OnShutdownComplete;
        _isShared = options.IsShared;
        _choose = options.ChooseLoop ?? Random.Shared.Next;
        CpuSet?[] places = Places(options);
        _watch = options.SlowCallbackThreshold == Timeout.InfiniteTimeSpan
            ? null
            : new LoopWatch(options.SlowCallbackThreshold, Loggers.EventLoop);
        EventLoop[] loops = new EventLoop[places.Length];
        int made = 0;
        try
        {
            for (; made < loops.Length; made++)
            {
                loops[made] = MakeLoop(options, factory, made, places);
            }
        }
        catch
        {
            // The system has refused something, or a clock of the caller's threw when it was asked for a timer.
            UndoCreation(loops[..made]);
            throw;
        }

        _loops = loops;
        _watch?.Watch(loops);
        LoopMetrics.Add(this);
        OwnedThings.Tell(this);
    }

    /// <summary>Ends the loops that were made, and waits for that where it keeps no loop from going on.</summary>
    private void UndoCreation(EventLoop[] made)
    {
        void End()
        {
            EndAll(made);
            _watch?.Dispose();
        }

        if (EventLoop.IsOnAnyLoop)
        {
            RunElsewhere(End);
        }
        else
        {
            End();
        }
    }

    private EventLoop MakeLoop(EventLoopGroupOptions options, EventLoopFactory factory, int index, CpuSet?[] places)
    {
        IoResult<EventLoop> loop = factory(new EventLoopSettings
        {
            Group = this,
            Index = index,
            Logger = Loggers.EventLoop,
            Clock = options.Clock,
            Cpus = places[index],
            Watch = _watch,
            DetectBlockingCalls = options.DetectBlockingCalls,
            SpinMode = options.Cpus is { Count: 1 } ? SpinMode.Off : options.Spin,
            SpinNanoseconds = IoClock.ToNanoseconds(options.SpinTime),
            SpinShare = options.MaxSpinShare,
        });
        IoError error = loop.IsSuccess ? loop.Value.StartNew() : loop.Error;
        return error.IsNone
            ? loop.Value
            : throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"Event loop {index + 1} of {places.Length} could not be made. {error}"));
    }

    /// <summary>Makes the platform's own kind of loop.</summary>
    internal static EventLoopFactory PlatformFactory => Abi.IsLinux ? EpollEventLoop.Create : KqueueEventLoop.Create;

    private static EventLoopGroupOptions Validate(EventLoopGroupOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.LoopCount, "options.LoopCount");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxLoops, "options.MaxLoops");
        if (options.LoopCount > options.MaxLoops)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.LoopCount,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"LoopCount is {options.LoopCount}, but MaxLoops allows {options.MaxLoops}: each loop needs a thread of its own, and this machine has {Environment.ProcessorCount} processors. Ask for fewer loops, or raise MaxLoops."));
        }

        if (options.Spin is < SpinMode.Adaptive or > SpinMode.Fixed)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Spin, "There is no such SpinMode.");
        }

        if (options.SpinTime < TimeSpan.Zero || options.SpinTime > EventLoopGroupOptions.MaxSpinTime)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.SpinTime, $"SpinTime goes from zero to {EventLoopGroupOptions.MaxSpinTime}.");
        }

        // So that what is no number is refused too.
        if (options.MaxSpinShare is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.MaxSpinShare, "MaxSpinShare is above 0 and at most 1. For no spin at all, set Spin to SpinMode.Off.");
        }

        if (options.SlowCallbackThreshold < TimeSpan.FromMilliseconds(10) && options.SlowCallbackThreshold != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.SlowCallbackThreshold,
                "SlowCallbackThreshold is at least 10 ms, or infinite for no warnings.");
        }

        if (options.Clock is { TimestampFrequency: <= 0 })
        {
            throw new ArgumentException("Clock counts no time: its TimestampFrequency is not positive.", nameof(options));
        }

        if (options.NumaNode is not null && options.Cpus is not null)
        {
            throw new ArgumentException("NumaNode and Cpus both say where the loops run: give one of them.", nameof(options));
        }

        bool isKnown = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD();
        ValidateType(options.Type, isKnown ? Abi.Current.Kind : null, RuntimeInformation.OSDescription);
        return options;
    }

    /// <summary>Refuses a type that the platform does not have.</summary>
    /// <param name="type">The type that was asked for.</param>
    /// <param name="platform">The kernel, or null for one that AwsIO does not know.</param>
    /// <param name="name">What the system calls itself, for the message.</param>
    internal static void ValidateType(EventLoopType type, AbiKind? platform, string name)
    {
        if (type is < EventLoopType.PlatformDefault or > EventLoopType.DispatchQueue)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such kind of event loop.");
        }

        if (platform is not { } known || (type != EventLoopType.PlatformDefault && type != TypeOf(known)))
        {
            throw new PlatformNotSupportedException($"An event loop of type {type} is not supported on {name}.");
        }
    }

    /// <summary>The kind of loop that a kernel has; each has one.</summary>
    private static EventLoopType TypeOf(AbiKind platform) => platform == AbiKind.Linux ? EventLoopType.Epoll : EventLoopType.Kqueue;

    /// <summary>As many places as there will be loops: the processors of each, or null for all of the process's.</summary>
    private static CpuSet?[] Places(EventLoopGroupOptions options)
    {
        if (options.NumaNode is { } node)
        {
            // Somebody who names a node cares for processors: each loop gets one to itself, and none shares a core with another.
            CpuSet all = CpuTopology.System.OfNode(node) ?? throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"NumaNode is {node}, but this machine has no such node with processors."),
                nameof(options));
            int[] cores = CpuTopology.System.FirstThreads(all, CpuSet.Available);
            if (cores.Length == 0)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"NumaNode is {node}, but this process may not use its processors {all}."),
                    nameof(options));
            }

            int count = options.LoopCount > 0 ? Math.Min(options.LoopCount, cores.Length) : DefaultCount(cores.Length, options.MaxLoops);
            return [.. cores.Take(count).Select(static cpu => new CpuSet(cpu))];
        }

        if (options.Cpus is { } cpus)
        {
            CpuSet available = CpuSet.Available;
            if (cpus.Except(available).ToArray() is { Length: > 0 } missing)
            {
                throw new ArgumentException(
                    $"Cpus is {cpus}, but this process may not use {new CpuSet(missing)}: it may use {available}.", nameof(options));
            }
        }

        int loops = options.LoopCount > 0
            ? options.LoopCount
            : DefaultCount(options.Cpus?.Count ?? Environment.ProcessorCount, options.MaxLoops);
        CpuSet?[] places = new CpuSet?[loops];
        Array.Fill(places, options.Cpus);
        return places;
    }

    private static int DefaultCount(int processors, int maxLoops) => Math.Clamp(processors / 2, 1, maxLoops);
}
