import Scheduling

// Who changes a phone's queue locks the phone's row first: then nobody else changes it, and each statement after that
// sees it as it is. SQLite has one writer at a time, and needs none of this. Several rows are locked in the order
// of their keys, so that nobody waits for somebody who waits for them.

extension Dialect {
  /// What makes a SELECT lock the rows that it returns until the end of the transaction.
  var lock: String { self == .sqlite ? "" : " FOR NO KEY UPDATE" }
}

extension Session {
  /// Locks the rows of some phones, by numbers or ids, and of the phones of some messages, by ids.
  func lock(phones: [String], ofMessages messages: [String] = []) throws {
    let names = phones.compactMap { PhoneNumber.e164($0) } + phones
    try lock(
      """
      key IN (SELECT key FROM phone WHERE number = ANY(CAST(?1 AS TEXT[])) UNION
        SELECT key FROM phone WHERE id = ANY(CAST(?1 AS TEXT[])) UNION
        SELECT phone_key FROM message WHERE id = ANY(CAST(?2 AS TEXT[])))
      """, [.array(names), .array(messages)])
  }

  /// Locks the row of a message's phone.
  func lockPhone(ofMessage id: String) throws {
    try lock("key = (SELECT phone_key FROM message WHERE id = ?1)", [.text(id)])
  }

  /// Locks the rows of phones that fulfil a condition.
  func lock(_ condition: String, _ values: [Value]) throws {
    guard dialect != .sqlite else { return }
    try each("SELECT number FROM phone WHERE \(condition) ORDER BY key\(dialect.lock)", values) {
      concerns(phone: $0.text(0))
    }
  }
}

extension Value {
  /// A list of texts as PostgreSQL writes it.
  fileprivate static func array(_ texts: [String]) -> Value {
    let quoted = texts.map {
      "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    return .text("{\(quoted.joined(separator: ","))}")
  }
}
