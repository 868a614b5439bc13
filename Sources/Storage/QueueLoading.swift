import GRDB
import GRDBSQLite
import Scheduling

/// The queue of a phone in memory, and how far it follows the file.
package struct LoadedQueue: Sendable {
  package fileprivate(set) var queue: SendQueue
  package let phoneKey: Int64
  /// The newest message that was there when the queue was read.
  fileprivate var lastKey: Int64
  /// The newest note of the log then.
  fileprivate var lastChange: Int64
  /// When it was read: leases that run out later put messages back without a write.
  fileprivate var readAt: Instant
}

/// What ``Store/refresh(_:now:)`` did.
package enum QueueRefresh: Equatable, Sendable {
  case unchanged, changed
  /// The queue was read from the start.
  case reloaded
}

extension Store {
  /// Reads the waiting messages of a phone as they stand at `now`: two integers each, from an index alone.
  ///
  /// `progress` is told now and then how many were read, and ends the reading by returning false:
  /// ``StoreError/interrupted``.
  package func loadQueue(of phone: String, now: Instant, progress: (Int) -> Bool = { _ in true }) throws
    -> LoadedQueue
  {
    try read { db in
      try loadQueue(db, phoneKey: Self.phone(db, named: phone).key, now: now, progress)
    }
  }

  func loadQueue(
    _ db: Database, phoneKey: Int64, now: Instant, _ progress: (Int) -> Bool = { _ in true }
  ) throws -> LoadedQueue {
    try QueueReader(db: db, phoneKey: phoneKey, now: now).load(progress)
  }

  /// Brings a loaded queue up to the file at `now`, at a cost that grows with what changed.
  package func refresh(_ loaded: inout LoadedQueue, now: Instant) throws -> QueueRefresh {
    try read { db in
      let reader = try QueueReader(db: db, phoneKey: loaded.phoneKey, now: now)
      guard let changed = try reader.changedKeys(since: loaded) else {
        loaded = try reader.load { _ in true }
        return .reloaded
      }
      for key in changed { try reader.remove(key, from: &loaded.queue) }
      for row in try reader.waiting(among: changed) { try reader.insert(row, into: &loaded.queue) }
      (loaded.lastKey, loaded.lastChange) = try reader.marks()
      loaded.readAt = now
      return changed.isEmpty ? .unchanged : .changed
    }
  }
}

/// Reads the queue of one phone within one transaction.
private struct QueueReader {
  let db: Database
  let phoneKey: Int64
  let now: Instant
  let attempts: Int

  /// More new messages than these are quicker read with the rest.
  private static let mostChanges: Int64 = 20_000

