using Microsoft.Extensions.Configuration;

namespace AkkaWal.Example;

/// <summary>What the shop is told at its start.</summary>
/// <param name="Directory">Where its log and its consumer's position are kept; an absolute path.</param>
/// <param name="Orders">How many orders it takes before it stops; 0 for no end.</param>
public sealed record ShopOptions(string Directory, int Orders)
{
    /// <summary>Reads the section <c>Shop</c>.</summary>
    public static ShopOptions From(IConfiguration configuration) => new(
        Path.GetFullPath(configuration["Shop:Directory"] ?? "./shop"),
        configuration.GetValue("Shop:Orders", 0));
}
