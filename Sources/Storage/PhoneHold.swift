import Scheduling

/// What a phone's hold was before somebody held or released it.
package struct PriorHold: Equatable, Sendable {
  package var phoneID: String
  package var hold: Hold?

  package init(phoneID: String, hold: Hold?) {
    self.phoneID = phoneID
    self.hold = hold
  }
}

extension Store {
  /// Holds phones, by number or id, in one transaction: all or none. Returns what they were before.
  @discardableResult
  package func hold(_ phones: [String], until: Instant, reason: String = "", stamp: Stamp) throws
    -> [PriorHold]
  {
    try setHolds(phones.map { ($0, Hold(until: until, reason: reason)) }, stamp: stamp)
  }

  /// Ends the holds of phones, in one transaction: all or none. Their failures in a row are forgotten too.
  @discardableResult
  package func release(phones: [String], stamp: Stamp) throws -> [PriorHold] {
    try setHolds(phones.map { ($0, nil) }, stamp: stamp)
  }

  /// Gives each of some phones, by number or id, a hold of its own, or releases it with nil, in one transaction: all or
  /// none. Returns what they were before.
  @discardableResult
  package func setHolds(_ holds: [(phone: String, hold: Hold?)], stamp: Stamp) throws -> [PriorHold] {
    try write(.lockingPhones) { session in
      try session.lock(phones: holds.map(\.phone))
      let stamp = try stamp.settled(in: session)
      return try holds.map { name, hold in
        var (key, phone) = try Self.phone(session, named: name)
        let prior = PriorHold(phoneID: phone.id, hold: phone.hold)
        if hold == nil, phone.failuresInARow > 0 {
          try session.run("UPDATE phone SET failures_in_row = 0 WHERE key = ?1", [.integer(key)])
        }
        if phone.hold == hold { return prior }
        phone.hold = hold
        try Self.check(session, phone)
        try HoldColumns.write(session, hold, key: key, by: stamp.author, at: stamp.at)
        try PhoneRevision.note(session, phone, hold == nil ? .release : .hold, Self.words(hold), stamp)
        return prior
      }
    }
  }

  private static func words(_ hold: Hold?) -> String {
    guard let hold else { return "released" }
    let until = hold.until == .untilReleased ? "until released" : "until \(Timestamp.utc(hold.until))"
    return hold.reason.isEmpty ? "held \(until)" : "held \(until): \(hold.reason)"
  }
}

/// The columns of `phone` that say whether it is held. `held_by` and `held_at` tell of the hold that somebody set, also
/// while it is under one that the phone put on itself.
enum HoldColumns {
  /// Writes a hold that somebody sets, or nil for none.
  static func write(_ session: any Session, _ hold: Hold?, key: Int64, by author: String, at: Instant) throws
  {
    try write(session, hold, key: key)
    let by: [Value] = hold == nil ? [.null, .null] : [.text(author), .integer(at)]
    try session.send("UPDATE phone SET held_by = ?2, held_at = ?3 WHERE key = ?1", [.integer(key)] + by)
  }

  /// Writes a hold that a phone puts on itself. Who set the one by hand that it covers stays known, and nobody else.
  static func write(_ session: any Session, ofItself hold: Hold, key: Int64) throws {
    try write(session, hold, key: key)
    if hold.byHand != nil { return }
    try session.send("UPDATE phone SET held_by = NULL, held_at = NULL WHERE key = ?1", [.integer(key)])
  }

  private static func write(_ session: any Session, _ hold: Hold?, key: Int64) throws {
    try session.send(
      """
      UPDATE phone SET held_until = ?2, hold_reason = ?3, hold_ends_with_success = ?4, held_by_hand_until = ?5,
        held_by_hand_reason = ?6
      WHERE key = ?1
      """,
      [
        .integer(key), .optional(hold?.until), .text(hold?.reason ?? ""),
        .bool(hold?.endsWithSuccess ?? false), .optional(hold?.byHand?.until),
        .optional(hold?.byHand?.reason),
      ])
    try SettingsCounter.increase(session)
  }
}
