import Canvas
import Scheduling

/// The screen of a phone's week, but for its grid and its list.
extension Editor {
  mutating func drawWeek(on canvas: inout Canvas) {
    guard let week else { return }
    let layout = weekLayout()
    drawWeekTitle(week, on: &canvas)
    drawScheduleLine(week, on: &canvas)
    drawGrid(week, layout, on: &canvas)
    drawForecast(week, layout, on: &canvas)
    drawStatus(placeInWords(week), clock: timeline(), row: layout.status, on: &canvas)
    drawHints(hints(week), row: layout.hints, on: &canvas)
  }

  private func drawWeekTitle(_ week: WeekState, on canvas: inout Canvas) {
    let label = week.phone.label.isEmpty ? "" : "  \(week.phone.label)"
    let state = week.isChanged ? "\(glyphs.unsaved) unsaved" : "saved"
    drawTitle("\(week.phone.number)\(label)", right: state, on: &canvas)
  }

  private mutating func drawScheduleLine(_ week: WeekState, on canvas: inout Canvas) {
    let draft = week.draft
    let state = stateInWords(of: draft)
    let stateWidth = columns(of: state.text)
    canvas.write(state.text, row: 1, column: size.width - stateWidth - 1, style: Style(state.role))
    var parts: [(String, Role)] = []
    if draft.hasSchedule {
      parts.append((draft.name.isEmpty ? "new schedule" : draft.name, .strong))
      parts.append((draft.timeZone, .plain))
    } else {
      parts.append(("no schedule", .strong))
    }
    parts.append((Self.rate(draft.messagesPerMinute), .plain))
    let sharing = served[draft.scheduleID ?? ""] ?? 0
    if sharing > 1 { parts.append(("\(Words.count(sharing)) phones", .dim)) }
    // What does not fit whole is left out, from the end; the name is cut instead.
    let end = size.width - stateWidth - 3
    while parts.count > 2, parts.reduce(0, { $0 + columns(of: $1.0) + 2 }) > end + 1 { parts.removeLast() }
    let others = parts.dropFirst().reduce(0) { $0 + columns(of: $1.0) + 2 }
    parts[0].0 = clipped(parts[0].0, columns: max(8, end - 1 - others), ellipsis: glyphs.ellipsis)
    var column = 1
    for (text, role) in parts where column < end {
      column += canvas.write(text, row: 1, column: column, width: end - column, style: Style(role)) + 2
    }
  }

  /// Whether the phone may send now, and until when that holds.
  mutating func stateInWords(of draft: Draft) -> (text: String, role: Role) {
    if !draft.hasSchedule { return ("\(glyphs.marked) open at any time", .good) }
    if !draft.isActive { return ("\(glyphs.marked) switched off: open", .warning) }
    let clock = zones.timeline(draft.timeZone, now: now) ?? .utc
    return stateInWords(of: draft.hours(timeline: clock), clock: clock)
  }

  mutating func stateInWords(of hours: OpenHours, clock: ZoneTimeline) -> (text: String, role: Role) {
    let time = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    if hours.isOpen(now) {
      let end = hours.nextClosed(now, limit: now + 2 * .week)
      return (
        "\(glyphs.marked) open\(end.map { " until \(Words.brief(time($0), now: time(now)))" } ?? "")", .good
      )
    }
    let start = hours.nextOpen(now, limit: now + .horizon)
    return (
      "\(glyphs.unmarked) closed\(start.map { " until \(Words.brief(time($0), now: time(now)))" } ?? " for good")",
      .warning
    )
  }

  // MARK: Status

