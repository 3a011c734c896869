using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AkkaWal.Tests.House.Rules;

/// <summary>
/// The order of a project's folders: each uses itself and those above it in the list. It is read from `using` lines and
/// from the names of types; comments may name anything.
/// </summary>
/// <param name="rootNamespace">The namespace of the project's root folder.</param>
/// <param name="levels">
/// The lowest level first. A level is one or more folders that may use each other, and files of the root folder that
/// the folders use. What else lies in the root is the last level. A folder below another one is a folder of its own.
/// </param>
internal sealed class FolderOrder(string rootNamespace, params string[][] levels)
{
    /// <summary>The places where a file uses a later level, and the folders that the order does not name.</summary>
    internal IEnumerable<string> Offences(IEnumerable<SourceText> sources)
    {
        var files = sources.Select(source => (source.Path, Level: LevelOf(source), Unit: source.Parse())).ToList();
        var levelOfType = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (_, level, unit) in files)
        {
            // If two types have the same name, the one in the lower level is assumed.
            foreach (var name in TypesIn(unit))
                levelOfType[name] = Math.Min(level, levelOfType.GetValueOrDefault(name, int.MaxValue));
        }

        foreach (var (path, level, unit) in files)
        {
            if (level < 0) yield return $"{path}: its folder has no place in the order";
            foreach (var name in unit.Usings.Select(line => line.Name?.ToString() ?? "")
                .Where(name => LevelOf(name) > level))
                yield return $"{path}: using {name}";
            foreach (var name in NamesIn(unit).Where(name => levelOfType.GetValueOrDefault(name, -1) > level))
                yield return $"{path}: {name}";
        }
    }

    private int LevelOf(SourceText source)
    {
        var place = source.Folder.Length == 0 ? source.Path : source.Folder;
        var level = Array.FindIndex(levels, parts => parts.Contains(place));
        return level < 0 && source.Folder.Length == 0 ? levels.Length : level;
    }

    // Files of several levels have the root's namespace, so names of types decide for them.
    private int LevelOf(string name) =>
        Array.FindIndex(levels, parts => parts.Any(part => name == $"{rootNamespace}.{part.Replace('/', '.')}"));

    private static IEnumerable<string> TypesIn(CompilationUnitSyntax unit) =>
        unit.DescendantNodes(node => node is not BaseTypeDeclarationSyntax).OfType<MemberDeclarationSyntax>()
            .Select(node => (node as BaseTypeDeclarationSyntax)?.Identifier.Text
                ?? (node as DelegateDeclarationSyntax)?.Identifier.Text)
            .OfType<string>();

    // A name behind a dot is a member, or a type if a namespace is before the dot.
    private IEnumerable<string> NamesIn(CompilationUnitSyntax unit) =>
        unit.DescendantNodes(node => node is not UsingDirectiveSyntax).OfType<SimpleNameSyntax>()
            .Where(name => name.Parent is not MemberAccessExpressionSyntax access
                || access.Name != name || IsNamespace(access.Expression.ToString()))
            .Select(name => name.Identifier.Text)
            .Distinct();

    private bool IsNamespace(string text) => levels.SelectMany(parts => parts)
        .Select(part => $".{rootNamespace}.{part.Replace('/', '.')}")
        .Any(name => name.EndsWith($".{text}", StringComparison.Ordinal));
}
