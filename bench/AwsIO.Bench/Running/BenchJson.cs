using System.Text.Json;
using System.Text.Json.Serialization;
using AwsIO.Bench.Reports;

namespace AwsIO.Bench.Running;

/// <summary>The JSON between processes and in <c>--json</c> files.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
