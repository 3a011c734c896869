using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// Checks what a look at a log directory found, by the tables of FORMAT.md. The code names each row where it decides
/// it. It reads and changes nothing. After a fault it goes on, so that all faults are reported and all whole segments
/// are listed.
/// </summary>
internal sealed class LogCheck
{
    private readonly LogFacts _facts;
    private readonly SegmentFiles _segmentFiles;
    private readonly List<SealedSegment> _sealed = [];
    private readonly List<MissingSegment> _missing = [];
    private readonly List<LogFault> _faults = [];
    private readonly List<long> _unfinished = [];
    private Manifest _manifest = null!;
    private TailSurvey? _tail;

    // The offset at which the next segment must start.
    private long _expected;
    private bool _isNew, _makesActive, _usesOtherForm;

    private LogCheck(LogFacts facts) => (_facts, _segmentFiles) = (facts, facts.SegmentFiles);

    /// <summary>Checks a log directory.</summary>
    internal static LogCheckResult Of(LogFacts facts) => new LogCheck(facts).Check();

    private LogCheckResult Check()
    {
        if (_facts.ManifestFault is WalNewerVersionException)
        {
            RefuseFault(_facts.ManifestFault, "N1", null);
            return new LogCheckResult { SegmentFiles = _segmentFiles, Faults = _faults };
        }
        CheckManifest();
        _expected = _manifest.SealedSegments.Count > 0 ? _manifest.SealedSegments[0].BaseOffset : _manifest.StartOffset;
        foreach (var segment in _manifest.SealedSegments) CheckKnown(segment);
        for (var i = 0; i < _facts.Segments.Count - 1; i++)
            CheckUnknown(_facts.Segments[i], _facts.Segments[i + 1].BaseOffset);
        _expected = Behind(_expected);
        if (_facts.Segments.Count > 0) CheckLast(_facts.Segments[^1]);
        else if (_manifest.HasSegments)
            RefuseMissingActive("M4", $"the active segment, which starts at offset {_expected}");
        else _makesActive = true;
        var leftovers = LeftoverCheck.Of(_facts, _sealed, _expected);
        foreach (var leftover in leftovers.Where(leftover => leftover.IsOfLog))
            _faults.Add(new LogFault(
                LogFaultKind.Leftover, leftover.PathIn(_segmentFiles), 0, null, "no file", leftover.Why)
            {
                Row = leftover.Row,
            });
        return new LogCheckResult
        {
            SegmentFiles = _segmentFiles,
            Manifest = _manifest,
            ManifestChecksum = _facts.ManifestChecksum,
            Sealed = _sealed,
            Missing = _missing,
            ActiveBase = _expected,
            Tail = _tail,
            Faults = _faults,
            IsNew = _isNew,
            MakesActive = _makesActive,
            Unfinished = _unfinished,
            Leftovers = leftovers,
            HasDeletionNote = _facts.Names.HasDeletionNote,
            Marks = _facts.Names.Marks,
            HasIdentity = _facts.Names.HasIdentity,
            IsManifestStale = _facts.Segments.Count > 1 || !_manifest.HasSegments || _usesOtherForm,
            CanManifestWait = _manifest.HasSegments && !_usesOtherForm,
        };
    }

    // M1 to M3. Without a readable MANIFEST an empty one stands in for it, so that the segments can still be read.
    private void CheckManifest()
    {
        var names = _facts.Names;
        var path = _segmentFiles.PathOf(SegmentName.Manifest);
        if (_facts.Manifest is { } manifest)
        {
            _manifest = manifest;
            var epochs = _segmentFiles.PathOf(SegmentName.Epochs);
            if (manifest.HasMoved)
                Refuse(Absent(epochs, null, "the directory of an epoch, which holds the log") with { Row = "M5" });
            return;
        }
        if (_facts.ManifestFault is WalForeignException foreign) RefuseFault(foreign, "S11", null);
        else if (_facts.ManifestFault is { } bad)
            RefuseFault(bad, "M3", RepairKind.RebuildManifest, Advice.RebuildManifest);
        else if (names.Logs.Count + names.Compressed.Count + names.Indexes.Count is > 0 and var count)
            Refuse(Absent(path, null, $"a MANIFEST beside {count} files of segments") with
            {
                Row = "M2", Repair = RepairKind.RebuildManifest, Advice = $"{Advice.Copied}; {Advice.RebuildManifest}",
            });
        else _isNew = true;
        var start = _facts.Segments.Count > 0 ? _facts.Segments[0].BaseOffset : 0;
        _manifest = new Manifest(_segmentFiles.LogId, start, !_isNew, [], []);
    }

