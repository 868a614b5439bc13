import Formats
import Glibc
import Scheduling

/// Large imports in the database: their rows wait there until it is decided, in a moment, that all of them are to be
/// queued; from then on the import has taken place, and whoever opens the database goes on with it where its process
/// is gone.
enum PendingImports {
  /// What was decided of an import.
  struct Decision {
    var number: Int64
    var at: Instant
    /// The phones' keys, in the order in which the rows count them.
    var phoneKeys: [Int64]
    var dropped: DroppedRows
    /// Whether its rows of CSV are known to other imports.
    var hasKnownRows = false
  }

  // Rows stand under 2^46 times the import's number, plus 2^24 times the bucket of their phones, plus their place.
  private static let keysOfImport: Int64 = 1 << 46
  private static let keysOfBucket: Int64 = 1 << 24

  /// Begins one, whose rows come next; returns its number.
  static func begin(_ store: Store, process: String) throws -> Int64 {
    try store.write(.lockingPhones) { session in
      try session.run(
        """
        INSERT INTO counter (name, value) VALUES ('pending import', 1)
        ON CONFLICT (name) DO UPDATE SET value = counter.value % 10000 + 1
        """)
      let number = try session.integer("SELECT value FROM counter WHERE name = 'pending import'") ?? 1
      try session.run(
        """
        INSERT INTO pending_import (number, process, has_known_rows, phone_keys, dropped)
        VALUES (?1, ?2, 0, '', '')
        """, [.integer(number), .text(process)])
      return number
    }
  }

  /// Keeps rows; throws ``ImportStage/Outdated`` if somebody took the import for one that is left.
  static func put(_ chunks: some Sequence<ImportChunk>, of number: Int64, first: Int, _ session: any Session)
    throws
  {
    try checkPresent(number, session)
    try session.insert(into: "pending_rows", columns: ["key", "count", "data"]) { rows in
      for (index, chunk) in chunks.enumerated() {
        let bucket = number * keysOfImport + Int64(chunk.bucket) * keysOfBucket
        rows.integer(bucket + Int64(first + index))
        rows.integer(Int64(chunk.count))
        chunk.bytes.withUnsafeBufferPointer { rows.text($0) }
        try rows.endRow()
      }
    }
  }

  static func checkPresent(_ number: Int64, _ session: any Session) throws {
    let sql = "SELECT 1 FROM pending_import WHERE number = ?1" + session.dialect.lock
    if try !session.exists(sql, [.integer(number)]) { throw ImportStage.Outdated() }
  }

  /// The first rows of an import that are still there, after a key.
  static func next(_ session: any Session, of number: Int64, after key: Int64? = nil, isLocking: Bool = false)
    throws -> (key: Int64, count: Int, bytes: [UInt8])?
  {
    let sql = """
      SELECT key, count, data FROM pending_rows WHERE key > ?1 AND key < ?2 ORDER BY key LIMIT 1
      """
    let values: [Value] = [
      .integer(key ?? number * keysOfImport - 1), .integer((number + 1) * keysOfImport),
    ]
    return try session.first(sql + (isLocking ? session.dialect.lock : ""), values) { row in
      (row.integer(0), row.int(1), row.withText(2) { [UInt8]($0) })
    }
  }

  static func remove(_ key: Int64, _ session: any Session) throws {
    try session.run("DELETE FROM pending_rows WHERE key = ?1", [.integer(key)])
  }

  /// Makes an import one that took place.
  static func decide(_ decision: Decision, _ session: any Session) throws {
    try checkPresent(decision.number, session)
    try session.run(
      "UPDATE pending_import SET decided_at = ?2, phone_keys = ?3, dropped = ?4 WHERE number = ?1",
      [
        .integer(decision.number), .integer(decision.at),
        .text(decision.phoneKeys.map(String.init).joined(separator: " ")), .text(decision.dropped.text),
      ])
  }

  static func decision(_ session: any Session, _ number: Int64) throws -> Decision? {
    let sql = """
      SELECT decided_at, phone_keys, dropped, has_known_rows FROM pending_import
      WHERE number = ?1 AND decided_at IS NOT NULL
      """
    return try session.first(sql, [.integer(number)]) { row in
      Decision(
        number: number, at: row.integer(0),
        phoneKeys: row.text(1).split(separator: " ").compactMap { Int64($0) },
        dropped: DroppedRows(text: row.text(2)), hasKnownRows: row.bool(3))
    }
  }

  /// Whether an import took place of which rows are still to be queued.
  static func isAnyDecided(_ session: any Session) throws -> Bool {
    try session.exists("SELECT 1 FROM pending_import WHERE decided_at IS NOT NULL LIMIT 1")
  }

  static func isAny(_ session: any Session) throws -> Bool {
    try session.exists("SELECT 1 FROM pending_import LIMIT 1")
  }

  /// Removes all that is left of an import.
  static func drop(_ store: Store, _ number: Int64) throws {
    var isAll = false
    while !isAll {
      isAll = try store.engine.writeInTurn { session, turn in
        repeat {
          guard let next = try next(session, of: number, isLocking: true) else { return true }
          try remove(next.key, session)
        } while !turn.isOver
        return false
      }
    }
    _ = try end(store, number)
  }

  /// Ends an import of which no rows are left; false if there are some.
  static func end(_ store: Store, _ number: Int64) throws -> Bool {
    try store.write(.lockingPhones) { session in
      if try next(session, of: number) != nil { return false }
      try session.run("DELETE FROM pending_import WHERE number = ?1", [.integer(number)])
      return true
    }
  }

  /// Says that nobody works on an import any more.
  static func leave(_ store: Store, _ number: Int64) throws {
    try store.write(.lockingPhones) { session in
      try session.run("UPDATE pending_import SET process = '' WHERE number = ?1", [.integer(number)])
    }
  }
}

extension Store {
  /// Goes on with imports that took place and whose processes are gone, and removes what others left; nothing of
  /// those whose processes run.
  func settleImports() throws {
    guard isWritable, try read(PendingImports.isAny) else { return }
    let presence = engine.presence()
    let all = try read { session in
      try session.all("SELECT number, process FROM pending_import ORDER BY number") {
        ($0.integer(0), $0.text(1))
      }
    }
    try withExtendedLifetime(presence) {
      for (number, process) in all where process.isEmpty || presence?.isRunning(process) != true {
        let isMine = try write(.lockingPhones) { session in
          try session.run(
            "UPDATE pending_import SET process = ?3 WHERE number = ?1 AND process = ?2",
            [.integer(number), .text(process), .text(presence?.name ?? "")]) == 1
        }
        if isMine { try finishImport(number) }
      }
    }
  }

  private func finishImport(_ number: Int64) throws {
    do {
      guard let decision = try read({ try PendingImports.decision($0, number) }) else {
        return try PendingImports.drop(self, number)
      }
      _ = try ImportQueueing(store: self, decision: decision).run(keys: nil)
    } catch {
      try? PendingImports.leave(self, number)
      throw error
    }
  }

  /// Waits until no import is being queued by anybody; `pause` may end the waiting by throwing.
  func awaitImports(_ pause: () throws -> Void = {}) throws {
    while try read(PendingImports.isAnyDecided) {
      try settleImports()
      guard try isAnyImportRunning() else { return }
      try pause()
      usleep(20_000)
    }
  }

  private func isAnyImportRunning() throws -> Bool {
    let names = try read { session in
      try session.all("SELECT process FROM pending_import WHERE decided_at IS NOT NULL") { $0.text(0) }
    }
    guard !names.isEmpty, let presence = engine.presence() else { return false }
    return names.contains { presence.isRunning($0) }
  }
}
