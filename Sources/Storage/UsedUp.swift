import Scheduling

/// Messages that wait although they had all the attempts that they may have.
enum UsedUp {
  /// Fails those of a phone whose number of attempts was made less: an import of them would say the same.
  static func fail(_ session: any Session, phoneKey: Int64, maxAttempts: Int) throws {
    let changed = try session.run(
      """
      UPDATE message SET status = 'failed', failure_reason = coalesce(failure_reason, 'no attempts left')
      WHERE phone_key = ?1 AND \(Schema.isWaiting) AND send_attempt_count > 0
        AND send_attempt_count >= coalesce(max_send_attempts, ?2)
      """, [.integer(phoneKey), .integer(maxAttempts)])
    if changed > 0 { try QueueCounts.recount(session, phoneKey: phoneKey) }
  }
}
