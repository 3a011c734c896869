using Akka.Event;

namespace AkkaWal.Protocol;

/// <summary>
/// What an actor tells a subscription of its own, and what it is told: the records of a log in their order, as many as
/// it asks for. The actor tells <see cref="Wal.Subscriptions"/> a <see cref="Subscribe"/>. The sender of what it is
/// told from then on is the subscription, an actor on the same node that ends with the subscriber.
/// </summary>
public abstract record SubscriptionMessage;

/// <summary>
/// Begins a subscription of the sender's -> <see cref="Subscribed"/>, or <see cref="RequestFailed"/>. A subscriber may
/// have any number of them; one actor system has at most <see cref="MostSubscriptions"/>.
/// </summary>
/// <param name="Log">The log's name, or the path of its manager, here or on another node: as in
/// <see cref="Wal.Client"/>.</param>
/// <param name="FromOffset">The first record wanted: 0 or more, and at most the log's next offset.</param>
/// <param name="RequestId">Given back in the reply.</param>
/// <remarks>
/// It goes on across rolls, compression and archiving of segments, across crashes of the log's actors, across a stop
/// and start of the log, and where the connection to its node breaks. It ends with <see cref="SubscriptionEnded"/>.
/// Nothing is read while the subscriber has asked for nothing; what was read is told at once. So the memory that it
/// takes is bounded by what the subscriber asks for.
/// </remarks>
public sealed record Subscribe(string Log, long FromOffset, long RequestId = 0) : SubscriptionMessage
{
    /// <summary>How many subscriptions one actor system may have at a time.</summary>
    public const int MostSubscriptions = 4096;

    /// <summary>The longest <see cref="Timeout"/>.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(24);

    /// <summary>
    /// The name of a floor to hold, of 1 to 256 characters; "" for none. It begins at <see cref="FromOffset"/>, and
    /// <see cref="ConfirmRecords"/> moves it. <see cref="Unsubscribe"/> releases it. Where the subscription ends
    /// otherwise the floor stays, so that nothing is deleted until the consumer subscribes again under that name.
    /// </summary>
    public string Floor { get; init; } = "";

    /// <summary>
    /// How long a reply of the log is waited for, and how long a failure that may pass is tried again before it ends
    /// the subscription; longer than zero and at most <see cref="LongestTimeout"/>.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>The subscription has begun, and its floor is held where one was wanted. It tells nothing yet.</summary>
/// <param name="FromOffset">Where it begins.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record Subscribed(long FromOffset, long RequestId) : SubscriptionMessage;

/// <summary>
/// To a subscription: so many more records, beyond those that were asked for before. A subscriber that asks again for
/// as many as it has worked on never has more than the first number of them in its mailbox.
/// </summary>
/// <param name="Count">1 or more; anything else ends the subscription.</param>
public sealed record RequestRecords(int Count) : SubscriptionMessage;

/// <summary>
/// To a subscription: the subscriber is done with everything below an offset, and its floor moves there. It is told
/// without a floor, too, and does nothing then.
/// </summary>
/// <param name="NextOffset">
/// The offset behind the last record that is done. Lower than before, it changes nothing; higher than what was told to
/// the subscriber, it ends the subscription.
/// </param>
public sealed record ConfirmRecords(long NextOffset) : SubscriptionMessage;

/// <summary>To a subscription: ends it and releases its floor -> <see cref="SubscriptionEnded"/>.</summary>
public sealed record Unsubscribe : SubscriptionMessage;

/// <summary>
/// The next records, without a gap among them or before them. A message has at most 4,096 records and 1 MiB, or one
/// record that is larger.
/// </summary>
/// <param name="FirstOffset">The offset of the first one.</param>
/// <param name="Payloads">At least one record's bytes, owned by the message.</param>
public sealed record RecordsDelivered(long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Payloads)
    : SubscriptionMessage
{
    /// <summary>The offset behind the last one.</summary>
    public long NextOffset => FirstOffset + Payloads.Count;
}

/// <summary>
/// The records from one offset to another were deleted before they were read. Those behind them follow.
/// </summary>
/// <param name="FirstOffset">The first one that is missing: the next one that would have been told.</param>
/// <param name="NextOffset">The first one that is not.</param>
public sealed record RecordsMissing(long FirstOffset, long NextOffset) : SubscriptionMessage;

/// <summary>
/// The last message of a subscription. After any end but <see cref="Unsubscribe"/> the subscriber may subscribe again
/// at the offset behind the last record that it has got.
/// </summary>
/// <param name="Kind">Why; null where the subscriber wanted it.</param>
/// <param name="Reason">For people; "" where the subscriber wanted it.</param>
public sealed record SubscriptionEnded(FailureKind? Kind, string Reason) : SubscriptionMessage, IDeadLetterSuppression;
