import Formats
import Scheduling

/// Large imports in the database: their rows wait there until it is decided, in a moment, that all of them are to be
/// queued; from then on the import has taken place, and whoever opens the database goes on with it where its process
/// is gone. So do removals of phones with many messages: they are decided from the start.
///
/// An import belongs to the process that it names. Whoever takes it over writes its own name there, and from then on
/// the other one can neither add rows nor decide it. Where nobody can know whether a process runs, what names it is
/// left alone.
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

    /// The key of a phone, by its number among those of the import.
    func phoneKey(_ owner: Int) -> Int64? { phoneKeys.indices.contains(owner) ? phoneKeys[owner] : nil }
  }

  /// Rows stand under so much times the import's number, plus the place of the first of them.
  private static let keysOfImport: Int64 = 1 << 46
  /// Chunks that are read at once.
  private static let ahead = 16

  /// Begins one, whose rows come next; returns its number.
  static func begin(_ store: Store, _ worker: PendingWorker) throws -> Int64 {
    try store.write(.lockingPhones) { try begin(worker, $0) }
  }

  /// The same within a transaction; the removal of the messages of a phone that is gone, by its key, is decided at once.
  static func begin(
    _ worker: PendingWorker, removing phoneKey: Int64? = nil, at now: Instant? = nil, _ session: any Session
  ) throws -> Int64 {
    try session.run(
      """
      INSERT INTO counter (name, value) VALUES ('pending import', 1)
      ON CONFLICT (name) DO UPDATE SET value = counter.value % 10000 + 1
      """)
    let number = try session.integer("SELECT value FROM counter WHERE name = 'pending import'") ?? 1
    try session.run(
      """
      INSERT INTO pending_import (number, process, renewed_at, decided_at, has_known_rows, phone_keys, dropped,
        removed_phone)
      VALUES (?1, ?2, ?3, ?4, 0, '', '', ?5)
      """,
      [
        .integer(number), .text(worker.name), .optional(worker.renewal(session)), .optional(now),
        .optional(phoneKey),
      ])
    return number
  }

  /// Keeps rows; throws ``ImportStage/Outdated`` if somebody took the import for one that is left.
  static func put(
    _ chunks: some Sequence<ImportChunk>, of number: Int64, by worker: PendingWorker, _ session: any Session
  ) throws {
    try stay(number, worker, session)
    try session.insert(into: "pending_rows", columns: ["key", "count", "data"]) { rows in
      for chunk in chunks {
        rows.integer(key(of: chunk, number))
        rows.integer(Int64(chunk.count))
        chunk.bytes.withUnsafeBufferPointer { rows.text($0) }
        try rows.endRow()
      }
    }
  }

  /// Keeps an import until the end of the transaction, and says that its process runs where nothing else does; throws
  /// ``ImportStage/Outdated`` if it is somebody else's by now.
  static func stay(_ number: Int64, _ worker: PendingWorker, _ session: any Session) throws {
    let isOwn = "number = ?1 AND process = ?2"
    let values: [Value] = [.integer(number), .text(worker.name)]
    let isThere =
      if let renewal = try worker.renewal(session) {
        try session.run(
          "UPDATE pending_import SET renewed_at = ?3 WHERE \(isOwn)", values + [.integer(renewal)]) == 1
      } else {
        try session.exists("SELECT 1 FROM pending_import WHERE \(isOwn)" + session.dialect.lock, values)
      }
    if !isThere { throw ImportStage.Outdated() }
  }

  /// Says from time to time that the process runs which works on what was decided. Others may do the same work.
  static func renew(_ number: Int64, _ worker: PendingWorker, _ session: any Session) throws {
    guard let renewal = try worker.renewal(session) else { return }
    try session.run(
      "UPDATE pending_import SET renewed_at = ?3 WHERE number = ?1 AND process = ?2",
      [.integer(number), .text(worker.name), .integer(renewal)])
  }

  private static func key(of chunk: ImportChunk, _ number: Int64) -> Int64 {
    number * keysOfImport + Int64(chunk.first)
  }

  /// The first rows of an import that are still there, after others; empty if there are none.
  static func next(_ session: any Session, of number: Int64, after last: ImportChunk? = nil) throws
    -> [ImportChunk]
  {
    let sql =
      "SELECT key, count, data FROM pending_rows WHERE key > ?1 AND key < ?2 ORDER BY key LIMIT \(ahead)"
    let start = last.map { key(of: $0, number) } ?? number * keysOfImport - 1
    return try session.all(sql, [.integer(start), .integer((number + 1) * keysOfImport)]) { row in
      ImportChunk(
        first: Int(row.integer(0) - number * keysOfImport), count: row.int(1),
        bytes: row.withText(2) { [UInt8]($0) })
    }
  }

  /// What says which of some rows are still there, and keeps others from taking them, on a server.
  static func taking(_ chunks: some Sequence<ImportChunk>, of number: Int64, _ dialect: Dialect) -> Query {
    let sql = "SELECT key FROM pending_rows WHERE key = ANY(CAST(?1 AS BIGINT[])) ORDER BY key" + dialect.lock
    return (sql, [.array(chunks.map { key(of: $0, number) })])
  }

  /// Takes rows that are to be queued, and says which of them were still there.
  static func take(_ chunks: [ImportChunk], of number: Int64, _ session: any Session) throws -> Set<Int> {
    if session.dialect == .sqlite {
      let sql = "DELETE FROM pending_rows WHERE key = ?1"
      return Set(
        try chunks.filter { try session.run(sql, [.integer(key(of: $0, number))]) == 1 }.map(\.first))
    }
    let (sql, keys) = taking(chunks, of: number, session.dialect)
    return Set(try session.all(sql, keys) { Int($0.integer(0) - number * keysOfImport) })
  }

  /// Removes rows that were taken on a server; SQLite did so when they were.
  static func remove(_ chunks: [ImportChunk], of number: Int64, _ session: any Session) throws {
    guard session.dialect != .sqlite else { return }
    try session.send(
      "DELETE FROM pending_rows WHERE key = ANY(CAST(?1 AS BIGINT[]))",
      [.array(chunks.map { key(of: $0, number) })])
  }

  /// Makes an import one that took place.
  static func decide(_ decision: Decision, by worker: PendingWorker, _ session: any Session) throws {
    try stay(decision.number, worker, session)
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

  /// Whether an import took place of which rows are still to be queued, or a removal whose messages are still to go.
  static func isAnyDecided(_ session: any Session, withRemovals: Bool = true) throws -> Bool {
    let more = withRemovals ? "" : " AND removed_phone IS NULL"
    return try session.exists("SELECT 1 FROM pending_import WHERE decided_at IS NOT NULL\(more) LIMIT 1")
  }

  static func isAny(_ session: any Session) throws -> Bool {
    try session.exists("SELECT 1 FROM pending_import LIMIT 1")
  }

  /// Removes all that is left of an import.
  static func drop(_ store: Store, _ number: Int64) throws {
    let sql = """
      DELETE FROM pending_rows WHERE key IN
        (SELECT key FROM pending_rows WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT \(ahead))
      """
    let keys: [Value] = [.integer(number * keysOfImport), .integer((number + 1) * keysOfImport)]
    var isAll = false
    while !isAll {
      isAll = try store.engine.writeInTurn { session, turn in
        repeat {
          if try session.run(sql, keys) == 0 { return true }
        } while !turn.isOver
        return false
      }
    }
    _ = try end(store, number)
  }

  /// Ends an import of which no rows are left; false if there are some.
  static func end(_ store: Store, _ number: Int64) throws -> Bool {
    try store.write(.lockingPhones) { session in
      let sql = "SELECT 1 FROM pending_rows WHERE key >= ?1 AND key < ?2 LIMIT 1"
      let keys: [Value] = [.integer(number * keysOfImport), .integer((number + 1) * keysOfImport)]
      if try session.exists(sql, keys) { return false }
      try session.run("DELETE FROM pending_import WHERE number = ?1", [.integer(number)])
      return true
    }
  }

  /// Says that nobody works on an import any more; false if it is not the process's own, or it was decided and `isUndecided`.
  @discardableResult
  static func leave(_ store: Store, _ number: Int64, _ worker: PendingWorker, isUndecided: Bool = false)
    throws
    -> Bool
  {
    let more = isUndecided ? " AND decided_at IS NULL" : ""
    return try store.write(.lockingPhones) { session in
      try session.run(
        "UPDATE pending_import SET process = '' WHERE number = ?1 AND process = ?2\(more)",
        [.integer(number), .text(worker.name)]) == 1
    }
  }
}
