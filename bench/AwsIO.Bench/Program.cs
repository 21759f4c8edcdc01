using AwsIO.Bench;

return await BenchCommand.Create().Parse(args).InvokeAsync();
