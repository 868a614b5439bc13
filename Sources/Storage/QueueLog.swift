import GRDB

/// Notes for those who watch a queue; see the table `queue_change`.
enum QueueLog {
  /// In place of a phone's key: the note is for the watchers of every phone.
  static let everyPhone: Int64 = 0
  /// How many notes are kept. A watcher that missed more loads the queue again.
  static let length: Int64 = 10_000

  /// A message began or ceased to wait.
  static func note(_ db: Database, phoneKey: Int64, messageKey: Int64) throws {
    try insert(db, phoneKey, messageKey)
  }

  /// So much changed that the queue is best loaded again.
  static func reload(_ db: Database, phoneKey: Int64) throws {
    try insert(db, phoneKey, nil)
  }

  private static func insert(_ db: Database, _ phoneKey: Int64, _ messageKey: Int64?) throws {
    try db.cachedStatement(sql: "INSERT INTO queue_change (phone_key, message_key) VALUES (?, ?)")
      .execute(arguments: [phoneKey, messageKey])
    let last = db.lastInsertedRowID
    if last % 256 == 0 {
      try db.cachedStatement(sql: "DELETE FROM queue_change WHERE seq <= ?").execute(arguments: [
        last - length
      ])
    }
  }
}
