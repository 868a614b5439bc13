import Scheduling

// Who changes a phone's queue locks the phone's row first: then nobody else changes it, and each statement after that
// sees it as it is. SQLite has one writer at a time, and needs none of this. Several rows are locked in the order
// of their keys, so that nobody waits for somebody who waits for them.

extension Dialect {
  /// What makes a SELECT lock the rows that it returns until the end of the transaction: nobody else changes them.
  var lock: String { self == .sqlite ? "" : " FOR NO KEY UPDATE" }

  /// The same for rows that are to be removed: nobody makes a reference to them either.
  var lockToRemove: String { self == .sqlite ? "" : " FOR UPDATE" }

  /// The same for rows that are to be referred to: nobody removes them.
  var lockToRefer: String { self == .sqlite ? "" : " FOR KEY SHARE" }

  /// What locks the rows of phones that fulfil a condition, and says their numbers, keys and ids.
  func lockQuestion(_ condition: PhoneCondition, skipsLocked: Bool = false) -> Query {
    let skip = skipsLocked && self != .sqlite ? " SKIP LOCKED" : ""
    return (condition.question.sql + lock + skip, condition.values)
  }
}

/// Which phones are meant, in SQL.
struct PhoneCondition {
  let sql: String
  let values: [Value]

  init(_ sql: String, _ values: [Value]) { (self.sql, self.values) = (sql, values) }

  /// Some phones, by numbers or ids, and the phones of some messages, by ids.
  init(phones: [String], ofMessages messages: [String]) {
    let names = phones.compactMap { PhoneNumber.e164($0) } + phones
    sql = """
      key IN (SELECT key FROM phone WHERE number = ANY(CAST(?1 AS TEXT[])) UNION
        SELECT key FROM phone WHERE id = ANY(CAST(?1 AS TEXT[])) UNION
        SELECT phone_key FROM message WHERE id = ANY(CAST(?2 AS TEXT[])))
      """
    values = [.array(names), .array(messages)]
  }

  /// What says their numbers, keys and ids.
  var question: Query { ("SELECT number, key, id FROM phone WHERE \(sql) ORDER BY key", values) }
}

/// The keys of phones that a transaction asked for: by their numbers and ids, and by the ids of their messages.
struct LockedPhones {
  fileprivate(set) var byPhone: [String: Int64] = [:]
  fileprivate(set) var byMessage: [String: Int64] = [:]
  /// Those that it locked: nobody else had.
  fileprivate(set) var locked: Set<Int64> = []
}

extension Session {
  /// Locks the rows of some phones, by numbers or ids, and of the phones of some messages, by ids.
  func lock(phones: [String], ofMessages messages: [String] = []) throws {
    try lock(dialect.lockQuestion(PhoneCondition(phones: phones, ofMessages: messages)))
  }

  /// The same on a server, of those that nobody else has locked. It says at once which phones these are, and what time it
  /// is then: that is known to ``now()``.
  func lockAndTell(phones: [String], ofMessages messages: [String]) throws -> LockedPhones {
    let phones = PhoneCondition(phones: phones, ofMessages: messages)
    let lock = dialect.lockQuestion(phones, skipsLocked: true)
    // What is left of a phone that was removed is nobody's.
    let owners: Query = (
      """
      SELECT m.id, m.phone_key FROM message AS m JOIN phone AS p ON p.key = m.phone_key
      WHERE m.id = ANY(CAST(?1 AS TEXT[]))
      """, [.array(messages)]
    )
    try prefetch([phones.question, lock, (dialect.clock, []), owners])
    var found = LockedPhones()
    try each(phones.question.sql, phones.values) { row in
      for name in [row.text(0), row.text(2)] { found.byPhone[name] = row.integer(1) }
    }
    try self.lock(lock) { row in
      for name in [row.text(0), row.text(2)] { found.byPhone[name] = row.integer(1) }
      found.locked.insert(row.integer(1))
    }
    try each(owners.sql, owners.values) { found.byMessage[$0.text(0)] = $0.integer(1) }
    return found
  }

  /// Locks the rows of phones that fulfil a condition.
  func lock(_ condition: String, _ values: [Value]) throws {
    try lock(dialect.lockQuestion(PhoneCondition(condition, values)))
  }

  /// Asks one of the questions that lock.
  func lock(_ question: Query, _ row: (any ResultRow) throws -> Void = { _ in }) throws {
    guard dialect != .sqlite else { return }
    try each(question.sql, question.values) {
      concerns(phone: $0.text(0))
      try row($0)
    }
  }

}

extension Value {
  /// A list as PostgreSQL writes it.
  static func array(_ values: [Value]) -> Value {
    let words = values.map { value in
      switch value {
      case .null: "NULL"
      case .integer(let number): String(number)
      case .text(let text):
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
      }
    }
    return .text("{\(words.joined(separator: ","))}")
  }

  /// A list of texts.
  static func array(_ texts: [String]) -> Value { array(texts.map { Value.text($0) }) }

  /// A list of integers.
  static func array(_ numbers: some Sequence<Int64>) -> Value { array(numbers.map { Value.integer($0) }) }
}