    // A segment that the MANIFEST names is only required to exist. Its contents are not read.
    private void CheckKnown(SealedSegment segment)
    {
        NoteMissingBefore(segment.BaseOffset);
        _expected = segment.NextOffset;
        if (FindOtherForm(segment) is { } other)
        {
            _usesOtherForm = true;
            _sealed.Add(other);
            return;
        }
        var name = segment.FileName;
        var names = segment.IsCompressed ? _facts.Names.Compressed : _facts.Names.Logs;
        // The archive may be out of reach; that must not keep the log from being opened.
        var isArchived = segment.IsArchived;
        if (!isArchived && !names.Contains(segment.BaseOffset))
        {
            RefuseMissing(name, segment.Range, "S1");
            return;
        }
        _sealed.Add(segment);
        if (!isArchived) RequirePlain(name);
    }

    // S7: where two files hold a segment's records, the segment is read from the good one.
    private SealedSegment? FindOtherForm(SealedSegment segment)
    {
        if (!_facts.Forms.TryGetValue(segment.BaseOffset, out var forms)) return null;
        var named = segment.Form;
        var first = forms.First(form => form.Form == named);
        foreach (var form in forms)
            if (form.Form != named && CanReplace(segment, first, form)) return FormVerifier.InForm(segment, form);
        return null;
    }

    // Another log may remove what it has in its place in the archive. So a file beside this log is preferred, where it
    // is proved to hold the same records.
    private bool CanReplace(SealedSegment segment, FormFacts named, FormFacts form)
    {
        var isAnotherLogs = segment.IsArchived && segment.Place != _facts.OwnPlace;
        return named.Proof switch
        {
            FormProof.Bad or FormProof.Missing => form.Proof == FormProof.Whole,
            FormProof.Whole when isAnotherLogs =>
                form.Proof is FormProof.Whole or FormProof.Unproved && form.HasSameRecordsAs(named),
            FormProof.OutOfReach when isAnotherLogs =>
                form.Proof == FormProof.Whole && segment.ArchiveChecksum != 0,
            _ => false,
        };
    }

    private void CheckUnknown(SegmentFacts facts, long successorBase)
    {
        if (!TryAdvanceTo(facts)) return;
        if (facts.HeadFault is { } bad)
        {
            RefuseHead(
                bad, facts.BaseOffset, "S10", RepairKind.SetSegmentAside, Advice.SetSegmentAside(facts.BaseOffset));
            AddSealed(AsItIs(facts, successorBase));
        }
        else if (facts.Mark is { } marked) AddSealed(marked);
        else if (facts.Extent is { IsWhole: true } extent && Behind(extent.End.NextOffset) == successorBase)
        {
            // S3: a crash came before the mark, or the index was lost later. The log is whole in both cases.
            _unfinished.Add(facts.BaseOffset);
            AddSealed(AsItIs(facts, extent.End.NextOffset));
        }
        else
        {
            var end = facts.Extent!.Value;
            Refuse(new LogFault(
                LogFaultKind.Damaged, _segmentFiles.LogPath(facts.BaseOffset), end.End.EndPosition, end.End.NextOffset,
                $"whole batches up to offset {successorBase - 1}, where its successor starts", end.Found)
            {
                Row = "S4", Repair = RepairKind.SealAsItIs, Advice = Advice.SealAsItIs(facts.BaseOffset),
            });
            AddSealed(AsItIs(facts, successorBase));
        }
    }

