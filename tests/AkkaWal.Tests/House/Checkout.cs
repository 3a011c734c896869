namespace AkkaWal.Tests.House;

/// <summary>The folder of the sources from which the tests were built.</summary>
internal static class Checkout
{
    internal static readonly string Root = FindRoot();

    private static string FindRoot()
    {
        for (var directory = AppContext.BaseDirectory;
            directory is not null;
            directory = Path.GetDirectoryName(directory))
            if (File.Exists(Path.Combine(directory, "AkkaWal.sln"))) return directory;
        throw new InvalidOperationException("the tests run outside a checkout");
    }
}
