/// One thing that happened to a message.
package struct MessageEvent: Equatable, Sendable {
  package enum Kind: String, Sendable {
    case queued, claimed, sent, failed, released, extended, canceled, retried, rescheduled
    /// Nobody reported on a claim before its lease ran out.
    case lapsed
    /// It came to its expiry while it waited.
    case expired
  }

  package var at: Instant
  package var kind: Kind
  /// Which claim it concerns; nil for none.
  package var attempt: Int?
  /// Who did it: an author, or host and process of a gateway; empty if nobody is known.
  package var by: String
  package var reason: String?

  package init(at: Instant, kind: Kind, attempt: Int? = nil, by: String = "", reason: String? = nil) {
    self.at = at
    self.kind = kind
    self.attempt = attempt
    self.by = by
    self.reason = reason
  }
}
