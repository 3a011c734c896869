namespace AkkaWal.Storage.Tests;

/// <summary>Repeated notes are counted, and do not become thousands of lines.</summary>
public sealed class RepeatedNotesSpec
{
    private readonly List<string> _told = [];

    [Fact]
    public void Many_notes_of_a_kind_should_become_a_few_and_their_number()
    {
        var notes = new RepeatedNotes(_told.Add);
        for (var i = 0; i < 479; i++) notes.Note($"left alone, not of the log: /data/n1/file-{i}");
        notes.Note("the archive is not there");
        Assert.Equal(4, _told.Count);
        notes.End();
        Assert.Equal("... and 476 more like it: left alone, not of the log: /data/n1/file-0", _told[^1]);
        Assert.Equal(5, _told.Count);

        notes.End();
        notes.Note("left alone, not of the log: /data/n1/later");
        Assert.Equal(6, _told.Count);
    }

    [Fact]
    public void Notes_of_too_many_kinds_should_be_one_kind_more()
    {
        var notes = new RepeatedNotes(_told.Add);
        for (var i = 0; i < 10_000; i++) notes.Note($"kind {new string('x', i + 1)}");
        Assert.Equal(RepeatedNotes.MostKinds + RepeatedNotes.MostTold, _told.Count);
        notes.End();
        Assert.StartsWith(
            $"... and {10_000 - RepeatedNotes.MostKinds - RepeatedNotes.MostTold} more", _told[^1],
            StringComparison.Ordinal);
    }
}
