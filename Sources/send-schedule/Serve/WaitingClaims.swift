import Scheduling

/// The claims that wait until something is due, of all phones: one timer for all of them.
struct WaitingClaims {
  /// A claim that waits, and whose it is.
  struct Waiter {
    var client: Int
    var request: ServeRequest
  }

  private var waiters: [String: [Waiter]] = [:]
  /// When to look at a phone again; `.min` for at once.
  private var looks: [String: Instant] = [:]
  private var timer = TimerHeap()
  /// Phones whose time came while no client could take an answer.
  private var heldBack: Set<String> = []

  var isEmpty: Bool { waiters.isEmpty }

  /// Says when a phone's claims may find something; nil for not before something changes.
  mutating func setLook(_ phone: String, _ look: Instant?) {
    guard waiters[phone] != nil else { return }
    looks[phone] = look
    if let look { timer.insert(look, phone) }
  }

  /// Something changed that may let a phone send.
  mutating func lookAtOnce(_ phone: String) {
    if looks[phone] != .min { setLook(phone, .min) }
  }

  /// The same of all phones.
  mutating func lookAtAll() {
    for phone in Array(waiters.keys) { lookAtOnce(phone) }
  }

  /// A client can take answers again.
  mutating func resume(client: Int) {
    for phone in heldBack where waiters[phone]?.contains(where: { $0.client == client }) ?? true {
      heldBack.remove(phone)
      lookAtOnce(phone)
    }
  }

  /// The next instant at which a phone is to be looked at; nil for none.
  mutating func next() -> Instant? {
    while let first = timer.first {
      if looks[first.phone] == first.at { return first.at }
      timer.removeFirst()
    }
    return nil
  }

  /// Takes the first claim of each phone whose time has come, of at most `limit` phones, where `isReady`
  /// says that its client can take an answer.
  mutating func takeDue(at now: Instant, limit: Int, isReady: (Int) -> Bool) -> [(
    phone: String, waiter: Waiter
  )] {
    var due: [(phone: String, waiter: Waiter)] = []
    while due.count < limit, let at = next(), at <= now, let first = timer.first {
      timer.removeFirst()
      looks[first.phone] = nil
      guard var line = waiters[first.phone] else { continue }
      guard let index = line.firstIndex(where: { isReady($0.client) }) else {
        heldBack.insert(first.phone)
        continue
      }
      due.append((first.phone, line.remove(at: index)))
      waiters[first.phone] = line.isEmpty ? nil : line
    }
    return due
  }

  /// Keeps a claim that found nothing until `look`, nil for until something changes; behind its phone's others,
  /// or as the first of them.
  mutating func keep(_ waiter: Waiter, phone: String, isFirst: Bool, look: Instant?) {
    waiters[phone, default: []].insert(waiter, at: isFirst ? 0 : waiters[phone]?.count ?? 0)
    setLook(phone, look)
  }

  func has(client: Int) -> Bool { waiters.values.contains { $0.contains { $0.client == client } } }

  /// Takes all claims of a client, or of all if nil.
  mutating func take(client: Int?) -> [(phone: String, waiter: Waiter)] {
    var taken: [(phone: String, waiter: Waiter)] = []
    for (phone, line) in waiters {
      let own = line.filter { client == nil || $0.client == client }
      guard !own.isEmpty else { continue }
      taken += own.map { (phone, $0) }
      let rest = line.filter { client != nil && $0.client != client }
      waiters[phone] = rest.isEmpty ? nil : rest
      if rest.isEmpty { looks[phone] = nil }
    }
    return taken
  }
}

/// Instants of phones, the earliest first.
private struct TimerHeap {
  private var items: [(at: Instant, phone: String)] = []

  var first: (at: Instant, phone: String)? { items.first }

  mutating func insert(_ at: Instant, _ phone: String) {
    items.append((at, phone))
    var child = items.count - 1
    while child > 0, items[child].at < items[(child - 1) / 2].at {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() {
    guard let last = items.popLast(), !items.isEmpty else { return }
    items[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < items.count else { return }
      if child + 1 < items.count, items[child + 1].at < items[child].at { child += 1 }
      guard items[child].at < items[parent].at else { return }
      items.swapAt(child, parent)
      parent = child
    }
  }
}
