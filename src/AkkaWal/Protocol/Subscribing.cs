using Akka.Event;

namespace AkkaWal.Protocol;

/// <summary>
/// A message between a subscription and its subscriber. A subscription sends an actor the records of a log in their
/// order, as many as the actor requests. The actor sends a <see cref="Subscribe"/> to <see cref="Wal.Subscriptions"/>.
/// The replies and the records come from the subscription itself, an actor on the same node, which stops when the
/// subscriber stops.
/// </summary>
public abstract record SubscriptionMessage;

/// <summary>
/// Begins a subscription for the sender -> <see cref="Subscribed"/>, or <see cref="RequestFailed"/>. A subscriber is an
/// actor that stays, so <c>Ask</c> is refused. It may have several subscriptions; one actor system has at most
/// <see cref="MostSubscriptions"/>.
/// </summary>
/// <param name="Log">
/// The log's name, or the path of its manager on this or another node, as in <see cref="Wal.Client"/>.
/// </param>
/// <param name="FromOffset">The first record to send: 0 or more, and at most the log's next offset.</param>
/// <param name="RequestId">Returned in the reply.</param>
/// <remarks>
/// It goes on across rolls, compression and archiving of segments, crashes of the log's actors, a stop and start of the
/// log, and lost connections to its node. It ends with <see cref="SubscriptionEnded"/>. It reads only records that the
/// subscriber has requested and sends them at once, so the requests bound the memory that it takes.
/// </remarks>
public sealed record Subscribe(string Log, long FromOffset, long RequestId = 0) : SubscriptionMessage
{
    /// <summary>The most subscriptions of one actor system at a time.</summary>
    public const int MostSubscriptions = 4096;

    /// <summary>The longest <see cref="Timeout"/>.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(24);

    /// <summary>
    /// The name of a floor to hold, of 1 to 256 characters; "" for none. It begins at <see cref="FromOffset"/>.
    /// <see cref="ConfirmRecords"/> moves it, and <see cref="Unsubscribe"/> releases it. If the subscription ends
    /// otherwise, the floor stays, so that nothing is deleted until the consumer subscribes again with that name.
    /// </summary>
    public string Floor { get; init; } = "";

    /// <summary>
    /// How long to wait for a reply of the log, and how long to try again after a failure that may pass, before the
    /// subscription ends. Longer than zero and at most <see cref="LongestTimeout"/>.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// The subscription has begun, and its floor is held if one was requested. It sends no records before a
/// <see cref="RequestRecords"/>.
/// </summary>
/// <param name="FromOffset">The offset at which it begins.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record Subscribed(long FromOffset, long RequestId) : SubscriptionMessage;

/// <summary>
/// To a subscription: send this many more records, in addition to earlier requests. A subscriber that requests as many
/// as it has processed never has more than its first request in its mailbox.
/// </summary>
/// <param name="Count">1 or more; anything else ends the subscription.</param>
public sealed record RequestRecords(int Count) : SubscriptionMessage;

/// <summary>
/// To a subscription: the subscriber has processed all records below an offset, and its floor moves there. Without a
/// floor it does nothing.
/// </summary>
/// <param name="NextOffset">
/// The offset behind the last processed record. A lower value than before changes nothing. A higher one than the
/// records sent so far ends the subscription.
/// </param>
public sealed record ConfirmRecords(long NextOffset) : SubscriptionMessage;

/// <summary>To a subscription: ends it and releases its floor -> <see cref="SubscriptionEnded"/>.</summary>
public sealed record Unsubscribe : SubscriptionMessage;

/// <summary>
/// The next records, without a gap among them or before them. A message has at most 4,096 records and 1 MiB, or one
/// record that is larger.
/// </summary>
/// <param name="FirstOffset">The offset of the first record.</param>
/// <param name="Payloads">The bytes of one or more records, owned by the message.</param>
public sealed record RecordsDelivered(long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Payloads)
    : SubscriptionMessage
{
    /// <summary>The offset behind the last record.</summary>
    public long NextOffset => FirstOffset + Payloads.Count;
}

/// <summary>
/// The records from one offset to another were deleted before they were read. Those behind them follow.
/// </summary>
/// <param name="FirstOffset">The first deleted offset, which would have been sent next.</param>
/// <param name="NextOffset">The offset behind the deleted records.</param>
public sealed record RecordsMissing(long FirstOffset, long NextOffset) : SubscriptionMessage;

/// <summary>
/// The last message of a subscription. After any end but <see cref="Unsubscribe"/> the subscriber may subscribe again,
/// at the offset behind the last record that it received.
/// </summary>
/// <param name="Kind">The kind of failure; null after <see cref="Unsubscribe"/>.</param>
/// <param name="Reason">The reason, for operators; "" after <see cref="Unsubscribe"/>.</param>
public sealed record SubscriptionEnded(FailureKind? Kind, string Reason) : SubscriptionMessage, IDeadLetterSuppression;