  init(db: Database, phoneKey: Int64, now: Instant) throws {
    self.db = db
    self.phoneKey = phoneKey
    self.now = now
    let sql = "SELECT max_send_attempts FROM phone WHERE key = ?"
    guard let attempts = try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [phoneKey]) else {
      throw StoreError.unknownPhone("any more: it was removed")
    }
    self.attempts = attempts
  }

  func load(_ progress: (Int) -> Bool) throws -> LoadedQueue {
    let (lastKey, lastChange) = try marks()
    var queue = SendQueue()
    let waiting =
      try Int.fetchOne(db, sql: "SELECT waiting FROM phone WHERE key = ?", arguments: [phoneKey]) ?? 0
    try column(isExact: false, &queue.keys, &queue.ready, capacity: waiting, progress)
    try column(isExact: true, &queue.exactKeys, &queue.exactReady, capacity: 0, progress)
    for row in try Lapsed.waiting(db, phoneKey: phoneKey, attempts: attempts, now: now) {
      try insert(row, into: &queue)
    }
    return LoadedQueue(
      queue: queue, phoneKey: phoneKey, lastKey: lastKey, lastChange: lastChange, readAt: now)
  }

  /// The newest message and the newest note.
  func marks() throws -> (key: Int64, change: Int64) {
    let key = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(key) FROM message"))
    let sequence = "SELECT seq FROM sqlite_sequence WHERE name = 'queue_change'"
    return (key ?? 0, try Int64.fetchOne(db.cachedStatement(sql: sequence)) ?? 0)
  }

  /// One pass over the index, row by row with nothing between SQLite and the two columns.
  private func column(
    isExact: Bool, _ keys: inout [Int64], _ ready: inout [Instant], capacity: Int, _ progress: (Int) -> Bool
  ) throws {
    keys.reserveCapacity(capacity)
    ready.reserveCapacity(capacity)
    let statement = try db.makeStatement(
      sql: """
        SELECT key, ready_at FROM message INDEXED BY message_waiting
        WHERE phone_key = ? AND is_exact = \(isExact ? 1 : 0) AND \(Schema.isWaiting)
        ORDER BY ready_at, queued_at, key
        """)
    let handle = statement.sqliteStatement
    sqlite3_bind_int64(handle, 1, phoneKey)
    defer { sqlite3_reset(handle) }
    var code = sqlite3_step(handle)
    while code == SQLITE_ROW {
      keys.append(sqlite3_column_int64(handle, 0))
      ready.append(sqlite3_column_int64(handle, 1))
      if keys.count & 0xFFFF == 0, !progress(keys.count) { throw StoreError.interrupted }
      code = sqlite3_step(handle)
    }
    guard code == SQLITE_DONE else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
    }
  }

  // MARK: Following changes

  /// The keys that may have begun or ceased to wait since; nil if the queue is best read again.
  func changedKeys(since loaded: LoadedQueue) throws -> Set<Int64>? {
    let (lastKey, lastChange) = try marks()
    guard (0...Self.mostChanges).contains(lastKey - loaded.lastKey), lastChange >= loaded.lastChange,
      let noted = try notedKeys(since: loaded.lastChange, until: lastChange)
    else { return nil }
    var keys = noted
    let new = """
      SELECT key FROM message WHERE key > ? AND phone_key = ?
      """
    keys.formUnion(try Int64.fetchAll(db.cachedStatement(sql: new), arguments: [loaded.lastKey, phoneKey]))
    let lapsed = """
      SELECT key FROM message WHERE status = 'sending' AND phone_key = ? AND lease_expires_at > ?
      AND lease_expires_at <= ? AND \(Schema.isHandled)
      """
    let (from, until) = (min(loaded.readAt, now), max(loaded.readAt, now))
    keys.formUnion(
      try Int64.fetchAll(db.cachedStatement(sql: lapsed), arguments: [phoneKey, from, until]))
    return keys
  }

  private func notedKeys(since first: Int64, until last: Int64) throws -> Set<Int64>? {
    guard last > first else { return [] }
    let oldest = try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(seq) FROM queue_change")) ?? last + 1
    guard oldest <= first + 1 else { return nil }
    let sql = "SELECT message_key FROM queue_change WHERE seq > ? AND phone_key IN (?, ?)"
    var keys: Set<Int64> = []
    let cursor = try Int64?.fetchCursor(
      db.cachedStatement(sql: sql), arguments: [first, phoneKey, QueueLog.everyPhone])
    while let key = try cursor.next() {
      guard let key else { return nil }
      keys.insert(key)
    }
    return keys
  }

  /// Those of some messages that wait now.
  func waiting(among keys: Set<Int64>) throws -> [Lapsed.Row] {
    let sql = """
      SELECT key, ready_at, queued_at, is_exact FROM message WHERE key = ?1 AND phone_key = ?2 AND (\(Schema.isWaiting)
        OR (status = 'sending' AND lease_expires_at <= ?3 AND send_attempt_count < ?4))
      """
    let statement = try db.cachedStatement(sql: sql)
    return try keys.sorted().compactMap { key in
      try Row.fetchOne(statement, arguments: [key, phoneKey, now, attempts]).map {
        Lapsed.Row(key: $0[0], ready: $0[1], queued: $0[2], isExact: $0[3])
      }
    }
  }

  func remove(_ key: Int64, from queue: inout SendQueue) throws {
    let ready = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT ready_at FROM message WHERE key = ?"), arguments: [key])
    if let index = place(of: key, ready: ready, queue.keys, queue.ready) {
      queue.keys.remove(at: index)
      queue.ready.remove(at: index)
    } else if let index = place(of: key, ready: ready, queue.exactKeys, queue.exactReady) {
      queue.exactKeys.remove(at: index)
      queue.exactReady.remove(at: index)
    }
  }

  /// Where a key stands; `ready` is nil if its message is gone, and then all are looked at.
  private func place(of key: Int64, ready: Instant?, _ keys: [Int64], _ readies: [Instant]) -> Int? {
    guard let ready else { return keys.firstIndex(of: key) }
    let low = partition(readies) { $0 < ready }
    let high = partition(readies) { $0 <= ready }
    return keys[low..<high].firstIndex(of: key)
  }

  func insert(_ row: Lapsed.Row, into queue: inout SendQueue) throws {
    if row.isExact {
      try insert(row, &queue.exactKeys, &queue.exactReady)
    } else {
      try insert(row, &queue.keys, &queue.ready)
    }
  }

  /// Equal ready times are told apart by queued times, which only the file knows.
  private func insert(_ row: Lapsed.Row, _ keys: inout [Int64], _ ready: inout [Instant]) throws {
    var low = partition(ready) { $0 < row.ready }
    var high = partition(ready) { $0 <= row.ready }
    let statement = try db.cachedStatement(sql: "SELECT queued_at FROM message WHERE key = ?")
    while low < high {
      let middle = (low + high) / 2
      let queued = try Int64.fetchOne(statement, arguments: [keys[middle]]) ?? .min
      if (queued, keys[middle]) < (row.queued, row.key) { low = middle + 1 } else { high = middle }
    }
    keys.insert(row.key, at: low)
    ready.insert(row.ready, at: low)
  }

  /// How many values from the start of an ordered list fulfil a condition.
  private func partition(_ values: [Instant], _ belongs: (Instant) -> Bool) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if belongs(values[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
