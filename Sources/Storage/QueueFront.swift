import Scheduling

/// What stands in front of a phone's queue, and all else that decides its next claim, in one answer: it saves journeys
/// to a server. Each part of it comes from one place of an index.
///
/// It says nothing of an instant, so that it can be asked together with the clock. What is unusual at the instant of the
/// claim (a lapsed lease, a clock that was set back) is asked after it.
struct QueueFront {
  let key: Int64
  let phone: Phone
  let schedule: Schedule?
  /// The phone's latest claim or send; later than now if the clock was set back.
  let latestSend: Instant?
  /// When the first of the messages that were handed out waits again.
  private(set) var firstReturn: Instant?
  /// When the first of those that were handed out for the last time has failed.
  private(set) var firstUsedUp: Instant?
  /// When the last of them was handed out.
  let latestAttempt: Instant?
  /// When the first of the waiting messages expires.
  let firstExpiry: Instant?
  /// The first of each kind that waits.
  var exact: QueuedRow? { exactOnes.first }
  var ordinary: QueuedRow? { ordinaryOnes.first }
  private var exactOnes: Heads
  private var ordinaryOnes: Heads
  /// Whether it is known when the leases end.
  private var knowsLeases = true

  /// The front of the queue of a phone, by number or id, with so many messages of each kind.
  static func find(_ session: any Session, phone name: String, messages: Int = 1) throws -> QueueFront {
    let question = question(ofPhone: name)
    let found = try session.first(question.sql, question.values) {
      try QueueFront(row: $0, path: session.name)
    }
    guard var front = found else { throw StoreError.unknownPhone(name) }
    if messages > 1 {
      front.exactOnes = try Heads(session, phoneKey: front.key, isExact: true, messages)
      front.ordinaryOnes = try Heads(session, phoneKey: front.key, isExact: false, messages)
    }
    return front
  }

  static func question(ofPhone name: String) -> Query {
    (sql, [.text(PhoneNumber.e164(name) ?? name), .text(name)])
  }

  /// What is asked for a front with so many messages of each kind.
  static func questions(ofPhone name: String, key: Int64, messages: Int) -> [Query] {
    let more = messages < 2 ? [] : [true, false].map { Heads.question(phoneKey: key, isExact: $0, messages) }
    return [question(ofPhone: name)] + more
  }

  /// Leaves out the first of a kind; false if it is not known what comes next.
  mutating func removeHead(isExact: Bool) -> Bool {
    isExact ? exactOnes.removeFirst() : ordinaryOnes.removeFirst()
  }

  /// A message was handed out until then.
  mutating func note(leaseEnd: Instant) { firstReturn = min(firstReturn ?? leaseEnd, leaseEnd) }

  /// A message was sent of which the lease would have ended then: perhaps the first.
  mutating func forget(leaseEnd: Instant) {
    if firstLeaseEnd.map({ leaseEnd <= $0 }) ?? true { knowsLeases = false }
  }

  /// The first lease ends then; none has ended.
  mutating func learn(leaseEnd: Instant?) { (firstReturn, firstUsedUp, knowsLeases) = (leaseEnd, nil, true) }

  private var firstLeaseEnd: Instant? { [firstReturn, firstUsedUp].compactMap { $0 }.min() }

  /// Whether claims lapsed that are not stored as such.
  func hasLapsed(at now: Instant) -> Bool {
    mayHaveReturned(at: now) || firstUsedUp.map { $0 <= now } ?? false
  }

  /// Whether some of them may wait again.
  func mayHaveReturned(at now: Instant) -> Bool {
    firstReturn.map { $0 <= now } ?? false
      || latestAttempt.map { $0 > now + Message.clockTolerance } ?? false
  }

  /// When the next lease that runs at `now` will be over.
  func nextLeaseEnd(_ transaction: QueueTransaction, now: Instant) throws -> Instant? {
    if knowsLeases, !hasLapsed(at: now) { return firstLeaseEnd }
    let end = try Lapsed.nextEnd(transaction.written(key), phoneKey: key, now: now)
    transaction.fronts?.learn(leaseEnd: end, ofPhone: key)
    return end
  }

  /// The phone's latest claim or send that was not after `now`.
  func previous(_ session: any Session, now: Instant) throws -> Instant? {
    guard let latestSend, latestSend > now else { return latestSend }
    return try PastSends.previous(session, phoneKey: key, now: now)
  }

