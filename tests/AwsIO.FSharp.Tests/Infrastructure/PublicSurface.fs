/// An assembly's public surface as sorted lines, with signatures as F# sees them. Abbreviations of types are not in an assembly; the two of
/// AwsIO.FSharp are put back into the signatures.
module AwsIO.FSharp.Tests.PublicSurface

open System
open System.Collections.Generic
open System.Reflection
open System.Threading
open System.Threading.Tasks
open Microsoft.FSharp.Core.CompilerServices
open AwsIO
open AwsIO.FSharp

let private names =
    dict
        [
            typeof<unit>, "unit"
            typeof<Void>, "unit"
            typeof<bool>, "bool"
            typeof<byte>, "byte"
            typeof<int>, "int"
            typeof<int64>, "int64"
            typeof<float>, "float"
            typeof<string>, "string"
            typeof<obj>, "obj"
            typeof<exn>, "exn"
            typedefof<Result<_, _>>, "Result"
            typedefof<Choice<_, _>>, "Choice"
            typedefof<Async<_>>, "Async"
            typedefof<seq<_>>, "seq"
        ]

let private postfix =
    dict
        [
            typedefof<_ list>, "list"
            typedefof<_ option>, "option"
            typedefof<_ voption>, "voption"
        ]

let private definition (it: Type) =
    if it.IsGenericType then
        it.GetGenericTypeDefinition()
    else
        it

let private isA (known: Type) (it: Type) =
    it.IsGenericType && it.GetGenericTypeDefinition() = known

/// The value's type, where the type is that of an Io.
let private (|Operation|_|) (it: Type) =
    if
        isA typedefof<_ -> _> it
        && it.GenericTypeArguments[0] = typeof<CancellationToken>
    then
        match it.GenericTypeArguments[1] with
        | task when
            isA typedefof<ValueTask<_>> task
            && isA typedefof<Result<_, _>> task.GenericTypeArguments[0]
            ->
            let result = task.GenericTypeArguments[0]

            if result.GenericTypeArguments[1] = typeof<IoError> then
                Some result.GenericTypeArguments[0]
            else
                None
        | _ -> None
    else
        None

let private (|Code|_|) (it: Type) =
    if
        isA typedefof<ResumableCode<_, _>> it
        && isA typedefof<IoStateMachineData<_>> it.GenericTypeArguments[0]
    then
        Some(it.GenericTypeArguments[0].GenericTypeArguments[0], it.GenericTypeArguments[1])
    else
        None

let private isFunction (it: Type) =
    match it with
    | Operation _ -> false
    | it -> isA typedefof<_ -> _> it

let private shortName (it: Type) = (it.Name.Split '`')[0]

let rec private text (it: Type) : string =
    match it with
    | it when it.IsGenericParameter -> "'" + it.Name
    | it when it.IsByRef -> $"byref<{inner it}>"
    | it when it.IsArray -> $"{atom (inner' it)} array"
    | Operation value -> $"Io<{text value}>"
    | Code(overall, value) -> $"IoCode<{text overall}, {text value}>"
    | it when isA typedefof<_ -> _> it -> $"{argument it.GenericTypeArguments[0]} -> {text it.GenericTypeArguments[1]}"
    | it when Reflection.FSharpType.IsTuple it ->
        let elements =
            it
            |> Reflection.FSharpType.GetTupleElements
            |> Array.map atom
            |> String.concat " * "

        if it.IsValueType then $"struct ({elements})" else elements
    | it when postfix.ContainsKey(definition it) -> $"{atom it.GenericTypeArguments[0]} {postfix[definition it]}"
    | it ->
        let name =
            match names.TryGetValue(definition it) with
            | true, known -> known
            | _ -> shortName it

        if it.IsGenericType then
            let arguments = it.GetGenericArguments() |> Array.map text
            $"""{name}<{String.Join(", ", arguments)}>"""
        else
            name

and private inner' (it: Type) : Type =
    match it.GetElementType() with
    | null -> failwith $"{it} has no elements"
    | element -> element

