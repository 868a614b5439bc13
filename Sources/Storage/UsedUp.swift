import Scheduling

/// Messages that wait although they had all the attempts that they may have.
enum UsedUp {
  private static let reason = "no attempts left"

  /// Fails those of a phone whose number of attempts was made less, and says how many: an import of them would say the
  /// same.
  static func fail(_ session: any Session, phoneKey: Int64, maxAttempts: Int, _ stamp: Stamp?) throws -> Int {
    let event = MessageEvent(
      at: try stamp?.at ?? session.now(), kind: .failed, by: stamp?.author ?? "", reason: reason)
    let changed = try session.run(
      """
      UPDATE message SET status = 'failed', failure_reason = coalesce(failure_reason, ?3),
        history = \(session.dialect.tail("history || ?4", MessageEvent.longestHistory))
      WHERE phone_key = ?1 AND \(Schema.isWaiting) AND send_attempt_count > 0
        AND send_attempt_count >= coalesce(max_send_attempts, ?2)
      """, [.integer(phoneKey), .integer(maxAttempts), .text(reason), .text(event.line)])
    if changed > 0 { try QueueCounts.recount(session, phoneKey: phoneKey) }
    return changed
  }

  /// SQL: the attempts of a message's phone.
  static let ofPhone = "(SELECT p.max_send_attempts FROM phone AS p WHERE p.key = message.phone_key)"

  /// SQL: a message that was handed out has no attempts left after that; `attempts` is what its phone has.
  static func isLast(count: String = "send_attempt_count", attempts: String, table: String = "") -> String {
    "CASE WHEN \(count) >= coalesce(\(table)max_send_attempts, \(attempts)) THEN 1 ELSE 0 END"
  }

  /// Marks anew those of a phone that are out, after its number of attempts was changed.
  static func mark(_ session: any Session, phoneKey: Int64) throws {
    try session.run(
      """
      UPDATE message SET is_last_attempt = \(isLast(attempts: ofPhone))
      WHERE phone_key = ?1 AND status = 'sending' AND max_send_attempts IS NULL
      """, [.integer(phoneKey)])
  }

  /// Marks those of all phones, which nobody marked before.
  static let markAll = """
    UPDATE message SET is_last_attempt = 1
    WHERE status = 'sending' AND send_attempt_count >= coalesce(max_send_attempts, \(ofPhone))
    """
}
