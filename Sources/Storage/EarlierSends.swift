import Scheduling

/// When phones last sent a message that was forgotten: monitoring asks when a phone last sent, however long ago.
enum LastSends {
  /// SQL: the name of a phone's counter.
  private static func name(_ key: String) -> String { "'last sent ' || \(key)" }

  /// SQL: when the phone `p` sent the last of those; null if that was not by then.
  static func ofPhone(until now: String) -> String {
    "(SELECT value FROM counter WHERE name = \(name("p.key")) AND value <= \(now))"
  }

  /// Notes it before messages are forgotten.
  static func note(_ session: any Session, ofMessages which: String, _ values: [Value]) throws {
    try session.run(
      """
      INSERT INTO counter (name, value)
      SELECT \(name("phone_key")), max(sent_at) FROM message WHERE \(which) AND sent_at IS NOT NULL GROUP BY phone_key
      ON CONFLICT (name) DO UPDATE SET
        value = CASE WHEN excluded.value > counter.value THEN excluded.value ELSE counter.value END
      """, values)
  }

  static func forget(_ session: any Session, phoneKey: Int64) throws {
    try session.run("DELETE FROM counter WHERE name = ?1", [.text("last sent \(phoneKey)")])
  }
}

/// Claims of messages that were claimed again later. A message knows its last claim alone, but each of them counts
/// for the day's limit, as what a message that was forgotten had sent does.
enum EarlierSends {
  /// How long they are remembered: no local date lasts or comes back longer.
  static let memory: Duration = 4 * .day

  /// Keeps a message's last claim, which another one is about to replace; one in the future was none.
  static func keep(_ session: any Session, phoneKey: Int64, sendTime: Instant?, now: Instant) throws {
    guard let sendTime, (now - memory...now).contains(sendTime) else { return }
    try session.send(
      "DELETE FROM past_send WHERE phone_key = ?1 AND send_time < ?2",
      [.integer(phoneKey), .integer(now - memory)])
    try session.send(
      """
      INSERT INTO past_send (phone_key, send_time, count) VALUES (?1, ?2, 1)
      ON CONFLICT (phone_key, send_time) DO UPDATE SET count = past_send.count + 1
      """, [.integer(phoneKey), .integer(sendTime)])
  }

  /// The claim before the last one is the message's own again.
  static func giveBack(_ session: any Session, _ stored: StoredMessage) throws {
    guard let sendTime = stored.priorSendTime, let claimedAt = stored.sendTime,
      (claimedAt - memory...claimedAt).contains(sendTime)
    else { return }
    let values: [Value] = [.integer(stored.phoneKey), .integer(sendTime)]
    let which = "WHERE phone_key = ?1 AND send_time = ?2"
    try session.send("DELETE FROM past_send \(which) AND count = 1", values)
    try session.send("UPDATE past_send SET count = count - 1 \(which) AND count > 1", values)
  }
}