  // The first lease to end of those that may return is asked for so that a server does not look through the index of what
  // may return, which has them all in another order.
  private static let sql: String = {
    let first = { (isExact: Int) in
      """
      (SELECT key FROM message AS m WHERE m.phone_key = p.key AND is_exact = \(isExact) AND \(Schema.isWaiting)
        ORDER BY ready_at, queued_at, key LIMIT 1)
      """
    }
    return """
      SELECT \(qualified(Phone.columns, "p")), p.key, \(qualified(Schedule.columns, "s")),
        (SELECT max(send_time) FROM message AS m WHERE m.phone_key = p.key AND send_time IS NOT NULL),
        (SELECT max(send_time) FROM past_send AS m WHERE m.phone_key = p.key),
        (SELECT lease_expires_at FROM message AS m WHERE m.phone_key = p.key AND status = 'sending'
          AND is_last_attempt < 1 ORDER BY is_last_attempt, lease_expires_at LIMIT 1),
        (SELECT min(lease_expires_at) FROM message AS m WHERE m.phone_key = p.key AND status = 'sending'
          AND is_last_attempt = 1),
        (SELECT max(last_attempted_at) FROM message AS m WHERE m.phone_key = p.key AND status = 'sending'),
        (SELECT min(expires_at) FROM message AS m WHERE m.phone_key = p.key AND expires_at IS NOT NULL
          AND \(Schema.isWaiting)),
        \(qualified(QueuedRow.columns, "e")), \(qualified(QueuedRow.columns, "o"))
      FROM phone AS p LEFT JOIN schedule AS s ON s.id = p.schedule_id
        LEFT JOIN message AS e ON e.key = \(first(1)) LEFT JOIN message AS o ON o.key = \(first(0))
      WHERE p.number = ?1 OR p.id = ?2
      """
  }()

  /// Columns as those of a table with a name of one letter. By bytes: it is done whenever a program starts.
  private static func qualified(_ columns: String, _ table: Unicode.Scalar) -> String {
    let prefix = [UInt8(ascii: table), UInt8(ascii: ".")]
    var bytes = prefix
    for byte in columns.utf8 {
      bytes.append(byte)
      if byte == UInt8(ascii: " ") { bytes += prefix }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private init(row: any ResultRow, path: String) throws {
    phone = Phone(row: row)
    key = row.integer(Phone.columnCount)
    let scheduleFrom = Phone.columnCount + 1
    schedule = row.isNull(scheduleFrom) ? nil : try Schedule(row: row, from: scheduleFrom, path: path)
    let first = scheduleFrom + Schedule.columnCount
    latestSend = [row.optionalInteger(first), row.optionalInteger(first + 1)].compactMap { $0 }.max()
    firstReturn = row.optionalInteger(first + 2)
    firstUsedUp = row.optionalInteger(first + 3)
    latestAttempt = row.optionalInteger(first + 4)
    firstExpiry = row.optionalInteger(first + 5)
    exactOnes = Heads(QueuedRow(row: row, from: first + 6))
    ordinaryOnes = Heads(QueuedRow(row: row, from: first + 6 + QueuedRow.columnCount))
  }
}

/// The first messages of a kind that wait, in the order of the rule.
private struct Heads {
  private var rows: ArraySlice<QueuedRow>
  /// Whether there may be more.
  private let isCut: Bool
  /// More than these are not asked for at once.
  private static let most = 64

  var first: QueuedRow? { rows.first }

  /// The first alone.
  init(_ first: QueuedRow?) {
    rows = first.map { [$0] } ?? []
    isCut = first != nil
  }

  init(_ session: any Session, phoneKey: Int64, isExact: Bool, _ count: Int) throws {
    let question = Self.question(phoneKey: phoneKey, isExact: isExact, count)
    rows = try session.all(question.sql, question.values) { QueuedRow(row: $0) }.compactMap { $0 }[...]
    isCut = rows.count >= Self.limit(count)
  }

  /// Removes the first; false if it is not known what comes next.
  mutating func removeFirst() -> Bool {
    _ = rows.popFirst()
    return !rows.isEmpty || !isCut
  }

  static func question(phoneKey: Int64, isExact: Bool, _ count: Int) -> Query {
    let sql = """
      SELECT \(QueuedRow.columns) FROM message WHERE phone_key = ?1 AND is_exact = ?2 AND \(Schema.isWaiting)
      ORDER BY ready_at, queued_at, key LIMIT \(limit(count))
      """
    return (sql, [.integer(phoneKey), .bool(isExact)])
  }

  /// One of a few numbers, so that there are few statements.
  private static func limit(_ count: Int) -> Int {
    var limit = 2
    while limit < min(count, most) { limit *= 2 }
    return limit
  }
}

/// What a claim needs of a waiting message.
struct QueuedRow {
  let key: Int64
  let ready: Instant
  let queued: Instant
  let expires: Instant?
  let messageID: String
  let contact: String
  let content: String
  let attempts: Int
  /// How often it was handed out before it got all its attempts again.
  let earlierAttempts: Int
  /// When it was handed out last, if it ever was.
  let sendTime: Instant?

  static let columns =
    "key, ready_at, queued_at, expires_at, id, contact, content, send_attempt_count, send_time, earlier_attempts"
  static let columnCount = 10

  /// The columns of a row from `first` on; nil if they hold no message.
  init?(row: any ResultRow, from first: Int = 0) {
    guard !row.isNull(first) else { return nil }
    key = row.integer(first)
    ready = row.integer(first + 1)
    queued = row.integer(first + 2)
    expires = row.optionalInteger(first + 3)
    messageID = row.text(first + 4)
    contact = row.text(first + 5)
    content = row.text(first + 6)
    attempts = row.int(first + 7)
    sendTime = row.optionalInteger(first + 8)
    earlierAttempts = row.int(first + 9)
  }

  func goes(at sendAt: Instant) -> Bool { expires.map { sendAt <= $0 } ?? true }
}
