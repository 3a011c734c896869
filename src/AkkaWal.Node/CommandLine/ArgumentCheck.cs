using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using AkkaWal.Configuration;

namespace AkkaWal.Node.CommandLine;

/// <summary>
/// What is wrong with the arguments of a verb, in the words of its help. The package finds most of it, but says it in
/// its own words and on several lines.
/// </summary>
internal static class ArgumentCheck
{
    /// <summary>The refusal of arguments; null if nothing is wrong with them.</summary>
    public static VerbException? Problem(RootCommand root, ParseResult parsed, string first)
    {
        var isAnswered = parsed.Action is { ClearsParseErrors: true };
        if (parsed.CommandResult.Command is not Verb verb)
            return isAnswered && parsed.Tokens[0].Type == TokenType.Directive ? null : UnknownVerb(root, first);
        if (isAnswered) return null;
        var problem = UnknownOption(verb, parsed) ?? Superfluous(verb, parsed) ?? MissingArgument(verb, parsed)
            ?? WrongValue(parsed) ?? MissingOption(verb, parsed)
            ?? (parsed.Errors is [var error, ..] ? OperatorConsole.OneLine(error.Message).TrimEnd('.') : null);
        return problem is null
            ? null
            : VerbException.Refused(problem, $"try: {verb.Example}; {verb.Name} --help tells more");
    }

    private static VerbException UnknownVerb(RootCommand root, string first)
    {
        var said = OperatorConsole.OneLine(first);
        List<string> names = [.. root.Subcommands.Select(command => command.Name)];
        return NearNames.Find(said, names) is { } near
            ? VerbException.Refused($"there is no verb {said}, but {near}", $"{near} --help tells of it")
            : VerbException.Refused(
                $"there is no verb {said}, but {string.Join(", ", names)}", "--help after one tells of it");
    }

    // The parser takes an unknown option for an argument if the verb has room for one. So a path that begins with a
    // hyphen must come after -- or begin with ./ instead.
    private static string? UnknownOption(Verb verb, ParseResult parsed)
    {
        var said = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value is ['-', _, ..]
                && !long.TryParse(token.Value, out _))
            ?.Value;
        if (said is null) return null;
        var name = OperatorConsole.OneLine(said.Split('=')[0]);
        if (verb.Options.Any(option => option.Name == name || option.Aliases.Contains(name)))
            return $"{OptionWithValue(said, parsed)} wants a value";
        return NearNames.Find(name, verb.Options.Select(option => option.Name)) is { } near
            ? $"{verb.Name} has no option {name}, but {near}"
            : $"{verb.Name} has no option {name}";
    }

    // The option whose value is the name of another one.
    private static string? OptionWithValue(string said, ParseResult parsed) => parsed.CommandResult.Children
        .OfType<OptionResult>().FirstOrDefault(result => result.Tokens.Any(token => token.Value == said))
        ?.IdentifierToken?.Value;

    private static string? Superfluous(Verb verb, ParseResult parsed) => parsed.UnmatchedTokens is [var said, ..]
        ? $"{verb.Name} takes no argument {OperatorConsole.OneLine(said)}"
        : null;

    private static string? MissingArgument(Verb verb, ParseResult parsed) =>
        verb.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0
            && parsed.GetResult(argument) is null or { Tokens.Count: 0 }) is { } missing
            ? $"{verb.Name} needs {missing.Name}"
            : null;

    private static string? MissingOption(Verb verb, ParseResult parsed) =>
        verb.Options.FirstOrDefault(option => option.Required
            && parsed.GetResult(option) is null or { Tokens.Count: 0 }) is { } missing
            ? $"{verb.Name} needs {missing.Name} {missing.HelpName}"
            : null;

    private static string? WrongValue(ParseResult parsed)
    {
        foreach (var error in parsed.Errors)
        {
            var option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
            if (option is not null && ProblemOf(option) is { } problem) return problem;
            if (error.SymbolResult is ArgumentResult { Tokens: [var said] } argument)
                return ProblemOf(
                    argument.Argument.Name, said.Value, argument.Argument.GetCompletions(CompletionContext.Empty));
        }
        return null;
    }

    private static string? ProblemOf(OptionResult result)
    {
        var name = result.IdentifierToken?.Value ?? result.Option.Name;
        if (result.Option.ValueType == typeof(bool)) return $"{name} takes no value";
        return result.Tokens switch
        {
            // Where the option is required, it may not be there at all.
            [] => result.Implicit ? null : $"{name} wants a value",
            [var said] => ProblemOf(name, said.Value, result.Option.GetCompletions(CompletionContext.Empty)),
            _ => $"{name} is given more than once",
        };
    }

    // A value is one of a few words, or a number.
    private static string ProblemOf(string name, string value, IEnumerable<CompletionItem> allowed)
    {
        var said = OperatorConsole.OneLine(value);
        List<string> words = [.. allowed.Select(item => item.Label)];
        if (words.Count > 0) return $"{name} is {string.Join(", ", words[..^1])} or {words[^1]}, and not {said}";
        return said.Length > 0 && said.All(char.IsAsciiDigit)
            ? $"{name} is at most {long.MaxValue}, and not {said}"
            : $"{name} is a whole number, and not {(said.Length == 0 ? "empty" : said)}";
    }
}
