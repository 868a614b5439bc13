import Scheduling

/// Holds as they are typed and told.
extension Hold {
  static let label = "Hold until (empty: until released): "
  static let hints = [
    Hint("thu 10:00", ""), Hint("tomorrow 8", ""), Hint("in 2 h", ""), Hint(", REASON", "says why"),
  ]

  /// What a text means: a moment to come, and behind a comma why; without a moment until released.
  init(typed line: String, now: Instant, clock: ZoneTimeline) throws(Problem) {
    var text = line.drop { $0.isWhitespace }
    if text.hasPrefix("until ") { text = text.dropFirst("until ".count).drop { $0.isWhitespace } }
    let start = line.count - text.count
    let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    let moment = String(parts.first ?? "").trimmingBlanks
    let reason = parts.count > 1 ? String(parts[1]).trimmingBlanks : ""
    guard !["", "released", "until released"].contains(moment) else {
      self.init(until: .untilReleased, reason: reason)
      return
    }
    let until = try Problem.from(after: start) { () throws(NotationError) in
      do throws(NotationError) {
        return try MomentNotation.parse(moment, now: now, timeline: clock)
      } catch {
        var error = error
        // Who is in a hurry says why, and nothing else.
        if error.position == 0, parts.count == 1 { error.expected += "; a reason stands behind a comma" }
        throw error
      }
    }
    guard until > now else { throw Problem("expected a moment that is still to come") }
    self.init(until: until, reason: reason)
  }

  /// `held until Thu 10:00 (modem repair)`.
  func inWords(now: Instant, clock: ZoneTimeline) -> String {
    endInWords(now: now, clock: clock) + reasonInWords
  }

  /// `held until Thu 10:00`.
  func endInWords(now: Instant, clock: ZoneTimeline) -> String {
    "held until \(until == .untilReleased ? "released" : Words.brief(until, now: now, on: clock))"
  }

  /// ` (modem repair)`; empty without a reason.
  var reasonInWords: String { reason.isEmpty ? "" : " (\(reason))" }
}
