using System.Globalization;
using System.Reflection;
using AkkaWal.Node.CommandLine;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Tests.House;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>The tables of failures name every failure that a person can meet, and no other.</summary>
public sealed class FailureTablesSpec
{
    [Fact]
    public void Every_kind_of_failure_should_have_a_row_with_the_nodes_code() => Assert.Equal(
        Enum.GetValues<FailureKind>().Select(kind => $"`{kind}` {(int)ErrorCodes.Of(kind)}").Order(),
        RowsOf("OPERATING.md", "kind (`FailureKind`)").Select(row => $"{row[0]} {row[2]}").Order());

    [Fact]
    public void Every_cause_of_a_failed_call_should_have_a_row() => Assert.Equal(
        Enum.GetNames<WalIOCause>().Select(name => $"`{name}`").Order(),
        RowsOf("OPERATING.md", "cause (`WalIOCause`)").Select(row => row[0]).Order());

    [Fact]
    public void Every_kind_of_fault_should_have_a_row() => Assert.Equal(
        Enum.GetNames<LogFaultKind>().Select(name => name.ToLowerInvariant()).Order(),
        RowsOf("OPERATING.md", "kind | text begins").Select(row => row[0]).Order());

    [Fact]
    public void Every_exit_status_should_have_a_row() => Assert.Equal(
        typeof(ExitStatus).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)).Order(),
        RowsOf("COMMANDS.md", "status | means").Select(row => row[0]).Order());

    [Fact]
    public void Every_repair_should_have_a_row() => Assert.Equal(
        RepairNames.All.Select(name => $"`{name}`").Order(),
        RowsOf("COMMANDS.md", "repair | what is lost").Select(row => row[0]).Order());

    private static IEnumerable<string[]> RowsOf(string document, string head) =>
        File.ReadLines(Path.Combine(Checkout.Root, "docs", document))
            .SkipWhile(line => !line.StartsWith($"| {head}", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray());
}
