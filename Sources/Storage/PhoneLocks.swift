import Scheduling

// Who changes a phone's queue locks the phone's row first: then nobody else changes it, and each statement after that
// sees it as it is. SQLite has one writer at a time, and needs none of this. Several rows are locked in the order
// of their keys, so that nobody waits for somebody who waits for them.

extension Dialect {
  /// What makes a SELECT lock the rows that it returns until the end of the transaction.
  var lock: String { self == .sqlite ? "" : " FOR NO KEY UPDATE" }

  /// What locks the rows of phones that fulfil a condition, and says their numbers, keys and ids.
  func lockQuestion(_ condition: String, _ values: [Value]) -> Query {
    ("SELECT number, key, id FROM phone WHERE \(condition) ORDER BY key\(lock)", values)
  }

  fileprivate func lockQuestion(_ phones: [String], _ messages: [String]) -> Query {
    let names = phones.compactMap { PhoneNumber.e164($0) } + phones
    return lockQuestion(
      """
      key IN (SELECT key FROM phone WHERE number = ANY(CAST(?1 AS TEXT[])) UNION
        SELECT key FROM phone WHERE id = ANY(CAST(?1 AS TEXT[])) UNION
        SELECT phone_key FROM message WHERE id = ANY(CAST(?2 AS TEXT[])))
      """, [.array(names), .array(messages)])
  }
}

/// The keys of phones that a transaction locked: by their numbers and ids, and by the ids of their messages.
struct LockedPhones {
  fileprivate(set) var byPhone: [String: Int64] = [:]
  fileprivate(set) var byMessage: [String: Int64] = [:]
}

extension Session {
  /// Locks the rows of some phones, by numbers or ids, and of the phones of some messages, by ids.
  func lock(phones: [String], ofMessages messages: [String] = []) throws {
    try lock(dialect.lockQuestion(phones, messages))
  }

  /// The same on a server, which says at once which phones these are, and what time it is then: it is known to ``now()``.
  func lockAndTell(phones: [String], ofMessages messages: [String]) throws -> LockedPhones {
    let question = dialect.lockQuestion(phones, messages)
    let owners: Query = (
      "SELECT id, phone_key FROM message WHERE id = ANY(CAST(?1 AS TEXT[]))", [.array(messages)]
    )
    try prefetch([question, (dialect.clock, []), owners])
    var locked = LockedPhones()
    try lock(question) { row in
      for name in [row.text(0), row.text(2)] { locked.byPhone[name] = row.integer(1) }
    }
    try each(owners.sql, owners.values) { locked.byMessage[$0.text(0)] = $0.integer(1) }
    return locked
  }

  /// Locks the rows of phones that fulfil a condition.
  func lock(_ condition: String, _ values: [Value]) throws {
    try lock(dialect.lockQuestion(condition, values))
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
  /// A list of texts as PostgreSQL writes it.
  static func array(_ texts: [String]) -> Value {
    let quoted = texts.map {
      "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    return .text("{\(quoted.joined(separator: ","))}")
  }

  /// The same of integers.
  static func array(_ numbers: some Sequence<Int64>) -> Value {
    .text("{\(numbers.map(String.init).joined(separator: ","))}")
  }
}
