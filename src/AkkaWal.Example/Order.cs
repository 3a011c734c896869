namespace AkkaWal.Example;

/// <summary>The content of a record, as JSON.</summary>
/// <param name="Number">The order's number.</param>
/// <param name="Item">The item.</param>
/// <param name="Count">The number of items.</param>
public sealed record Order(long Number, string Item, int Count);
