import GRDB
import Scheduling

/// Claims on which nobody reported in time. They count as waiting, or as failed, from the instant at which
/// their lease ran out; the next write that concerns their phone stores it.
enum Lapsed {
  struct Row: Equatable {
    var key: Int64
    var ready: Instant
    var queued: Instant
    var isExact: Bool
  }

  private static let condition = """
    status = 'sending' AND phone_key = ? AND lease_expires_at <= ? AND \(Schema.isHandled)
    """

  /// Those that wait again, in the order of going out.
  static func waiting(_ db: Database, phoneKey: Int64, attempts: Int, now: Instant) throws -> [Row] {
    let sql = """
      SELECT key, ready_at, queued_at, is_exact FROM message WHERE \(condition) AND send_attempt_count < ?
      ORDER BY ready_at, queued_at, key
      """
    return try GRDB.Row.fetchAll(db.cachedStatement(sql: sql), arguments: [phoneKey, now, attempts]).map {
      Row(key: $0[0], ready: $0[1], queued: $0[2], isExact: $0[3])
    }
  }

  /// How many of each phone wait again, by the phone's key.
  static func waitingCounts(_ db: Database, now: Instant) throws -> [Int64: Int] {
    let sql = """
      SELECT m.phone_key, count(*) FROM message m JOIN phone p ON p.key = m.phone_key
      WHERE m.status = 'sending' AND m.lease_expires_at <= ? AND \(Schema.isHandled)
      AND m.send_attempt_count < p.max_send_attempts GROUP BY m.phone_key
      """
    let rows = try GRDB.Row.fetchAll(db, sql: sql, arguments: [now])
    return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
  }

  /// When the next lease of a phone that runs at `now` will be over.
  static func nextExpiry(_ db: Database, phoneKey: Int64, now: Instant) throws -> Instant? {
    let sql = """
      SELECT min(lease_expires_at) FROM message
      WHERE status = 'sending' AND phone_key = ? AND lease_expires_at > ? AND \(Schema.isHandled)
      """
    return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [phoneKey, now])
  }

  /// Stores what time has decided about a phone's claims.
  static func sweep(_ db: Database, phoneKey: Int64, attempts: Int, now: Instant) throws {
    let sql = """
      SELECT key, send_attempt_count, send_at IS NOT NULL FROM message WHERE \(condition)
      """
    for row in try GRDB.Row.fetchAll(db.cachedStatement(sql: sql), arguments: [phoneKey, now]) {
      let key: Int64 = row[0]
      let count: Int = row[1]
      let hasSendAt: Bool = row[2]
      if count < attempts {
        let status: MessageStatus = hasSendAt ? .scheduled : .pending
        try settle(db, key: key, status: status, reason: nil)
        try Store.changeWaiting(db, phoneKey: phoneKey, by: 1)
        try QueueLog.note(db, phoneKey: phoneKey, messageKey: key)
      } else {
        try settle(db, key: key, status: .failed, reason: Message.lapsedReason(attempts: count))
      }
    }
  }

  /// The same for every phone.
  static func sweepAll(_ db: Database, now: Instant) throws {
    let sql = """
      SELECT DISTINCT m.phone_key, p.max_send_attempts FROM message m JOIN phone p ON p.key = m.phone_key
      WHERE m.status = 'sending' AND m.lease_expires_at <= ? AND \(Schema.isHandled)
      """
    for row in try GRDB.Row.fetchAll(db, sql: sql, arguments: [now]) {
      try sweep(db, phoneKey: row[0], attempts: row[1], now: now)
    }
  }

  private static func settle(_ db: Database, key: Int64, status: MessageStatus, reason: String?) throws {
    let sql = """
      UPDATE message SET status = ?, lease_expires_at = NULL, failure_reason = coalesce(?, failure_reason)
      WHERE key = ?
      """
    try db.cachedStatement(sql: sql).execute(arguments: [status.rawValue, reason, key])
  }
}
