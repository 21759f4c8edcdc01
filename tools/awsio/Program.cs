using System.CommandLine;

RootCommand root = new("The command-line tool of AwsIO.");
return root.Parse(args).Invoke();
