import Scheduling

/// What gateways ask for, within one transaction; each request has its own result.
package struct QueueTransaction {
  let store: Store
  let session: any Session
  /// The engine's clock once the phones of all requests were locked; nil if each request locks its own.
  private var lockedAt: Instant?
  /// Whether a request waits for its phone while somebody else has it locked; else it is busy.
  private let isPatient: Bool
  /// What is known of queues while requests are done that came together; nil if each asks for itself.
  private(set) var fronts: KnownFronts?

  init(store: Store, session: any Session, isPatient: Bool = true) {
    self.store = store
    self.session = session
    self.isPatient = isPatient
  }

  /// Locks the phone that a request is about and says what time it is then. What the request will ask is asked at once
  /// with it.
  func lock(_ subject: QueueSubject, at time: Time) throws -> Instant {
    if let message = subject.message { try fronts?.write(session, message: message) }
    if lockedAt != nil { return try instant(at: time) }
    let phone = subject.phoneCondition
    let lock = session.dialect.lockQuestion(phone, skipsLocked: !isPatient)
    // The clock is read once the phone's row is locked.
    let clock: [Query] = time == .engine ? [(session.dialect.clock, [])] : []
    try session.prefetch([lock] + clock + subject.questions)
    var isLocked = isPatient || session.dialect == .sqlite
    try session.lock(lock) { _ in isLocked = true }
    if try !isLocked && session.exists(phone.question.sql, phone.values) {
      throw StoreError.busy(path: store.path)
    }
    return try time.instant(in: session)
  }

  func instant(at time: Time) throws -> Instant {
    if time == .engine, let lockedAt { return lockedAt }
    return try time.instant(in: session)
  }

  /// The front of a phone's queue, by number or id: as it follows from what was done so far, or as it is asked for.
  func front(ofPhone name: String, at now: Instant) throws -> KnownFront {
    if let known = fronts?.front(ofPhone: name, at: now) { return known }
    try fronts?.write(session, frontOfPhone: name)
    let front = try QueueFront.find(session, phone: name, messages: fronts?.wanted(ofPhone: name) ?? 1)
    let known = try KnownFront(front, store, session, now: now)
    return fronts?.keep(known, ofPhone: name) ?? known
  }

  /// What to ask about a phone's messages: all that was done to them so far is written.
  func written(_ phoneKey: Int64) throws -> any Session {
    try fronts?.write(session, ofPhone: phoneKey)
    return session
  }
}

/// What a request is about.
package enum QueueSubject: Hashable, Sendable {
  /// A phone, by number or id, and what waits in front of its queue.
  case queue(ofPhone: String)
  /// A phone alone.
  case phone(String)
  /// A message, by its id.
  case message(String)
  /// A message and its phone.
  case messageAndPhone(message: String)

  var phone: String? {
    switch self {
    case .queue(let name), .phone(let name): name
    case .message, .messageAndPhone: nil
    }
  }

  /// The phone whose queue it is about.
  var queue: String? {
    if case .queue(let name) = self { name } else { nil }
  }

  var message: String? {
    switch self {
    case .queue, .phone: nil
    case .message(let id), .messageAndPhone(let id): id
    }
  }

  var phoneCondition: PhoneCondition {
    switch self {
    case .queue(let name), .phone(let name):
      PhoneCondition(
        "number = ?1 OR id = ?2", [.text(PhoneNumber.e164(name) ?? name), .text(name)])
    case .message(let id), .messageAndPhone(let id):
      PhoneCondition("key = (SELECT phone_key FROM message WHERE id = ?1)", [.text(id)])
    }
  }

  /// What a request of this kind asks first.
  var questions: [Query] {
    switch self {
    case .queue(let name): [QueueFront.question(ofPhone: name)]
    case .phone(let name): [Store.question(ofPhone: name)]
    case .message(let id): [StoredMessage.question(id: id)]
    case .messageAndPhone(let id): [StoredMessage.question(id: id), Store.question(ofMessagesPhone: id)]
    }
  }
}

/// Something that is asked for within a transaction, and what it is about, which says what can be asked at once with
/// others'; nil for anything.
package struct QueueRequest<T> {
  let subject: QueueSubject?
  let body: (QueueTransaction) throws -> T

  package init(_ subject: QueueSubject? = nil, _ body: @escaping (QueueTransaction) throws -> T) {
    self.subject = subject
    self.body = body
  }
}

extension Store {
  /// Decides several requests in one transaction, which is on the disk when this returns.
  ///
  /// A request that cannot be granted leaves nothing behind and gets its own error; what concerns the database
  /// itself (a full disk, a lock) is thrown, and then nothing took place. A request may run more than once. Those of one
  /// phone are done in their order; on a server those of a phone that somebody else has locked are busy at once. Where
  /// the database refuses something that one of them wrote, each is done in a transaction of its own.
  package func together<T>(_ requests: [QueueRequest<T>]) throws -> [Result<T, StoreError>] {
    do {
      do {
        return try together(requests, withSavepoints: false)
      } catch is NeedsSavepoints {
        return try together(requests, withSavepoints: true)
      }
    } catch let error as StoreError where error.mayConcernOne {
      return try requests.map(alone)
    }
  }

