using AwsIO.Samples;

Dictionary<string, Func<Task>> samples = new(StringComparer.Ordinal)
{
    ["resolve"] = ResolveSample.RunAsync,
    ["socket"] = SocketSample.RunAsync,
    ["tls"] = TlsSample.RunAsync,
    ["stream"] = StreamSample.RunAsync,
    ["echo"] = EchoSample.RunAsync,
    ["await"] = AwaitSample.RunAsync,
    ["loops"] = LoopsSample.RunAsync,
    ["timers"] = TimersSample.RunAsync,
    ["descriptors"] = DescriptorsSample.RunAsync,
    ["futures"] = FuturesSample.RunAsync,
    ["pipes"] = PipesSample.RunAsync,
    ["faults"] = FaultsSample.RunAsync,
    ["channels"] = ChannelsSample.RunAsync,
    ["lines"] = LinesSample.RunAsync,
    ["frames"] = FramesSample.RunAsync,
    ["pipeline"] = PipelineSample.RunAsync,
};

if (args is not [string name] || !samples.TryGetValue(name, out Func<Task>? run))
{
    await Console.Error.WriteLineAsync($"usage: dotnet run --project samples/AwsIO.Samples -- {string.Join('|', samples.Keys)}");
    return 2;
}

await run();
return 0;
