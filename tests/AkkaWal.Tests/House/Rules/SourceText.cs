using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AkkaWal.Tests.House.Rules;

/// <summary>One source file: its path below the folder that is checked, and its text.</summary>
/// <param name="Path">With `/` between folders.</param>
/// <param name="Text">The whole file.</param>
internal sealed record SourceText(string Path, string Text)
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    /// <summary>The file's folder; "" for the root.</summary>
    internal string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');

    internal CompilationUnitSyntax Parse() => CSharpSyntaxTree.ParseText(Text, Options).GetCompilationUnitRoot();

    /// <summary>All files of code below a folder of the checkout.</summary>
    internal static IEnumerable<SourceText> Below(string folder)
    {
        var root = System.IO.Path.Combine(Checkout.Root, folder);
        return from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
               let path = System.IO.Path.GetRelativePath(root, file).Replace('\\', '/')
               where !path.Split('/').Contains("obj")
               select new SourceText(path, File.ReadAllText(file));
    }
}