and private inner (it: Type) = text (inner' it)

and private argument (it: Type) =
    if isFunction it then $"({text it})" else text it

and private atom (it: Type) =
    if isFunction it || (Reflection.FSharpType.IsTuple it && not it.IsValueType) then
        $"({text it})"
    else
        text it

let private attribute<'A when 'A :> Attribute> (it: MemberInfo) =
    it.GetCustomAttributes<'A>() |> Seq.tryHead

let private constraints (parameters: Type array) =
    let all =
        [
            for parameter in parameters do
                for limit in parameter.GetGenericParameterConstraints() do
                    $"'{parameter.Name} :> {text limit}"
        ]

    if all.IsEmpty then
        ""
    else
        " when " + String.Join(" and ", all)

/// The groups of a curried function's arguments; one group where nothing is said of it.
let private groups (it: MethodBase) =
    let all = it.GetParameters() |> List.ofArray

    match attribute<CompilationArgumentCountsAttribute> it with
    | Some counts ->
        let folder (rest: ParameterInfo list, made) count =
            List.skip count rest, List.take count rest :: made

        Seq.fold folder (all, []) counts.Counts |> snd |> List.rev
    | None -> [ all ]

let private parameters (group: ParameterInfo list) =
    match group with
    | [] -> "unit"
    | group ->
        let one (parameter: ParameterInfo) =
            match parameter.Name with
            | null -> argument parameter.ParameterType
            | name when name.StartsWith "_" -> argument parameter.ParameterType
            | name -> $"{name}: {argument parameter.ParameterType}"

        String.Join(" * ", group |> List.map one)

let private sourceName (it: MemberInfo) =
    match attribute<CompilationSourceNameAttribute> it with
    | Some known -> known.SourceName
    | None -> it.Name

/// A function whose last argument is the token of an Io gives an Io: so it is written in the source.
let private (|MakesOperation|_|) (groups: ParameterInfo list list, result: Type) =
    match List.rev groups with
    | [ last ] :: others when
        last.ParameterType = typeof<CancellationToken>
        && isA typedefof<ValueTask<_>> result
        && isA typedefof<Result<_, _>> result.GenericTypeArguments[0]
        ->
        Some(List.rev others, result.GenericTypeArguments[0].GenericTypeArguments[0])
    | _ -> None

let private signature (isModule: bool) (it: MethodBase) (result: Type) =
    match groups it, result with
    | MakesOperation(groups, value) when isModule ->
        String.Join(" -> ", List.map parameters groups @ [ $"Io<{text value}>" ])
    | groups, result -> String.Join(" -> ", List.map parameters groups @ [ argument result ])

let private isShown (it: MemberInfo) =
    (attribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute> it).IsNone

let private flags =
    BindingFlags.Public
    ||| BindingFlags.Instance
    ||| BindingFlags.Static
    ||| BindingFlags.DeclaredOnly

let private isAccessor (it: MethodInfo) =
    it.IsSpecialName && (it.Name.StartsWith "get_" || it.Name.StartsWith "set_")

let private ofMember (owner: string) (isModule: bool) (it: MemberInfo) =
    let kind isStatic =
        if isStatic && not isModule then "static " else ""

    match it with
    | :? MethodInfo as it when not (isAccessor it) ->
        let generic =
            if it.IsGenericMethod then
                constraints (it.GetGenericArguments())
            else
                ""

        let operation =
            match attribute<CustomOperationAttribute> it with
            | Some known -> $" (operation {known.Name})"
            | None -> ""

        Some $"{owner}.{sourceName it}: {kind it.IsStatic}{signature isModule it it.ReturnType}{generic}{operation}"
    | :? ConstructorInfo as it when not it.IsStatic ->
        let made: Type = nonNull it.DeclaringType
        Some $"{owner}.new: {signature false it made}"
    | :? PropertyInfo as it ->
        let isStatic = it.GetAccessors() |> Array.exists _.IsStatic
        let access = if it.CanWrite then " with get, set" else ""
        Some $"{owner}.{sourceName it}: {kind isStatic}{text it.PropertyType}{access}"
    | :? FieldInfo as it ->
        let isMutable = if it.IsInitOnly || it.IsLiteral then "" else "mutable "
        Some $"{owner}.{it.Name}: {isMutable}{text it.FieldType} (field)"
    | _ -> None

let private ofType (it: Type) =
    let isModule = Reflection.FSharpType.IsModule it
    let name = $"{it.Namespace}.{shortName it}"

    let kind =
        if isModule then "module"
        elif it.IsValueType then "struct"
        elif it.IsInterface then "interface"
        elif it.IsSealed then "sealed class"
        else "class"

    let notes =
        [
            if (attribute<AutoOpenAttribute> it).IsSome then
                "AutoOpen"
            if (attribute<RequireQualifiedAccessAttribute> it).IsSome then
                "RequireQualifiedAccess"
        ]

    let generic =
        if it.IsGenericType then
            $"""<{String.Join(", ", it.GetGenericArguments() |> Array.map text)}>"""
        else
            ""

    let notes =
        if notes.IsEmpty then
            ""
        else
            $""" ({String.Join(", ", notes)})"""

    [
        $"{name}{generic}: {kind}{notes}"
        for it in it.GetMembers flags do
            if isShown it then
                yield! ofMember name isModule it |> Option.toList
    ]

/// The surface, in an order that no culture and no run changes.
let lines (assembly: Assembly) =
    assembly.GetExportedTypes()
    |> Seq.collect ofType
    |> Seq.distinct
    |> Seq.sortWith (fun one other -> String.CompareOrdinal(one, other))
    |> List.ofSeq
