import Formats
import Scheduling
import Storage

/// Why a message goes out when it does, and what would make it sooner.
struct MessageExplanation {
  private let shown: PhoneForecast
  private let store: Store
  private let now: Instant

  init(_ shown: PhoneForecast, store: Store, now: Instant) {
    self.shown = shown
    self.store = store
    self.now = now
  }

  func print(_ id: String, json: Bool) throws {
    let message = try store.message(id, now: now)
    guard message.owner == shown.state.phone.number else {
      throw Failure(code: Failure.badData, "message \(id) is of phone \(message.owner)")
    }
    let forecast = shown.forecast
    guard message.status.isWaiting, let index = try index(of: message),
      let explanation = forecast.explanation(of: index)
    else {
      throw Failure(code: Failure.badData, "message \(id) is \(message.status.rawValue): it does not wait")
    }
    let zone = Words.zone(of: shown.state.schedule, now: now)
    let lines = explanation.lines { Words.time($0, zone: zone) }
    let plan = Plan(queue: forecast.queue, rules: forecast.rules, schedule: shown.state.schedule?.content)
    let proposals = plan.proposals(sooner: index)
    if json {
      return try Output.shared.json { $0.explanation(explanation.entry, message, lines, proposals) }
    }
    for line in lines { try Output.shared.line(line) }
    for proposal in proposals {
      try Output.shared.line("Sooner: \(proposal.words): \(Words.time(proposal.at, zone: zone))")
    }
  }

  /// Where the message stands in the queue; nil if it went out since.
  private func index(of message: Message) throws -> QueueIndex? {
    let queue = shown.forecast.queue
    let (keys, ready) = message.isExact ? (queue.exactKeys, queue.exactReady) : (queue.keys, queue.ready)
    // Those that are ready at the same time as it, among which it is looked for.
    let near = keys.indices.filter { ready[$0] == message.readyAt }
    let found = try store.messages(keys: near.map { keys[$0] })
    return near.first { found[keys[$0]]?.id == message.id }.map {
      message.isExact ? .exact($0) : .ordinary($0)
    }
  }
}

extension JSONBytes {
  fileprivate mutating func explanation(
    _ entry: ForecastEntry, _ message: Message, _ lines: [String], _ proposals: [Proposal]
  ) {
    preview(entry, id: message.id, contact: message.contact) { json in
      json.raw(",\"explanation\":[")
      for (index, line) in lines.enumerated() {
        if index > 0 { json.raw(",") }
        json.text(line)
      }
      json.raw("],\"sooner\":[")
      for (index, proposal) in proposals.enumerated() {
        json.raw(index > 0 ? ",{\"change\":" : "{\"change\":")
        json.text(proposal.words)
        json.raw(",\"send_at\":")
        json.time(proposal.at)
        json.raw("}")
      }
      json.raw("]")
    }
  }
}
