import Scheduling

/// The queue of a phone in memory, and how far it follows the database.
package struct LoadedQueue: Sendable {
  package fileprivate(set) var queue: SendQueue
  package let phoneKey: Int64
  fileprivate var marks: QueueMarks
  /// Some of it had been handed out and came back: such are not followed one by one.
  fileprivate var hasLapsed: Bool
  /// When it was read: leases that run out later put messages back without a write.
  fileprivate var readAt: Instant
}

/// What a phone's row says of the changes to its queue.
private struct QueueMarks: Equatable {
  /// The number of its newest message.
  var lastNumber: Int64
  /// How often the first of the queue was handed out.
  var headsTaken: Int64
  /// How often else something ceased or began to wait.
  var disturbances: Int64
}

/// What ``Store/refresh(_:now:)`` did.
package enum QueueRefresh: Equatable, Sendable {
  case unchanged, changed
  /// The queue was read from the start.
  case reloaded
}

extension Store {
  /// Reads the waiting messages of a phone as they stand at `now`: a few integers each, from an index alone.
  ///
  /// `progress` is told now and then how many were read, and ends the reading by returning false:
  /// ``StoreError/interrupted``.
  package func loadQueue(of phone: String, now: Instant, progress: (Int) -> Bool = { _ in true }) throws
    -> LoadedQueue
  {
    try read { session in
      try loadQueue(session, phoneKey: Self.phone(session, named: phone).key, now: now, progress)
    }
  }

  /// `first` reads only so many messages of each kind.
  func loadQueue(
    _ session: any Session, phoneKey: Int64, now: Instant, first: Int? = nil,
    _ progress: (Int) -> Bool = { _ in true }
  ) throws -> LoadedQueue {
    try QueueReader(session: session, phoneKey: phoneKey, now: now).load(first: first, progress)
  }

  /// Brings a loaded queue up to the database at `now`.
  ///
  /// Where messages only came, or were handed out from the head, it costs what changed; after anything else the queue
  /// is read again.
  package func refresh(_ loaded: inout LoadedQueue, now: Instant) throws -> QueueRefresh {
    try read(isRepeatable: false) { session in
      let reader = try QueueReader(session: session, phoneKey: loaded.phoneKey, now: now)
      if let result = try reader.follow(&loaded) { return result }
      loaded = try reader.load { _ in true }
      return .reloaded
    }
  }
}

/// Reads the queue of one phone within one transaction.
private struct QueueReader {
  let session: any Session
  let phoneKey: Int64
  let now: Instant
  let attempts: Int
  let waiting: Int
  let marks: QueueMarks

  /// More new messages than these are quicker read with the rest.
  private static let mostArrivals: Int64 = 20_000

  init(session: any Session, phoneKey: Int64, now: Instant) throws {
    self.session = session
    self.phoneKey = phoneKey
    self.now = now
    let sql = """
      SELECT max_send_attempts, waiting, last_number, heads_taken, disturbances FROM phone WHERE key = ?1
      """
    let found = try session.first(sql, [.integer(phoneKey)]) { row in
      (
        row.int(0), row.int(1),
        QueueMarks(
          lastNumber: row.integer(2), headsTaken: row.integer(3), disturbances: row.integer(4))
      )
    }
    guard let found else { throw StoreError.unknownPhone("any more: it was removed") }
    (attempts, waiting, marks) = found
  }

  // MARK: - From the start

  func load(first: Int? = nil, _ progress: (Int) -> Bool) throws -> LoadedQueue {
    let hasLapsed = try Lapsed.exist(session, phoneKey: phoneKey, attempts: attempts, now: now)
    var ordinary = QueueColumns(capacity: min(waiting, first ?? .max))
    var exact = QueueColumns(capacity: 0)
    try column(isExact: false, withLapsed: hasLapsed, first: first, &ordinary, progress)
    try column(isExact: true, withLapsed: hasLapsed, first: first, &exact, progress)
    let queue = SendQueue(
      keys: ordinary.keys, ready: ordinary.ready, expires: ordinary.expires, exactKeys: exact.keys,
      exactReady: exact.ready, exactExpires: exact.expires)
    return LoadedQueue(queue: queue, phoneKey: phoneKey, marks: marks, hasLapsed: hasLapsed, readAt: now)
  }

  /// One pass over the index of what waits; with what came back from a claim the database has to sort.
  private func column(
    isExact: Bool, withLapsed: Bool, first: Int?, _ columns: inout QueueColumns, _ progress: (Int) -> Bool
  ) throws {
    let waiting = """
      SELECT key, ready_at, expires_at, queued_at FROM message WHERE phone_key = ?1 AND is_exact = ?2
        AND \(Schema.isWaiting)
      """
    let lapsed = """
      UNION ALL SELECT key, ready_at, expires_at, queued_at FROM message WHERE phone_key = ?1 AND is_exact = ?2
        AND \(Schema.mayReturn) AND \(Lapsed.condition(at: "?3"))
        AND send_attempt_count < coalesce(max_send_attempts, ?4)
      """
    let sql =
      "\(waiting) \(withLapsed ? lapsed : "") ORDER BY ready_at, queued_at, key \(first.map { "LIMIT \($0)" } ?? "")"
    let values: [Value] = [.integer(phoneKey), .bool(isExact)]
    try session.each(sql, withLapsed ? values + [.integer(now), .integer(attempts)] : values) { row in
      columns.append(row.integer(0), ready: row.integer(1), expires: row.optionalInteger(2))
      if columns.keys.count & 0xFFFF == 0, !progress(columns.keys.count) { throw StoreError.interrupted }
    }
  }

