namespace AkkaWal.Example;

/// <summary>What a record holds, as JSON.</summary>
/// <param name="Number">The order's number.</param>
/// <param name="Item">What is ordered.</param>
/// <param name="Count">How many.</param>
public sealed record Order(long Number, string Item, int Count);
