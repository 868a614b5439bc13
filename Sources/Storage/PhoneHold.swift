import Scheduling

/// What a phone's hold was before somebody held or released it; see ``Store/setHolds(_:stamp:)``.
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

  /// Brings holds back as they were, which undoes ``hold(_:until:reason:stamp:)`` and ``release(phones:stamp:)``.
  @discardableResult
  package func restore(_ holds: [PriorHold], stamp: Stamp) throws -> [PriorHold] {
    try setHolds(holds.map { ($0.phoneID, $0.hold) }, stamp: stamp)
  }

  private func setHolds(_ holds: [(phone: String, hold: Hold?)], stamp: Stamp) throws -> [PriorHold] {
    try write(.lockingPhones) { session in
      try session.lock(phones: holds.map(\.phone))
      let stamp = try stamp.settled(in: session)
      return try holds.map { name, hold in
        var (key, phone) = try Self.phone(session, named: name)
        let prior = PriorHold(phoneID: phone.id, hold: phone.hold)
        if phone.hold == hold { return prior }
        phone.hold = hold
        try Self.check(session, phone)
        try HoldColumns.write(session, hold, key: key, by: stamp.author, at: stamp.at)
        if hold == nil {
          try session.run("UPDATE phone SET failures_in_row = 0 WHERE key = ?1", [.integer(key)])
        }
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

/// The columns of `phone` that say whether it is held.
enum HoldColumns {
  /// Nil in place of `author` is a phone that holds itself.
  static func write(_ session: any Session, _ hold: Hold?, key: Int64, by author: String?, at: Instant) throws
  {
    try session.send(
      """
      UPDATE phone SET held_until = ?2, hold_reason = ?3, hold_ends_with_success = ?4, held_by_hand_until = ?5,
        held_by_hand_reason = ?6, held_by = ?7, held_at = ?8
      WHERE key = ?1
      """,
      [
        .integer(key), .optional(hold?.until), .text(hold?.reason ?? ""),
        .bool(hold?.endsWithSuccess ?? false), .optional(hold?.byHand?.until),
        .optional(hold?.byHand?.reason),
        hold == nil ? .null : .optional(author),
        hold == nil ? .null : .integer(at),
      ])
    try SettingsCounter.increase(session)
  }
}
