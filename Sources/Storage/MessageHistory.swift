import Scheduling

extension Store {
  /// What happened to a message, the oldest first; of very much only the newest.
  package func history(ofMessage id: String) throws -> [MessageEvent] {
    try read { session in
      let sql = "SELECT queued_at, history FROM message WHERE id = ?1"
      let found = try session.first(sql, [.text(id)]) { ($0.integer(0), $0.text(1)) }
      guard let (queuedAt, text) = found else { throw StoreError.unknownMessage(id) }
      return [MessageEvent(at: queuedAt, kind: .queued)] + MessageEvent.list(text)
    }
  }
}

extension MessageEvent {
  /// How many characters of a message's history are kept, about thirty events.
  static let longestHistory = 2_000

  /// A line of the column `history`: fields with tabs between them.
  var line: String {
    let attempt = attempt.map(String.init) ?? ""
    return "\(at)\t\(kind.rawValue)\t\(attempt)\t\(Self.field(by))\t\(Self.field(reason ?? ""))\n"
  }

  /// The events of a column. Its first line may have been cut, and is left out then.
  static func list(_ text: String) -> [MessageEvent] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5, let at = Instant(fields[0]), let kind = Kind(rawValue: fields[1]) else {
        return nil
      }
      return MessageEvent(
        at: at, kind: kind, attempt: Int(fields[2]), by: fields[3],
        reason: fields[4].isEmpty ? nil : fields[4])
    }
  }

  /// The newest event of a column; nil if there is none.
  static func last(of text: String) -> MessageEvent? {
    text.split(separator: "\n").last.flatMap { list(String($0)).first }
  }

  private static func field(_ text: String) -> String {
    String(text.prefix(200).map { $0 == "\t" || $0.isNewline ? " " : $0 })
  }
}
