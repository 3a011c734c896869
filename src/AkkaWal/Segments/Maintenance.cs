using Akka.Actor;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Segments;

/// <summary>Does what is slow and not urgent, one thing at a time, so that neither the manager nor a commit waits for it.</summary>
internal sealed class Maintenance(SegmentStore store) : UntypedActor
{
    /// <summary>Replace the MANIFEST -> nothing, or <see cref="ManifestNotSaved"/>.</summary>
    internal sealed record SaveManifest(Manifest Manifest);

    internal sealed record ManifestNotSaved(WalException Cause);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SaveManifest save:
                try
                {
                    store.SaveManifest(save.Manifest);
                }
                catch (WalException e)
                {
                    Context.Parent.Tell(new ManifestNotSaved(e), Self);
                }
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
