import Formats
import Scheduling

/// Phones of an import that are new: it is looked before anybody has to wait for the import, so that it need not be looked
/// again as long as no settings were changed.
struct NewPhones {
  /// The number of the last revision of each, by its id: there may be some of a phone that was removed.
  private var revisions: [String: Int64] = [:]
  /// How often settings were changed when it was looked.
  private var settings: Int64 = 0

  /// Of fewer it is not worth it.
  private static let few = 100
  /// Records that are looked up at once, on a server.
  private static let atOnce = 500

  /// None is known to be.
  init() {}

  init(_ records: [PhoneRecord], _ store: Store) throws {
    guard records.count > Self.few else { return }
    (revisions, settings) = try store.read { session in
      var revisions: [String: Int64] = [:]
      let settings = try SettingsCounter.value(session)
      for start in stride(from: 0, to: records.count, by: Self.atOnce) {
        let part = records[start..<min(start + Self.atOnce, records.count)]
        try session.prefetch(part.flatMap { [Self.question($0), PhoneRevision.lastQuestion($0.id)] })
        for record in part {
          let (sql, values) = Self.question(record)
          if try !session.exists(sql, values) {
            revisions[record.id] = try PhoneRevision.lastNumber(session, record.id)
          }
        }
      }
      return (revisions, settings)
    }
  }

  /// Those that are still new, each with the number of its last revision.
  func current(_ session: any Session) throws -> [String: Int64] {
    try !revisions.isEmpty && SettingsCounter.value(session) == settings ? revisions : [:]
  }

  /// Whether a phone has an id or a number of the record, as either.
  private static func question(_ record: PhoneRecord) -> Query {
    (
      "SELECT 1 FROM phone WHERE id IN (?1, ?2) UNION ALL SELECT 1 FROM phone WHERE number IN (?1, ?2) LIMIT 1",
      [.text(record.id), .text(record.number)]
    )
  }
}