  private func alone<T>(_ request: QueueRequest<T>) throws -> Result<T, StoreError> {
    do {
      return .success(
        try write(.lockingPhones) {
          try request.body(QueueTransaction(store: self, session: $0, isPatient: false))
        })
    } catch let error as StoreError {
      return .failure(error)
    }
  }

  private func together<T>(_ requests: [QueueRequest<T>], withSavepoints: Bool)
    throws -> [Result<T, StoreError>]
  {
    try write(.lockingPhones) { session in
      var results = [Result<T, StoreError>?](repeating: nil, count: requests.count)
      var locked = QueueTransaction(store: self, session: session)
      let turns = try locked.lockAll(requests.map(\.subject), withSavepoints)
      for index in turns.busy { results[index] = .failure(.busy(path: path)) }
      for wave in turns.waves {
        locked.fronts?.begin(wanted: wave.fronts)
        let steps = try session.prefetch(steps: wave.questions())
        for (step, request) in zip(steps, wave.requests) {
          if locked.fronts?.hold(for: request.subject, ofPhone: request.phoneKey) ?? true { step.begin() }
          results[request.index] = try decide(requests[request.index], in: locked, withSavepoints)
        }
        try locked.fronts?.write(session)
      }
      let rest =
        session.dialect == .sqlite
        ? locked : QueueTransaction(store: self, session: session, isPatient: false)
      let all = try results.enumerated().map { index, result in
        try result ?? decide(requests[index], in: rest, withSavepoints)
      }
      try rest.fronts?.write(session)
      return all
    }
  }

  private func decide<T>(
    _ request: QueueRequest<T>, in transaction: QueueTransaction, _ withSavepoints: Bool
  ) throws -> Result<T, StoreError> {
    let session = transaction.session
    let isOnServer = session.dialect != .sqlite
    let before = session.changes
    do {
      if withSavepoints { return .success(try session.savepoint { try request.body(transaction) }) }
      return .success(try request.body(transaction))
    } catch let error as StoreError where error.concernsRequest || error == .busy(path: path) && isOnServer {
      if !withSavepoints, session.changes != before { throw NeedsSavepoints() }
      return .failure(error)
    }
  }

  /// A request was refused after it had changed something; that is rare, and a savepoint for each dear.
  private struct NeedsSavepoints: Error {}
}

extension QueueTransaction {
  /// Locks the phones of requests, and says which can be done side by side, one wave after the other.
  ///
  /// Those in no wave are to be done by themselves, in their order, after the waves: what they are about is not there
  /// yet. All are where nothing is gained: of one request, on SQLite, and where a request may be about anything.
  fileprivate mutating func lockAll(_ subjects: [QueueSubject?], _ withSavepoints: Bool)
    throws -> (waves: [QueueWave], busy: [Int])
  {
    let known = subjects.compactMap { $0 }
    guard known.count == subjects.count, known.count > 1 else { return ([], []) }
    guard session.dialect != .sqlite else {
      lockedAt = try session.now()
      let names = known.compactMap(\.queue)
      if !withSavepoints {
        fronts = KnownFronts(wanted: Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +))
      }
      return ([], [])
    }
    let phones = try session.lockAndTell(
      phones: known.compactMap(\.phone), ofMessages: known.compactMap(\.message))
    lockedAt = try session.now()
    // What is undone with a savepoint would not be known to have been.
    if !withSavepoints { fronts = KnownFronts(keys: phones.byPhone) }
    var waves: [QueueWave] = []
    var busy: [Int] = []
    var places: [Int64: Int] = [:]
    for (index, subject) in known.enumerated() {
      guard let key = phones.key(of: subject) else { continue }
      guard phones.locked.contains(key) else {
        busy.append(index)
        continue
      }
      var place = places[key] ?? 0
      if places[key] != nil, withSavepoints || !waves[place].takes(subject, ofPhone: key) { place += 1 }
      places[key] = place
      while place >= waves.count { waves.append(QueueWave()) }
      waves[place].add(index, subject, ofPhone: key)
    }
    return (waves, busy)
  }
}

extension LockedPhones {
  /// The key of the phone that a subject is about; nil if it is not there.
  fileprivate func key(of subject: QueueSubject) -> Int64? {
    if let message = subject.message { return byMessage[message] }
    return subject.phone.flatMap { byPhone[PhoneNumber.e164($0) ?? $0] ?? byPhone[$0] }
  }
}

extension StoreError {
  /// Whether what was asked for is at fault, rather than the database.
  package var concernsRequest: Bool {
    switch self {
    case .unknownPhone, .unknownSchedule, .unknownMessage, .unknownRevision, .ambiguousSchedule, .phoneExists,
      .scheduleExists, .messageExists, .messageForgotten, .timeZone, .invalid, .wrongState, .lateReport,
      .stale, .stalePhone:
      true
    default: false
    }
  }

  /// Whether what failed may be due to one of several requests that were done together.
  fileprivate var mayConcernOne: Bool {
    switch self {
    case .damaged, .noPermission, .failed: true
    default: concernsRequest
    }
  }
}
