import GRDB
import Scheduling

/// What was recorded about a message that was handed out.
package struct Settlement: Equatable, Sendable {
  /// The message as it is now.
  package var message: Message
  /// Why the report is unusual, for people; nil if it came in time.
  package var warning: String?
}

extension Store {
  /// Records that a claimed message was sent.
  ///
  /// A report that comes late, when the message waits again or has failed, is recorded too, with a warning.
  package func recordSent(_ id: String, now: Instant) throws -> Settlement {
    try write { db in
      let stored = try Self.storedMessage(db, id)
      let seen = stored.seen(at: now)
      let warning: String?
      switch seen.status {
      case .sending: warning = nil
      case .failed where seen.sendAttemptCount > 0:
        warning = "it had failed: \(seen.failureReason ?? "no reason")"
      case _ where seen.status.isWaiting && seen.sendAttemptCount > 0:
        warning = "its lease had run out and it was waiting again"
      default: throw StoreError.wrongState(message: id, status: seen.status, action: "reported as sent")
      }
      try Self.update(db, stored, status: .sent, sentAt: now, reason: nil)
      return Settlement(message: try Self.storedMessage(db, id).message, warning: warning)
    }
  }

  /// Records that a claimed message could not be sent: it waits again, or has failed for good if its
  /// attempts are used up.
  package func recordFailure(_ id: String, reason: String?, now: Instant) throws -> Settlement {
    try write { db in
      let stored = try Self.storedMessage(db, id)
      guard stored.message.status == .sending else {
        throw StoreError.wrongState(message: id, status: stored.message.status, action: "reported as failed")
      }
      let isFinal = stored.message.sendAttemptCount >= stored.maxSendAttempts
      let isLate = stored.message.isLapsed(at: now)
      let reason = reason ?? (isFinal ? "failed after \(stored.message.sendAttemptCount) attempts" : nil)
      try Self.update(
        db, stored, status: isFinal ? .failed : stored.message.waitingStatus, sentAt: nil, reason: reason)
      return Settlement(
        message: try Self.storedMessage(db, id).message, warning: isLate ? "its lease had run out" : nil)
    }
  }

  /// Takes waiting messages out of the queue, all or none.
  package func cancel(_ ids: [String], now: Instant) throws {
    try write { db in
      for id in ids {
        let stored = try Self.storedMessage(db, id)
        let seen = stored.seen(at: now)
        guard seen.status.isWaiting else {
          throw StoreError.wrongState(message: id, status: seen.status, action: "canceled")
        }
        try Self.update(db, stored, status: .canceled, sentAt: nil, reason: seen.failureReason)
      }
    }
  }

  /// Puts failed or canceled messages back into the queue, all or none, with all their attempts.
  package func retry(_ ids: [String], now: Instant) throws {
    try write { db in
      for id in ids {
        let stored = try Self.storedMessage(db, id)
        let seen = stored.seen(at: now)
        guard seen.status == .failed || seen.status == .canceled else {
          throw StoreError.wrongState(message: id, status: seen.status, action: "retried")
        }
        try Self.update(db, stored, status: seen.waitingStatus, sentAt: nil, reason: nil)
        try db.cachedStatement(sql: "UPDATE message SET send_attempt_count = 0 WHERE key = ?")
          .execute(arguments: [stored.key])
      }
    }
  }

  /// Forgets what is done with since before `cutoff`: sent, delivered, failed, canceled. Says how many.
  ///
  /// What still holds back the next message of its phone stays.
  package func prune(before cutoff: Instant, now: Instant) throws -> Int {
    try write { db in
      try Lapsed.sweepAll(db, now: now)
      let newest = try Int64.fetchOne(db, sql: "SELECT max(key) FROM message")
      try db.execute(
        sql: """
          DELETE FROM message WHERE status IN ('sent','delivered','failed','canceled') AND \(Schema.isHandled)
          AND max(queued_at, coalesce(last_attempted_at, queued_at), coalesce(sent_at, queued_at)) < ?
          AND (send_time IS NULL OR send_time <= ?)
          """, arguments: [cutoff, now - .minute])
      let count = db.changesCount
      // The key of a new message may be one that watchers have seen.
      if try Int64.fetchOne(db, sql: "SELECT max(key) FROM message") != newest {
        try QueueLog.reload(db, phoneKey: QueueLog.everyPhone)
      }
      return count
    }
  }

  /// Moves a message to another status, and keeps count and log of the queue.
  private static func update(
    _ db: Database, _ stored: StoredMessage, status: MessageStatus, sentAt: Instant?, reason: String?
  ) throws {
    let sql = """
      UPDATE message SET status = ?, sent_at = ?, lease_expires_at = NULL, failure_reason = ? WHERE key = ?
      """
    try db.cachedStatement(sql: sql).execute(arguments: [status.rawValue, sentAt, reason, stored.key])
    let difference = (status.isWaiting ? 1 : 0) - (stored.message.status.isWaiting ? 1 : 0)
    try changeWaiting(db, phoneKey: stored.phoneKey, by: difference)
    try QueueLog.note(db, phoneKey: stored.phoneKey, messageKey: stored.key)
  }
}
