import Scheduling

/// What stands in front of a phone's queue at an instant, and the rule that decides when it goes out.
struct KnownFront {
  private(set) var front: QueueFront
  private(set) var rules: ForecastRules

  /// Whether what comes after a claim follows from what is known: no claim lapsed, nothing that waits has expired, and
  /// the clock was not set back.
  private var isUsual: Bool {
    let now = rules.now
    return !front.hasLapsed(at: now) && front.firstExpiry ?? now >= now && front.latestSend ?? now <= now
  }

  init(_ front: QueueFront, _ store: Store, _ session: any Session, now: Instant) throws {
    self.front = front
    rules = try store.rules(session, front, now: now)
  }

  /// Becomes what it is once a message was handed out; false if that does not follow from what is known.
  mutating func handOut(_ next: NextSend.Candidate, until leaseEnd: Instant, in store: Store) throws -> Bool {
    guard isUsual, next.isHead, front.removeHead(isExact: next.isExact) else { return false }
    front.note(leaseEnd: leaseEnd)
    rules.previous = rules.now
    if rules.messagesPerDay > 0 {
      let day = try store.timeline(of: front.schedule, now: rules.now).day(at: rules.now)
      rules.sentOn[day, default: 0] += 1
    }
    return true
  }

  mutating func forget(leaseEnd: Instant) { front.forget(leaseEnd: leaseEnd) }

  mutating func learn(leaseEnd: Instant?) {
    if !front.hasLapsed(at: rules.now) { front.learn(leaseEnd: leaseEnd) }
  }
}

/// What a transaction knows of the queues of its phones, while requests that came together are done.
///
/// The front of a queue is asked for once, with as many messages as there are claims of it; after a claim it follows from
/// what was handed out. Claims, and reports of what was sent, are written together, before anything is asked that they
/// concern. Whatever else may change a queue forgets its front.
final class KnownFronts {
  private var fronts: [Int64: KnownFront] = [:]
  /// Phones by their numbers and ids.
  private var keys: [String: Int64]
  /// How many messages of each kind are asked for with a front, by the phone's key; else by the name in the requests.
  private var wantedOf: [Int64: Int] = [:]
  private let wantedBy: [String: Int]
  /// What is still to be written: claims, with how many heads of queues they took, and messages that were sent.
  private var marks: [[Value]] = []
  private var heads: [Int64: Int64] = [:]
  private var sent: [[Value]] = []
  /// Since answers were asked for in advance: messages that were handed out or sent, the first lease of those of each
  /// phone that were sent, phones whose front changed otherwise, and those of which any message may have changed.
  private var messages: Set<String> = []
  private var reported: [Int64: Instant] = [:]
  private var changed: Set<Int64> = []
  private var disturbed: Set<Int64> = []

  /// The keys of phones as far as they are known, by numbers and ids, and how many requests name a phone.
  init(keys: [String: Int64] = [:], wanted: [String: Int] = [:]) {
    self.keys = keys
    wantedBy = wanted
  }

  // MARK: Fronts

  /// The front of a queue at an instant after what was done so far, if it is known.
  func front(ofPhone name: String, at now: Instant) -> KnownFront? {
    guard let known = keys[name].flatMap({ fronts[$0] }), known.rules.now == now else { return nil }
    return known
  }

  /// Keeps a front that was asked for, perhaps in advance of what was done since; returns it as it is now.
  func keep(_ known: KnownFront, ofPhone name: String) -> KnownFront {
    var known = known
    let key = known.front.key
    if let leaseEnd = reported[key] { known.forget(leaseEnd: leaseEnd) }
    keys[name] = key
    fronts[key] = known
    return known
  }

  /// How many messages are asked for with a front.
  func wanted(ofPhone name: String) -> Int { keys[name].flatMap { wantedOf[$0] } ?? wantedBy[name] ?? 1 }

  /// It was asked when the first lease of a phone ends.
  func learn(leaseEnd: Instant?, ofPhone key: Int64) { fronts[key]?.learn(leaseEnd: leaseEnd) }

  /// A phone's queue is not what it was.
  func forget(_ phoneKey: Int64) {
    fronts[phoneKey] = nil
    changed.insert(phoneKey)
  }

  /// The same, and any of its messages may have changed.
  func disturb(_ phoneKey: Int64) {
    forget(phoneKey)
    disturbed.insert(phoneKey)
  }

  // MARK: Answers in advance

  /// Answers are asked for in advance of which fronts have so many messages of each kind, by the phone's key.
  func begin(wanted: [Int64: Int]) {
    wantedOf = wanted
    fronts = [:]
    messages = []
    reported = [:]
    changed = []
    disturbed = []
  }

  /// Whether answers that were asked for in advance still hold.
  func hold(for subject: QueueSubject, ofPhone key: Int64) -> Bool {
    if let message = subject.message { return !disturbed.contains(key) && !messages.contains(message) }
    return !changed.contains(key) && fronts[key] == nil
  }

  // MARK: What is written together

  /// Hands out the first of a phone's queue.
  func handOut(_ messageID: String, ofPhone key: Int64, _ mark: [Value], _ next: KnownFront) {
    fronts[key] = next
    messages.insert(messageID)
    marks.append(mark)
    heads[key, default: 0] += 1
  }

  /// A message that was handed out was sent, and nothing else changed of its phone.
  func report(_ messageID: String, leaseEnd: Instant, ofPhone key: Int64, _ values: [Value]) {
    fronts[key]?.forget(leaseEnd: leaseEnd)
    messages.insert(messageID)
    reported[key] = min(reported[key] ?? leaseEnd, leaseEnd)
    sent.append(values)
  }

  /// Writes what concerns the front of a phone's queue.
  func write(_ session: any Session, frontOfPhone name: String) throws {
    if keys[name].map({ heads[$0] != nil }) ?? true { try write(session) }
  }

  /// Writes what concerns the messages of a phone.
  func write(_ session: any Session, ofPhone key: Int64) throws {
    if heads[key] != nil || reported[key] != nil { try write(session) }
  }

  /// Writes what concerns a message.
  func write(_ session: any Session, message: String) throws {
    if messages.contains(message) { try write(session) }
  }

  func write(_ session: any Session) throws {
    if !marks.isEmpty {
      try ClaimMark.write(marks, session)
      try QueueCounts.takeHeads(heads.map { ($0, $1) }, session)
    }
    if !sent.isEmpty { try StoredMessage.write(sent, session) }
    (marks, heads, sent) = ([], [:], [])
  }
}
