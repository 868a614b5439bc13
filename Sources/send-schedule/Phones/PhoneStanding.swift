import Formats
import Scheduling
import Storage

/// Where a phone stands at a moment: whether it may send, until when, and what is next.
struct PhoneStanding {
  enum State: String {
    case open, closed, held
  }

  var phone: PhoneState
  var state: State
  /// While it is open: when it closes; nil if it stays open, or is not open.
  var openUntil: Instant?
  /// While it is closed or held: when it may send again; nil for never, or if it is open.
  var opensAt: Instant?
  /// When the first waiting message goes out; nil if none does.
  var nextSendAt: Instant?
  /// Why it sends nothing: the clock of its hours is not known.
  var problem: StoreError?
  /// The clock for people.
  var zone: ZoneTimeline

  init(_ phone: PhoneState, store: Store, now: Instant) throws {
    self.phone = phone
    let hours = try store.hours(of: phone.phone, with: phone.schedule, now: now)
    zone = hours.timeline
    let horizon = now + .horizon
    if let hold = phone.phone.hold, hold.isActive(at: now) {
      state = .held
      opensAt = hold.until > horizon ? nil : hours.nextOpen(hold.until, limit: horizon)
    } else if hours.isOpen(now) {
      state = .open
      openUntil = hours.nextClosed(now, limit: horizon)
    } else {
      state = .closed
      opensAt = hours.nextOpen(now, limit: horizon)
    }
    nextSendAt = try store.nextSend(of: phone.phone.id, now: now)
  }

  /// Where a phone of a list stands: closed for good if the clock of its hours is not known, which is no reason to
  /// list no phone at all.
  static func listed(_ phone: PhoneState, store: Store, now: Instant) throws -> PhoneStanding {
    do {
      return try PhoneStanding(phone, store: store, now: now)
    } catch let problem as StoreError {
      guard case .timeZone = problem else { throw problem }
      return PhoneStanding(withoutClock: phone, now: now, problem)
    }
  }

  private init(withoutClock phone: PhoneState, now: Instant, _ problem: StoreError) {
    self.phone = phone
    self.problem = problem
    state = phone.phone.hold?.isActive(at: now) ?? false ? .held : .closed
    zone = .utc
  }

  /// The state in words for people: `open until Mon 17:00`.
  var words: String {
    switch state {
    case .open: openUntil.map { "open until \(Words.time($0, zone: zone))" } ?? "open"
    case .closed: opensAt.map { "closed until \(Words.time($0, zone: zone))" } ?? "closed, never opens"
    case .held: Self.words(of: phone.phone.hold, zone: zone)
    }
  }

  /// A hold in words for people.
  static func words(of hold: Hold?, zone: ZoneTimeline) -> String {
    guard let hold else { return "not held" }
    let until =
      hold.until == .untilReleased ? "until released" : "until \(Words.time(hold.until, zone: zone))"
    return hold.reason.isEmpty ? "held \(until)" : "held \(until): \(hold.reason)"
  }
}

extension JSONBytes {
  /// A phone as in a bundle, and where it stands.
  mutating func standing(_ standing: PhoneStanding) {
    phone(standing.phone.phone) { json in
      json.raw(",\"waiting\":")
      json.integer(standing.phone.waiting)
      json.raw(",\"failed\":")
      json.integer(standing.phone.failed)
      json.raw(",\"claimed\":")
      json.integer(standing.phone.claimed)
      json.raw(",\"state\":")
      json.text(standing.state.rawValue)
      json.raw(standing.state == .open ? ",\"open_until\":" : ",\"opens_at\":")
      json.time(standing.state == .open ? standing.openUntil : standing.opensAt)
      json.raw(",\"next_send_at\":")
      json.time(standing.nextSendAt)
      json.raw(",\"last_sent_at\":")
      json.time(standing.phone.lastSentAt)
      if let problem = standing.problem {
        json.raw(",\"problem\":")
        json.text(problem.description)
      }
    }
  }
}
