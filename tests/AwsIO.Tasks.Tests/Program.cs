using AwsIO.Tasks.Tests.Runtimes;

// A test that needs a process of its own starts this one again, with the name of what it is to do.
return args is ["--child", ..]
    ? await ChildProcess.Run()
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