  // MARK: - From what is known

  /// Brings a queue up to date if that is simple; nil if it has to be read again.
  func follow(_ loaded: inout LoadedQueue) throws -> QueueRefresh? {
    let known = loaded.marks
    let taken = marks.headsTaken - known.headsTaken
    guard try !Lapsed.changed(session, phoneKey: phoneKey, between: loaded.readAt, and: now) else {
      return nil
    }
    if marks == known {
      loaded.readAt = now
      return .unchanged
    }
    guard marks.disturbances == known.disturbances, !loaded.hasLapsed, taken >= 0,
      (0...Self.mostArrivals).contains(marks.lastNumber - known.lastNumber)
    else { return nil }
    // Of what was there before, only the first ones were handed out.
    if taken > 0 {
      try dropFirst(&loaded.queue.keys, &loaded.queue.ready, &loaded.queue.expires)
      try dropFirst(&loaded.queue.exactKeys, &loaded.queue.exactReady, &loaded.queue.exactExpires)
    }
    try addArrivals(since: known.lastNumber, &loaded.queue)
    loaded.marks = marks
    loaded.readAt = now
    return .changed
  }

  private func dropFirst(_ keys: inout [Int64], _ ready: inout [Instant], _ expires: inout [Instant]) throws {
    var step = 1
    var low = 0
    // Few are gone: looked for with steps that double, and from there by halves.
    while low + step <= keys.count, try !waits(keys[low + step - 1]) {
      low += step
      step *= 2
    }
    var high = min(keys.count, low + step - 1)
    while low < high {
      let middle = (low + high) / 2
      if try waits(keys[middle]) { high = middle } else { low = middle + 1 }
    }
    keys.removeFirst(low)
    ready.removeFirst(low)
    if !expires.isEmpty { expires.removeFirst(low) }
  }

  private func waits(_ key: Int64) throws -> Bool {
    try session.exists("SELECT 1 FROM message WHERE key = ?1 AND \(Schema.isWaiting)", [.integer(key)])
  }

  private func addArrivals(since number: Int64, _ queue: inout SendQueue) throws {
    let sql = """
      SELECT key, ready_at, queued_at, expires_at, is_exact FROM message WHERE key > ?1 AND key <= ?2
        AND \(Schema.isWaiting) ORDER BY key
      """
    let values = [number, marks.lastNumber].map {
      Value.integer(MessageKey.make(phone: phoneKey, number: $0))
    }
    try session.each(sql, values) { row in
      let (ready, queued) = (row.integer(1), row.integer(2))
      let (key, expires) = (row.integer(0), row.optionalInteger(3))
      if row.bool(4) {
        let place = try place(queue.exactKeys, queue.exactReady, ready, queued)
        Self.insert(key, ready, expires, at: place, &queue.exactKeys, &queue.exactReady, &queue.exactExpires)
      } else {
        let place = try place(queue.keys, queue.ready, ready, queued)
        Self.insert(key, ready, expires, at: place, &queue.keys, &queue.ready, &queue.expires)
      }
    }
  }

  /// Where a new message stands. Equal ready times are told apart by queued times, which only the database knows;
  /// of equal ones the new message is the last.
  private func place(_ keys: [Int64], _ readies: [Instant], _ ready: Instant, _ queued: Instant) throws -> Int
  {
    var low = Self.count(readies) { $0 < ready }
    var high = Self.count(readies) { $0 <= ready }
    while low < high {
      let middle = (low + high) / 2
      let other = try session.integer(
        "SELECT queued_at FROM message WHERE key = ?1", [.integer(keys[middle])])
      if (other ?? .min) <= queued { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func insert(
    _ key: Int64, _ readyAt: Instant, _ expiresAt: Instant?, at place: Int, _ keys: inout [Int64],
    _ ready: inout [Instant], _ expires: inout [Instant]
  ) {
    if expiresAt != nil, expires.isEmpty { expires = Array(repeating: .max, count: keys.count) }
    keys.insert(key, at: place)
    ready.insert(readyAt, at: place)
    if !expires.isEmpty || expiresAt != nil { expires.insert(expiresAt ?? .max, at: place) }
  }

  /// How many values from the start of an ordered list fulfil a condition.
  private static func count(_ values: [Instant], _ belongs: (Instant) -> Bool) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if belongs(values[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The columns of one kind of message while they are read.
struct QueueColumns {
  var keys: [Int64] = []
  var ready: [Instant] = []
  /// Empty as long as nothing expires.
  var expires: [Instant] = []

  init(keys: [Int64], ready: [Instant], expires: [Instant]) {
    (self.keys, self.ready, self.expires) = (keys, ready, expires)
  }

  init(capacity: Int) {
    keys.reserveCapacity(capacity)
    ready.reserveCapacity(capacity)
  }

  mutating func append(_ key: Int64, ready readyAt: Instant, expires expiresAt: Instant?) {
    if let expiresAt {
      if expires.isEmpty { expires = Array(repeating: .max, count: keys.count) }
      expires.append(expiresAt)
    } else if !expires.isEmpty {
      expires.append(.max)
    }
    keys.append(key)
    ready.append(readyAt)
  }
}
