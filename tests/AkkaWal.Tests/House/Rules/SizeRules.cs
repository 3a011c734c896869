using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AkkaWal.Tests.House.Rules;

/// <summary>
/// The limits for the sizes of types, methods and folders, and the rule that a type is in one file.
/// </summary>
internal static class SizeRules
{
    internal const int MaxTypeLines = 400, MaxMethodLines = 70, MaxFolderFiles = 10;

    /// <summary>The types that break a rule, and how.</summary>
    internal static IEnumerable<(string Type, string Why)> Offences(SourceText source)
    {
        foreach (var node in source.Parse().DescendantNodes())
        {
            switch (node)
            {
                case BaseTypeDeclarationSyntax type when LinesOf(type) is > MaxTypeLines and var lines:
                    yield return (type.Identifier.Text, $"{lines} lines");
                    break;
                case TypeDeclarationSyntax type when IsPartial(type.Modifiers) && !IsCompletedByGenerator(type):
                    yield return (type.Identifier.Text, "partial");
                    break;
                case BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or BasePropertyDeclarationSyntax
                    when LinesOf(node) is > MaxMethodLines and var lines:
                    yield return (TypeAround(node), $"{lines} lines in {FirstLineOf(node)}");
                    break;
            }
        }
    }

    /// <summary>The folders that have too many files. Those of folders below them are not counted.</summary>
    internal static IEnumerable<(string Folder, string Why)> Crowded(IEnumerable<SourceText> sources) =>
        from source in sources
        group source by source.Folder into folder
        let files = folder.Count()
        where files > MaxFolderFiles
        select (folder.Key, $"{files} files");

    // Comments before a declaration are not counted.
    private static int LinesOf(SyntaxNode node)
    {
        var lines = node.SyntaxTree.GetLineSpan(node.Span);
        return lines.EndLinePosition.Line - lines.StartLinePosition.Line + 1;
    }

    private static bool IsPartial(SyntaxTokenList modifiers) => modifiers.Any(SyntaxKind.PartialKeyword);

    // A partial method without a body, or a class around one: a generator writes the rest.
    private static bool IsCompletedByGenerator(TypeDeclarationSyntax type) => type.Members.Any(member =>
        (IsPartial(member.Modifiers) && member.AttributeLists.Count > 0)
        || (member is TypeDeclarationSyntax inner && IsPartial(inner.Modifiers) && IsCompletedByGenerator(inner)));

    private static string TypeAround(SyntaxNode node) =>
        node.Ancestors().OfType<BaseTypeDeclarationSyntax>().First().Identifier.Text;

    private static string FirstLineOf(SyntaxNode node) => node.ToString().Split('\n')[0].Trim();
}