    private void CheckLast(SegmentFacts facts)
    {
        if (!TryAdvanceTo(facts)) return;
        if (facts.HeadFault is { } bad)
        {
            RefuseHead(bad, facts.BaseOffset, "R8", RepairKind.ReplaceActive, Advice.ReplaceActive);
            return;
        }
        if (facts.Mark is { } marked)
        {
            AddSealed(marked);
            _expected = Behind(_expected);
            RefuseMissingActive("R7", $"the successor of {SegmentName.Log(facts.BaseOffset)}, which is sealed");
            return;
        }
        var index = SegmentName.Index(facts.BaseOffset);
        if (!_facts.Names.IsPlain(index)) RefuseFault(NotPlain(index), "S11", null);
        _tail = _facts.Tail!;
        if (TailFault.Of(_segmentFiles, facts.BaseOffset, _tail) is { } fault) Refuse(fault);
    }

    /// <summary>Reports the offsets before a segment that no segment holds and no deletion explains.</summary>
    private void NoteMissingBefore(long baseOffset)
    {
        var expected = Behind(_expected);
        if (baseOffset <= expected) return;
        RefuseMissing(SegmentName.Log(expected), new OffsetRange(expected, baseOffset), "S2");
    }

    private bool TryAdvanceTo(SegmentFacts facts)
    {
        if (facts.BaseOffset >= Behind(_expected))
        {
            NoteMissingBefore(facts.BaseOffset);
            _expected = facts.BaseOffset;
            return true;
        }
        Refuse(new LogFault(
            LogFaultKind.Foreign, _segmentFiles.PathOf(NameOf(facts.BaseOffset)), 0, null,
            $"no segment that starts before offset {_expected}", $"one that starts at offset {facts.BaseOffset}")
        {
            Row = "S2", Repair = RepairKind.SetSegmentAside, Advice = Advice.SetSegmentAside(facts.BaseOffset),
        });
        return false;
    }

    private void AddSealed(SealedSegment segment)
    {
        _sealed.Add(segment);
        _expected = segment.NextOffset;
    }

    private string NameOf(long baseOffset) =>
        _facts.Names.Logs.Contains(baseOffset) ? SegmentName.Log(baseOffset) : SegmentName.Compressed(baseOffset);

    private static SealedSegment AsItIs(SegmentFacts facts, long nextOffset) =>
        new(
            facts.BaseOffset, nextOffset, Math.Max(0, facts.LengthBytes - SegmentHeader.SizeBytes),
            SegmentState.Sealed, 0, 0);

    private long Behind(long offset) => OffsetRanges.Behind(_manifest.DeletedRanges, offset);

    private void RequirePlain(string name)
    {
        if (!_facts.Names.IsPlain(name)) RefuseFault(NotPlain(name), "S11", null);
    }

    private WalForeignException NotPlain(string name) => WalForeignException.NoPlainFile(_segmentFiles.PathOf(name));

    private void RefuseMissing(string name, OffsetRange range, string row)
    {
        _missing.Add(new MissingSegment(range, name));
        Refuse(Absent(_segmentFiles.PathOf(name), range.First,
            $"a segment of offsets {range.First} to {range.Next - 1}") with
        {
            Row = row, Repair = RepairKind.SetSegmentAside,
            Advice = $"{Advice.Copied}; {Advice.SetSegmentAside(range.First)}",
        });
    }

    private void RefuseMissingActive(string row, string expected) => Refuse(
        Absent(_segmentFiles.LogPath(_expected), _expected, expected) with
        {
            Row = row, Repair = RepairKind.ReplaceActive, Advice = $"{Advice.Copied}; {Advice.ReplaceActive}",
        });

    private static LogFault Absent(string path, long? offset, string expected) =>
        new(LogFaultKind.Absent, path, 0, offset, expected, "no file");

    private void RefuseHead(WalFaultException bad, long baseOffset, string row, RepairKind repair, string advice)
    {
        if (bad is WalNewerVersionException) RefuseFault(bad, "N1", null, "", baseOffset);
        else if (!_facts.Names.IsPlain(Path.GetFileName(bad.Path))) RefuseFault(bad, "S11", null, "", baseOffset);
        else RefuseFault(bad, row, repair, advice, baseOffset);
    }

    private void RefuseFault(
        WalFaultException bad, string row, RepairKind? repair, string advice = "", long? offset = null)
    {
        var fault = LogFault.Of(bad);
        if (advice.Length == 0) advice = fault.Advice;
        Refuse(fault with { Row = row, Offset = offset, Repair = repair, Advice = advice });
    }

    private void Refuse(LogFault fault) => _faults.Add(fault with { IsRefused = true });
}
