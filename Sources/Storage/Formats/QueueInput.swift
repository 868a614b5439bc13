import Formats
import Scheduling

/// How messages that are piped into a queue are written.
package enum QueueFormat: Sendable {
  /// Objects one after another (one a line, say), or one list of them: `contact` (or `to`), `content` (or
  /// `text`), and as one likes `scheduled_send_time` (or `send_at`), `exact`, `expires_at`, `id`.
  case json
  /// Columns `ToPhoneNumber`, `Content`, and as one likes `SendTime(optional)`, `Exact`, `ExpiresAt`.
  case csv
}

extension Store {
  /// Reads messages for one phone that are to be queued, each time anew, unlike those of an import.
  ///
  /// Throws ``ImportProblem`` and ``StoreError``.
  package func newMessages(_ input: ImportInput, as format: QueueFormat, for phone: String) throws
    -> [NewMessage]
  {
    let (owner, clocks) = try read { session in
      (try Self.phone(session, named: phone).phone.number, try ImportClocks(session, zones: zones))
    }
    switch format {
    case .json:
      return try QueueRecords.read(input, for: owner).map {
        NewMessage(
          id: $0.id, contact: $0.contact, content: $0.content, sendAt: $0.sendAt, isExact: $0.isExact,
          expiresAt: $0.expiresAt)
      }
    case .csv: return try rows(input, for: owner, clocks)
    }
  }

  private func rows(_ input: ImportInput, for owner: String, _ clocks: ImportClocks) throws -> [NewMessage] {
    var clocks = clocks
    var reader = try CSVMessageReader(input, needsFrom: false)
    var messages: [NewMessage] = []
    while let row = try reader.next(skipped: {}) {
      if let from = row.from?.string, from != owner {
        throw reader.problem("FromPhoneNumber", "this phone's number, \(owner)", found: from)
      }
      let content = row.content.string
      if let expected = SMSSegments.expected(insteadOf: content) {
        throw reader.problem("Content", expected, found: nil)
      }
      messages.append(
        NewMessage(
          contact: row.to.string, content: content,
          sendAt: try clocks.instant(row.sendTime, of: owner, "SendTime", reader), isExact: row.isExact,
          expiresAt: try clocks.instant(row.expiresAt, of: owner, "ExpiresAt", reader)))
    }
    return messages
  }
}
