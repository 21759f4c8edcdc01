namespace AwsIO.FSharp

/// Goes away with the first real file.
module internal Placeholder =
    let name = "AwsIO.FSharp"
