import GRDB
import Scheduling

/// Brings the messages of an import into the database, one by one, with statements prepared once.
struct ImportMessages: ~Copyable {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// What became of a message.
  enum Outcome {
    case added
    /// A known message, in the queue of the phone with this key, is further on.
    case moved(from: MessageStatus, phoneKey: Int64)
    case unchanged
    /// Another record of the same import says something else.
    case contradicted
  }

  private let insertion: RawStatement
  private let find: RawStatement
  private let move: RawStatement
  /// The numbers that new messages get.
  let numbers: ImportNumbers

  init(_ db: Database) throws {
    let numbers = try ImportNumbers(db)
    let insert = try RawStatement(
      db,
      """
      INSERT INTO message (id, phone_key, contact, content, status, queued_at, send_at, ready_at, is_exact,
        last_attempted_at, sent_at, send_time, lease_expires_at, send_attempt_count, failure_reason, key)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
      """)
    let find = try RawStatement(
      db,
      """
      SELECT key, phone_key, contact, content, status, queued_at, send_at, is_exact, last_attempted_at, sent_at,
        lease_expires_at, send_attempt_count, failure_reason FROM message WHERE id = ?
      """)
    let move = try RawStatement(
      db,
      """
      UPDATE message SET status = ?, last_attempted_at = ?, sent_at = ?, send_time = ?, lease_expires_at = ?,
        send_attempt_count = ?, failure_reason = ? WHERE key = ?
      """)
    self.numbers = numbers
    self.insertion = insert
    self.find = find
    self.move = move
  }

  /// Adds a message, or moves the one that has its id on to where the import says it stands.
  func add(_ message: ImportedMessage, phoneKey: Int64) throws -> Outcome {
    try insert(message, phoneKey: phoneKey) ? .added : meet(message, phoneKey: phoneKey)
  }

  /// Adds a message; false if its id is taken.
  func insert(_ message: ImportedMessage, phoneKey: Int64) throws -> Bool {
    insertion.bind(1, text: message.id)
    insertion.bind(2, phoneKey)
    insertion.bind(3, text: message.contact)
    insertion.bind(4, text: message.content)
    insertion.bind(5, literal: message.status.word)
    insertion.bind(6, message.queuedAt)
    insertion.bind(7, message.sendAt)
    insertion.bind(8, message.readyAt)
    insertion.bind(9, message.isExact)
    insertion.bind(10, message.lastAttemptedAt)
    insertion.bind(11, message.sentAt)
    insertion.bind(12, message.sendTime)
    insertion.bind(13, message.leaseExpiresAt)
    insertion.bind(14, Int64(message.sendAttemptCount))
    insertion.bind(15, text: message.failureReason)
    let number = numbers.next(phoneKey)
    insertion.bind(16, MessageKey.make(phone: phoneKey, number: number))
    _ = try insertion.step()
    guard insertion.changes == 1 else { return false }
    numbers.last[phoneKey] = number
    return true
  }

  /// Compares with the message that has the same id.
  private func meet(_ message: ImportedMessage, phoneKey: Int64) throws -> Outcome {
    find.bind(1, text: message.id)
    guard try find.step() else { return .contradicted }
    defer { find.reset() }
    if isSame(message, phoneKey: phoneKey) { return .unchanged }
    let key = find.integer(0)
    if numbers.isNew(key) { return .contradicted }
    guard let status = MessageStatus(rawValue: find.text(4).string), message.status.progress > status.progress
    else { return .unchanged }
    move.bind(1, literal: message.status.word)
    move.bind(2, message.lastAttemptedAt)
    move.bind(3, message.sentAt)
    move.bind(4, message.sendTime)
    move.bind(5, message.leaseExpiresAt)
    move.bind(6, Int64(message.sendAttemptCount))
    move.bind(7, text: message.failureReason)
    move.bind(8, key)
    _ = try move.step()
    return .moved(from: status, phoneKey: find.integer(1))
  }

  /// Whether the row that was found says the same as the message.
  private func isSame(_ message: ImportedMessage, phoneKey: Int64) -> Bool {
    find.integer(1) == phoneKey && find.text(2).equals(message.contact)
      && find.text(3).equals(message.content)
      && find.text(4).equals(message.status.word) && find.integer(5) == message.queuedAt
      && find.optionalInteger(6) == message.sendAt && (find.integer(7) != 0) == message.isExact
      && find.optionalInteger(8) == message.lastAttemptedAt && find.optionalInteger(9) == message.sentAt
      && find.optionalInteger(10) == message.leaseExpiresAt
      && find.integer(11) == Int64(message.sendAttemptCount)
      && Self.equal(find.optionalText(12), message.failureReason)
  }

  private static func equal(_ a: Bytes?, _ b: Bytes?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.equals(b)
  }
}

extension MessageStatus {
  /// The status as bytes that are always there.
  fileprivate var word: StaticString {
    switch self {
    case .pending: "pending"
    case .scheduled: "scheduled"
    case .expired: "expired"
    case .sending: "sending"
    case .sent: "sent"
    case .delivered: "delivered"
    case .failed: "failed"
    case .canceled: "canceled"
    }
  }

  /// How far a message has come. An import moves a known message only to a greater one: what another
  /// gateway did counts, what it had yet to do does not.
  fileprivate var progress: Int {
    switch self {
    case .pending, .scheduled, .expired: 0
    case .sending: 1
    case .failed, .canceled: 2
    case .sent: 3
    case .delivered: 4
    }
  }
}

/// The numbers that new messages get in the queues of their phones.
final class ImportNumbers {
  private let before: [Int64: Int64]
  /// The last number given by this import, by the phone's key.
  var last: [Int64: Int64] = [:]

  init(_ db: Database) throws {
    let rows = try Row.fetchAll(db, sql: "SELECT key, last_number FROM phone")
    before = Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
  }

  func next(_ phoneKey: Int64) -> Int64 { (last[phoneKey] ?? before[phoneKey] ?? 0) + 1 }

  /// Whether a message came with this import.
  func isNew(_ key: Int64) -> Bool {
    let (phone, number) = key.quotientAndRemainder(dividingBy: MessageKey.numbers)
    return number > before[phone] ?? 0
  }
}