  /// `Tue 09:30-10:00 allowed, window 09:07-12:00`.
  private mutating func placeInWords(_ week: WeekState) -> String {
    let dates = dates()
    let (row, minute) = (week.cursor.row, week.cursor.minute)
    if week.pane == .forecast { return listPlaceInWords(week) }
    if let selection = week.selection {
      let rows = selection.rows(to: week.cursor)
      let minutes = selection.minutes(to: week.cursor, slotMinutes: week.slotMinutes)
      let days = Set([rows.lowerBound, rows.upperBound]).sorted().map { Words.days[dates.weekday(ofRow: $0)] }
      let times = "\(WindowNotation.time(minutes.lowerBound))-\(WindowNotation.time(minutes.upperBound))"
      return
        "Selected \(days.joined(separator: "-")) \(times), \(Words.hours(minutes: rows.count * minutes.count))"
    }
    let day = dates.weekday(ofRow: row)
    let slot = minute..<minute + week.slotMinutes
    let place =
      "\(Words.days[day]) \(WindowNotation.time(slot.lowerBound))-\(WindowNotation.time(slot.upperBound))"
    guard week.draft.hasSchedule else { return "\(place) open, no schedule" }
    let pen = week.pen.map { $0 ? "pen allows: " : "pen denies: " } ?? ""
    let words = slotInWords(week, day: day, slot) + clockInWords(row, slot)
    return "\(pen)\(place) \(words)\(sendsInWords(week, row: row, minute: minute))"
  }

  private func slotInWords(_ week: WeekState, day: Int, _ slot: Range<Int>) -> String {
    let midnight = day * 1440
    let minutes = midnight + slot.lowerBound..<midnight + slot.upperBound
    let allowed = week.draft.week.count(in: minutes)
    let run = week.draft.week.runs(in: midnight..<midnight + 1440).first { $0.overlaps(minutes) }
    let window = run.map {
      ", window \(WindowNotation.time($0.lowerBound - midnight))-\(WindowNotation.time($0.upperBound - midnight))"
    }
    if allowed == 0 { return "denied" }
    return (allowed == slot.count ? "allowed" : "partly allowed") + (window ?? "")
  }

  /// Whether the clock skips or repeats the slot on this very day.
  private mutating func clockInWords(_ row: Int, _ slot: Range<Int>) -> String {
    let dates = dates()
    let local =
      dates.local(row: row, minute: slot.lowerBound)..<dates.local(row: row, minute: slot.upperBound)
    let changes = dates.clockChanges(in: timeline())
    guard let change = changes.first(where: { $0.localRange.overlaps(local) }) else { return "" }
    return change.isSkip ? ", skipped this day" : ", twice this day"
  }

  private func sendsInWords(_ week: WeekState, row: Int, minute: Int) -> String {
    guard week.overlay == .load, let counts = week.counts else { return "" }
    let count = counts.rows[row][minute / week.slotMinutes]
    return count == 0 ? "" : ", \(Words.count(count, "message"))"
  }

  private func listPlaceInWords(_ week: WeekState) -> String {
    guard let forecast = week.forecast, let entry = forecast.entry(at: week.list.selected) else { return "" }
    let reason =
      switch entry.cause {
      case .exact: "exact: it ignores windows and rate"
      case .never: "no window opens for it within five years"
      case .window: "it waits for a window to open"
      case .rate: "it waits for the rate"
      case .ready: "nothing holds it back"
      }
    return "Message \(Words.count(entry.position + 1)) of \(Words.count(forecast.count)): \(reason)"
  }

  private func hints(_ week: WeekState) -> [(keys: String, words: String)] {
    let end = [("?", "help"), ("q", "back")]
    if settings.isReadOnly {
      let other = week.pane == .grid ? "forecast" : "grid"
      return [("arrows", "move"), ("f", "overlay"), ("e", "explain"), ("Tab", other), ("R", "revisions")]
        + end
    }
    if week.pane == .forecast {
      return [
        ("e", "explain"), ("/", "find"), ("PgDn", "page"), ("Tab", "grid"), ("s", "save"), ("u", "undo"),
      ] + end
    }
    if week.pen != nil { return [("arrows", "paint"), ("Esc", "lift the pen"), ("u", "undo")] + end }
    if week.selection != nil {
      return [
        ("a", "allow"), ("d", "deny"), ("space", "toggle"), ("i", "invert"), ("p", "paste"), ("Esc", "drop"),
      ] + end
    }
    return [
      ("space", "paint"), ("v", "select"), ("Enter", "text"), ("s", "save"), ("u", "undo"), ("f", "load"),
      ("Tab", "list"), ("r", "rate"), ("z", "zone"), ("S", "schedule"), ("e", "explain"), ("y", "copy day"),
      ("p", "paste"), (":", "command"),
    ] + end
  }
}
