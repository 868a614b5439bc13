import Scheduling

// Many failed messages at once.
extension Store {
  /// Puts those of some messages of a phone back into the queue that are failed and have not expired, with all their
  /// attempts.
  ///
  /// In short transactions, so that nobody waits long; one that fails leaves those before it done, and so it does where
  /// it is not wanted any more. `done` is told what each of them did, and of how many messages.
  package func retryFailed(
    _ keys: [Int64], of phone: String, at time: Time, by: String = "", isWanted: () -> Bool = { true },
    done: (_ edits: [MessageEdit], _ looked: Int) throws -> Void
  ) throws {
    let retry = Self.retrying(by: by)
    try editInTurns(keys, of: phone, at: time, isWanted, done) { _, stored, seen, now in
      // One that was canceled meanwhile stays so.
      guard seen.status == .failed else {
        throw StoreError.wrongState(message: seen.id, status: seen.status, action: "retried")
      }
      return try retry(&stored, seen, now)
    }
  }

  /// Makes those of some messages of a phone again what they were that are still what an edit made of them; in short
  /// transactions, as ``retryFailed(_:of:at:by:done:)``.
  package func putBack(
    _ edits: [(key: Int64, before: Message, after: Message)], of phone: String, at time: Time,
    by: String = "",
    done: (_ edits: [MessageEdit], _ looked: Int) throws -> Void
  ) throws {
    let isAlwaysWanted = { true }
    let known = Dictionary(edits.map { ($0.key, $0) }) { first, _ in first }
    try editInTurns(edits.map(\.key), of: phone, at: time, isAlwaysWanted, done) { key, stored, seen, now in
      guard let edit = known[key] else {
        throw StoreError.wrongState(message: seen.id, status: seen.status, action: "put back as it was")
      }
      return try Self.puttingBack(edit.before, from: edit.after, by: by)(&stored, seen, now)
    }
  }

  /// How many are edited in a turn at most, and in the last one, which ends with them.
  private static let (most, mostAtLast) = (2_000, 200)

  /// Edits those of some messages of which `change` makes something; the others are left.
  private func editInTurns(
    _ keys: [Int64], of phone: String, at time: Time, _ isWanted: () -> Bool,
    _ done: ([MessageEdit], Int) throws -> Void,
    _ change: (Int64, inout StoredMessage, Message, Instant) throws -> MessageEvent
  ) throws {
    var rest = keys[...]
    while !rest.isEmpty {
      // What was written in turns is on the disk once the last is: one that is stopped has one more, of a single message.
      let isStopped = !isWanted()
      if isStopped, rest.count == keys.count { return }
      let isLast = isStopped || rest.count <= Self.mostAtLast
      let some = rest.prefix(isStopped ? 1 : isLast ? Self.mostAtLast : Self.most)
      func edit(_ session: any Session, _ turn: Turn) throws -> (looked: Int, edits: [MessageEdit]) {
        try self.edit(session, some, of: phone, at: time, turn, change)
      }
      let (looked, edits) =
        try isLast ? write(.lockingPhones) { try edit($0, Turn()) } : engine.writeInTurn(edit)
      rest = rest.dropFirst(looked)
      try done(edits, looked)
      if isStopped { return }
    }
  }

  /// Edits some messages as long as a turn lasts; says how many it looked at.
  private func edit(
    _ session: any Session, _ keys: ArraySlice<Int64>, of phone: String, at time: Time, _ turn: Turn,
    _ change: (Int64, inout StoredMessage, Message, Instant) throws -> MessageEvent
  ) throws -> (looked: Int, edits: [MessageEdit]) {
    try session.lock(phones: [phone])
    let now = try time.instant(in: session)
    var edits: [MessageEdit] = []
    var looked = 0
    for key in keys {
      looked += 1
      if let stored = try StoredMessage.look(session, key: key) {
        do {
          edits.append(try edit(session, stored, now: now) { try change(key, &$0, $1, $2) })
        } catch StoreError.wrongState {
          // Somebody else did something with it since.
        } catch StoreError.invalid {
          // It has expired.
        }
      }
      if turn.isOver { break }
    }
    return (looked, edits)
  }

  // MARK: Before

  /// What waits with some failed messages of its phone among it.
  package struct RetriedQueue: Sendable {
    package var queue: SendQueue
    /// The keys of the failed ones that wait in it.
    package var keys: [Int64] = []
    /// How many have expired, and could not wait again.
    package var expired = 0
  }

  /// The whole queue of a phone as it would be if failed messages waited again: all of them, or those of some keys.
  package func queue(_ queue: SendQueue, retrying wanted: [Int64]?, of phone: String, now: Instant) throws
    -> RetriedQueue
  {
    var retried = RetriedQueue(queue: queue)
    var (ordinary, exact): ([FailedPlace], [FailedPlace]) = ([], [])
    let isWanted = wanted.map(Set.init)
    try read { session in
      let (key, phone) = try Self.phone(session, named: phone)
      let range = MessageKey.range(ofPhone: key)
      var values: [Value] = [.integer(range.lowerBound), .integer(range.upperBound)]
      let isFailed = Self.condition(.failed, now: now, attempts: phone.maxSendAttempts, &values)
      let sql = """
        SELECT key, queued_at, send_at, expires_at, is_exact FROM message
        WHERE key >= ?1 AND key < ?2 AND (\(isFailed)) ORDER BY key
        """
      (ordinary, exact, retried) = ([], [], RetriedQueue(queue: queue))
      try session.each(sql, values) { row in
        guard isWanted?.contains(row.integer(0)) ?? true else { return }
        let place = FailedPlace(row)
        if let expires = place.expires, expires < now {
          retried.expired += 1
        } else {
          retried.keys.append(place.key)
          if row.bool(4) { exact.append(place) } else { ordinary.append(place) }
        }
      }
    }
    let columns = QueueColumns(keys: queue.keys, ready: queue.ready, expires: queue.expires).merged(
      with: ordinary)
    let exactColumns = QueueColumns(
      keys: queue.exactKeys, ready: queue.exactReady, expires: queue.exactExpires
    )
    .merged(with: exact)
    retried.queue = SendQueue(
      keys: columns.keys, ready: columns.ready, expires: columns.expires, exactKeys: exactColumns.keys,
      exactReady: exactColumns.ready, exactExpires: exactColumns.expires)
    return retried
  }
}

/// Where a failed message would stand.
private struct FailedPlace {
  var key: Int64
  var ready: Instant
  var expires: Instant?

  init(_ row: any ResultRow) {
    let queued = row.integer(1)
    (key, ready, expires) = (
      row.integer(0), max(queued, row.optionalInteger(2) ?? queued), row.optionalInteger(3)
    )
  }
}

extension QueueColumns {
  /// With others among them. Of equal ready times the keys tell, which are given in the order of being queued.
  fileprivate func merged(with others: [FailedPlace]) -> QueueColumns {
    guard !others.isEmpty else { return self }
    var all = QueueColumns(capacity: keys.count + others.count)
    var index = 0
    let takeOwn = { (all: inout QueueColumns, index: inout Int) in
      all.append(keys[index], ready: ready[index], expires: expires.isEmpty ? nil : expires[index])
      index += 1
    }
    for other in others.sorted(by: { ($0.ready, $0.key) < ($1.ready, $1.key) }) {
      while index < keys.count, (ready[index], keys[index]) < (other.ready, other.key) {
        takeOwn(&all, &index)
      }
      all.append(other.key, ready: other.ready, expires: other.expires)
    }
    while index < keys.count { takeOwn(&all, &index) }
    return all
  }
}
