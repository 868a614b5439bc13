import Scheduling

/// A message as a file describes it.
package struct MessageRecord: Sendable {
  package var message: Message
  /// When it was last claimed or sent: what the spacing of later messages counts from.
  package var sendTime: Instant?
  /// Where it stands: the list, its index in it, and the line. The file is known to whoever reads it.
  package var line: Int
  package var index: Int?
  package var list: String
}

/// Why a message is left out of an import.
package enum SkipReason: String, Sendable, CaseIterable {
  case received
  case missedCall = "missed call"
  case deleted
  case encrypted
  case attachments = "with attachments"
}

extension MessageRecord {
  /// Reads a message; why not, if it is not one that can be sent as it is.
  static func read(_ record: Record) throws -> Result<MessageRecord, SkippedMessage> {
    if let reason = try record.skipReason() {
      return .failure(SkippedMessage(reason: reason, id: try record.optionalText(.id)))
    }
    let word = try record.text(.status)
    guard let status = MessageStatus(rawValue: word) else {
      throw record.problem(
        .status, MessageStatus.allCases.map(\.rawValue).joined(separator: ", ") + " or received")
    }
    guard let queuedAt = try record.optionalTime(.requestReceivedAt) ?? record.optionalTime(.createdAt) else {
      throw record.problem(.requestReceivedAt, ImportTime.expected)
    }
    let sendAt = try record.optionalTime(.scheduledSendTime)
    var message = Message(
      id: try record.name(.id), owner: try record.phoneNumber(.owner),
      contact: ImportContact.normal(try record.name(.contact)), content: try record.text(.content),
      status: status, queuedAt: queuedAt, sendAt: sendAt,
      isExact: try record.optionalBoolean(.exact) ?? (sendAt != nil),
      expiresAt: try record.optionalTime(.expiresAt), retryAt: try record.optionalTime(.retryAt),
      lastAttemptedAt: try record.optionalTime(.lastAttemptedAt), sentAt: try record.optionalTime(.sentAt),
      sendAttemptCount: try record.optionalInteger(.sendAttemptCount) ?? 0,
      maxSendAttempts: try record.optionalInteger(.maxSendAttempts).flatMap { $0 == 0 ? nil : $0 },
      failureReason: try record.optionalText(.failureReason))
    if status == .sending { message.claim(leaseExpiresAt: try record.optionalTime(.leaseExpiresAt)) }
    return .success(
      MessageRecord(
        message: message, sendTime: message.impliedSendTime,
        line: record.object.line, index: record.index, list: record.list))
  }
}

/// A message that is left out of an import.
struct SkippedMessage: Error {
  var reason: SkipReason
  var id: String?
}

extension Record {
  fileprivate func skipReason() throws -> SkipReason? {
    switch try optionalText(.type) {
    case "mobile-originated": return .received
    case "call/missed": return .missedCall
    default: break
    }
    switch try optionalText(.status) {
    case "received": return .received
    case "deleted": return .deleted
    default: break
    }
    if try optionalBoolean(.encrypted) == true { return .encrypted }
    if try optionalList(.attachments, of: "attachments")?.isEmpty == false { return .attachments }
    return nil
  }
}

/// Whom a message goes to.
enum ImportContact {
  /// A number of ten digits or more gets its `+`; anything else stays as it is.
  static func normal(_ text: String) -> String { PhoneNumber.e164(text) ?? text }
}

extension Message {
  /// A message in `sending` was claimed at its last attempt, for 60 s unless the record says otherwise.
  fileprivate mutating func claim(leaseExpiresAt: Instant?) {
    let claimedAt = lastAttemptedAt ?? queuedAt
    lastAttemptedAt = claimedAt
    self.leaseExpiresAt = leaseExpiresAt ?? min(claimedAt + .minute, .untilReleased)
  }

  /// When it was last claimed, or, of a message of which nobody knows that, sent: what the spacing counts from.
  package var impliedSendTime: Instant? { lastAttemptedAt ?? (isDone ? sentAt : nil) }

  private var isDone: Bool { status == .sent || status == .delivered }
}
