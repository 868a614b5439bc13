import Scheduling

/// A message with what the store knows besides, within a transaction.
struct StoredMessage {
  let key: Int64
  let phoneKey: Int64
  /// The attempts of its phone.
  let phoneAttempts: Int
  /// What was stored when it was read.
  let before: MessageStatus
  var message: Message
  /// Names the last claim as long as nobody has reported on it.
  var claimToken: Int64?
  /// The instant that counts for the spacing and the day.
  var sendTime: Instant?
  var priorSendTime: Instant?
  var priorAttemptedAt: Instant?
  /// How often it was handed out before it got all its attempts again.
  var earlierAttempts: Int
  /// Its phone has failures in a row, or holds itself for them, which a success ends.
  let endsFailures: Bool

  /// The number of its last claim, which no other claim of it ever had; 0 if it was never handed out.
  var claimNumber: Int { earlierAttempts + message.sendAttemptCount }

  var maxSendAttempts: Int { message.maxSendAttempts ?? phoneAttempts }

  func seen(at now: Instant) -> Message { message.seen(at: now, maxSendAttempts: phoneAttempts) }

  private static let select = """
    SELECT \(Message.columns), m.key, m.phone_key, p.max_send_attempts, m.claim_token, m.send_time,
      m.prior_send_time, m.prior_attempted_at, p.failures_in_row, p.hold_ends_with_success,
      m.earlier_attempts
    FROM message AS m JOIN phone AS p ON p.key = m.phone_key
    """

  static func find(_ session: any Session, id: String) throws -> StoredMessage {
    let question = question(id: id)
    let found = try session.first(question.sql, question.values, StoredMessage.init(row:))
    guard let found else { throw StoreError.unknownMessage(id) }
    return found
  }

  static func question(id: String) -> Query { ("\(select) WHERE m.id = ?1", [.text(id)]) }

  /// Nil if it is not there.
  static func look(_ session: any Session, key: Int64) throws -> StoredMessage? {
    try session.first("\(select) WHERE m.key = ?1", [.integer(key)], StoredMessage.init(row:))
  }

  static func find(_ session: any Session, key: Int64) throws -> StoredMessage {
    guard let found = try look(session, key: key) else {
      throw StoreError.damaged(
        path: session.name, reason: "message with key \(key) is in an index, but not in its table")
    }
    return found
  }

  private init(row: any ResultRow) {
    let first = Message.columnCount
    message = Message(row: row)
    before = message.status
    key = row.integer(first)
    phoneKey = row.integer(first + 1)
    phoneAttempts = row.int(first + 2)
    claimToken = row.optionalInteger(first + 3)
    sendTime = row.optionalInteger(first + 4)
    priorSendTime = row.optionalInteger(first + 5)
    priorAttemptedAt = row.optionalInteger(first + 6)
    endsFailures = row.integer(first + 7) > 0 || row.bool(first + 8)
    earlierAttempts = row.int(first + 9)
  }

  /// Writes what the message has become, with the phone's counts, and a line of its history.
  ///
  /// `wasOut` says that it was handed out and its claim had not lapsed: then its phone's queue is the same as before,
  /// unless it waits now.
  func save(_ session: any Session, _ event: MessageEvent, wasOut: Bool = false) throws {
    try message.checkTimes()
    try Self.write([values(event)], session)
    if wasOut, !message.status.isWaiting, message.status != .failed { return }
    try QueueCounts.change(
      session, phoneKey: phoneKey,
      waiting: (message.status.isWaiting ? 1 : 0) - (before.isWaiting ? 1 : 0),
      failed: (message.status == .failed ? 1 : 0) - (before == .failed ? 1 : 0))
  }

  /// The parameters of what writes the message, with a line of its history.
  func values(_ event: MessageEvent) -> [Value] {
    [
      .integer(key), .text(message.status.rawValue), .optional(message.sendAt), .optional(message.retryAt),
      .integer(message.readyAt), .optional(message.expiresAt), .optional(message.lastAttemptedAt),
      .optional(message.sentAt), .optional(sendTime), .optional(message.leaseExpiresAt),
      .integer(message.sendAttemptCount), .optional(message.failureReason), .optional(claimToken),
      .optional(priorSendTime), .optional(priorAttemptedAt), .text(event.line), .bool(message.isExact),
      .integer(earlierAttempts),
    ]
  }

  /// Writes some messages, each another one.
  static func write(_ rows: [[Value]], _ session: any Session) throws { try session.update(update, rows) }

  private static let update = RowUpdate("message") { dialect in
    """
    status = ?2, send_at = ?3, retry_at = ?4, ready_at = ?5, expires_at = ?6, last_attempted_at = ?7, sent_at = ?8,
      send_time = ?9, lease_expires_at = ?10, send_attempt_count = ?11, failure_reason = ?12, claim_token = ?13,
      prior_send_time = ?14, prior_attempted_at = ?15, is_exact = ?17, earlier_attempts = ?18,
      history = \(dialect.tail("history || ?16", MessageEvent.longestHistory))
    """
  }
}

/// What a phone's row counts of its messages.
enum QueueCounts {
  /// Notes that messages began or ceased to wait, or to be failed, or that one was put in another place.
  static func change(_ session: any Session, phoneKey: Int64, waiting: Int, failed: Int = 0) throws {
    try session.send(
      """
      UPDATE phone SET waiting = waiting + ?2, failed = failed + ?3, disturbances = disturbances + 1
      WHERE key = ?1
      """, [.integer(phoneKey), .integer(waiting), .integer(failed)])
  }

  /// Notes how many times the first of each of some queues was handed out.
  static func takeHeads(_ counts: [(phoneKey: Int64, count: Int64)], _ session: any Session) throws {
    try session.update(takingHeads, counts.map { [.integer($0.phoneKey), .integer($0.count)] })
  }

  private static let takingHeads = RowUpdate("phone") { _ in
    "waiting = waiting - ?2, heads_taken = heads_taken + ?2"
  }

  /// Notes that new messages of a phone, which all wait, have the next numbers.
  static func arrive(_ session: any Session, phoneKey: Int64, count: Int) throws {
    try session.send(
      "UPDATE phone SET waiting = waiting + ?2, last_number = last_number + ?2 WHERE key = ?1",
      [.integer(phoneKey), .integer(count)])
  }

  /// Counts a phone's messages anew, after changes to many of them.
  static func recount(_ session: any Session, phoneKey: Int64) throws {
    try session.run(
      """
      UPDATE phone SET disturbances = disturbances + 1,
        waiting = (SELECT count(*) FROM message WHERE phone_key = ?1 AND \(Schema.isWaiting)),
        failed = (SELECT count(*) FROM message WHERE phone_key = ?1 AND status = 'failed')
      WHERE key = ?1
      """, [.integer(phoneKey)])
  }
}
