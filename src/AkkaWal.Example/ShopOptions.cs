using Microsoft.Extensions.Configuration;

namespace AkkaWal.Example;

/// <summary>The shop's options.</summary>
/// <param name="Directory">The directory of its log and of its consumer's position; an absolute path.</param>
/// <param name="Orders">The number of orders that it takes before it stops; 0 for no end.</param>
public sealed record ShopOptions(string Directory, int Orders)
{
    /// <summary>Reads the section <c>Shop</c>.</summary>
    public static ShopOptions From(IConfiguration configuration) => new(
        Path.GetFullPath(configuration["Shop:Directory"] ?? "./shop"),
        configuration.GetValue("Shop:Orders", 0));
}
