import Canvas
import Scheduling

/// All that the line shows which warns.
struct WarningPicture: Equatable, Sendable {
  var warnings: [Warning]
  var timeZone: String
  var zones: Int
  /// Since 1970, of now.
  var minute: Int64
}

/// The screen of a phone's week, but for its grid and its list.
extension WeekScreen {
  func draw(on canvas: inout Canvas, _ context: Context) {
    let layout = layout(context)
    drawTitle(on: &canvas, context)
    scheduleLine(context).draw(row: 1, on: &canvas, ellipsis: context.glyphs.ellipsis)
    drawGrid(layout, on: &canvas, context)
    drawForecast(layout, on: &canvas, context)
    drawWarning(layout, on: &canvas, context)
    canvas.drawStatus(placeInWords(context), clock: clock(context), row: layout.status, context)
    canvas.drawHints(hints(context), row: layout.hints)
  }

  /// The phone; what painting changes; whether anything is unsaved.
  private func drawTitle(on canvas: inout Canvas, _ context: Context) {
    let label = phone.label.isEmpty ? "" : "  \(phone.label)"
    let unsaved = "\(context.glyphs.unsaved) unsaved"
    // As wide in both forms, so that what stands before it stays in its place.
    let saved = String(repeating: " ", count: columns(of: unsaved) - 5) + "saved"
    let state: StyledText = (isChanged ? unsaved : saved, Style(.title))
    var right = [state]
    if pane == .grid, !context.settings.isReadOnly {
      let style = grid.scope == .everyWeek ? Style(.title) : Style(.warning, on: .title)
      right = [(scopeInWords(Array(target.rows), context), style), ("  ", Style(.title)), state]
    }
    let place = context.settings.isSample ? "sample: " : ""
    canvas.drawTitle("\(place)\(phone.number)\(label)", right: right, context.glyphs)
  }

  private func drawWarning(_ layout: WeekLayout, on canvas: inout Canvas, _ context: Context) {
    guard let row = layout.warning, let warnings = forecast.warnings else { return }
    let picture = WarningPicture(
      warnings: warnings, timeZone: shown.timeZone, zones: context.settings.zones.generation,
      minute: floorDivide(context.now, by: .minute).quotient)
    drawnWarning.draw(picture, rows: row..<row + 1, on: &canvas) { canvas in
      let more = moreWarningsInWords.map { [("W", Style(.key)), (" \($0)", Style(.hint))] }
      let (words, right) = canvas.fitted(worstWarningInWords(context), beside: more)
      let text = clipped(
        words, columns: canvas.room(beside: right), ellipsis: context.glyphs.ellipsis)
      var column = 3 + canvas.write(text, row: row, column: 1, style: Style(.warning))
      for (text, style) in right { column += canvas.write(text, row: row, column: column, style: style) }
    }
  }

  // MARK: Status

  /// `Tue 09:30-10:00 allowed, window 09:07-12:00`; what is under the cursor first, and shorter where there is little room.
  private func placeInWords(_ context: Context) -> TextForms {
    if pane == .forecast { return TextForms(long: listPlaceInWords()) }
    let dates = dates(context)
    if let selection = grid.selection {
      let rows = selection.rows(to: grid.cursor)
      let minutes = selection.minutes(to: grid.cursor, slotMinutes: grid.slotMinutes)
      let days = Set([rows.lowerBound, rows.upperBound]).sorted().map { Words.days[dates.weekday(ofRow: $0)] }
      let times = "\(WindowNotation.time(minutes.lowerBound))-\(WindowNotation.time(minutes.upperBound))"
      let hours = Words.hours(minutes: rows.count * minutes.count)
      return TextForms(long: "Selected \(days.joined(separator: "-")) \(times), \(hours)")
    }
    let date = dates.civilDate(ofRow: grid.cursor.row)
    let slot = grid.slot
    let times = "\(WindowNotation.time(slot.lowerBound))-\(WindowNotation.time(slot.upperBound))"
    let place = "\(Words.days[date.weekday]) \(times)"
    guard shown.hasSchedule else { return TextForms(long: "\(place) open, no schedule") }
    let pen = grid.pen.map { $0 ? "pen allows: " : "pen denies: " } ?? ""
    let (state, window) = slotInWords(date, slot)
    let rest = clockInWords(dates, context) + sendsInWords()
    let exceptions = exceptionInWords(on: date)
    let start = "\(pen)\(place)"
    return TextForms(long: "\(start) \(state)\(window)\(rest)\(exceptions.first ?? "")") {
      // A date's own hours, and how many messages go out, say more than the window of the slot.
      if !exceptions.isEmpty { return exceptions.map { "\(start) \(state)\(rest)\($0)" } }
      return rest.isEmpty ? [] : ["\(start) \(state)\(rest)", "\(start)\(rest)"]
    }
  }

  /// `; 24 Dec 2026 09:00-12:00: Christmas Eve`, and without the times, which are painted; empty for a date of the week.
  private func exceptionInWords(on date: CivilDate) -> [String] {
    guard let exception = shown.exception(on: date) else { return [] }
    let (date, times) = (Words.date(exception.date), Words.times(exception.windows))
    if exception.note.isEmpty { return ["; \(date) \(times)", "; hours of \(date)"] }
    return ["; \(date) \(times): \(exception.note)", "; \(date): \(exception.note)"]
  }

  /// `allowed`, and `, window 09:07-12:00` where the slot is in one.
  private func slotInWords(_ date: CivilDate, _ slot: Range<Int>) -> (state: String, window: String) {
    let minutes = shown.minutes(on: date)
    let allowed = minutes.count(in: slot)
    // Where the hours are ignored nothing is denied.
    if !shown.isActive { return (allowed == 0 ? "open, hours ignored" : "open, painted hours ignored", "") }
    if allowed == 0 { return ("denied", "") }
    let window = minutes.runs(in: 0..<1440).first { $0.overlaps(slot) }.map {
      ", window \(WindowNotation.time($0.lowerBound))-\(WindowNotation.time($0.upperBound))"
    }
    return (allowed == slot.count ? "allowed" : "partly allowed", window ?? "")
  }

  /// Whether the clock skips or repeats the slot on this very day.
  private func clockInWords(_ dates: WeekDates, _ context: Context) -> String {
    let (row, slot) = (grid.cursor.row, grid.slot)
    let local =
      dates.local(row: row, minute: slot.lowerBound)..<dates.local(row: row, minute: slot.upperBound)
    let changes = dates.clockChanges(in: clock(context))
    guard let change = changes.first(where: { $0.localRange.overlaps(local) }) else { return "" }
    return change.isSkip ? ", skipped on this date" : ", occurs twice on this date"
  }

  private func sendsInWords() -> String {
    guard grid.overlay == .load, let counts = grid.counts else { return "" }
    let count = counts.rows[grid.cursor.row][grid.cursor.minute / grid.slotMinutes]
    return count == 0 ? "" : ", \(Words.count(count, "message"))"
  }

  private func listPlaceInWords() -> String {
    if let others = forecast.others { return others.placeInWords }
    guard let draft = forecast.draft, let entry = draft.entry(at: forecast.selected) else { return "" }
    let reason = draft.rules.hours.problem?.brief ?? reasonInWords(entry.cause)
    return "Message \(Words.count(entry.position + 1)) of \(Words.count(draft.count)): \(reason)"
  }

  private func reasonInWords(_ cause: Cause) -> String {
    switch cause {
    case .exact: "exact: goes at its own time"
    case .never: "it would never be sent: no room within five years"
    case .expires: "it would expire before its turn"
    case .hold: "the phone is held"
    case .day: "it waits for a date with room under the day's limit"
    case .window: "it waits for the hours to open"
    case .rate: "it waits for the rate"
    case .ready: "nothing holds it back"
    }
  }

  private func hints(_ context: Context) -> [Hint] {
    let end = [Hint("?", "help"), Hint("q", "back")]
    if context.settings.isReadOnly {
      return [
        Hint("arrows", "move"), Hint("f", "overlay"), Hint("e", "why"),
        Hint("Tab", pane == .grid ? "forecast" : "grid"), Hint("R", "revisions"),
      ] + end
    }
    if pane == .forecast {
      return [
        Hint("Enter", "message")
      ] + (forecast.others == nil ? [Hint("e", "why")] : []) + retryHint(context) + [
        Hint("/", "find"),
        Hint("\(context.glyphs.arrowLeft) \(context.glyphs.arrowRight)", "failed, sent"), Hint("Tab", "grid"),
        Hint("s", "save"), Hint("u", "undo"),
      ] + end
    }
    if grid.pen != nil {
      return [Hint("arrows", "paint"), Hint("Esc", "lift the pen"), Hint("u", "undo")] + end
    }
    if grid.selection != nil {
      return [
        Hint("a", "allow"), Hint("d", "deny"), Hint("space", "toggle"), Hint("i", "invert"),
        Hint("p", "paste"), Hint("Esc", "drop"),
      ] + end
    }
    return [
      Hint("space", "paint"), Hint("v", "select"),
      Hint("x", grid.scope == .everyWeek ? "this date" : "every week"),
      Hint("Enter", "text"), Hint("s", "save"), Hint("u", "undo"), Hint("f", "load"), Hint("!", "hold"),
      Hint("Tab", "list"), Hint("r", "rate"), Hint("z", "zone"),
      Hint("S", "schedule"), Hint("e", "why"), Hint("y", "copy day"), Hint("p", "paste"),
      Hint(":", "command"),
    ] + end
  }
}

extension Context {
  /// Whether a phone with these hours may send now, and until when that holds.
  func stateInWords(of hours: OpenHours, clock: ZoneTimeline) -> (text: String, role: Role) {
    let brief = { (instant: Instant?, otherwise: String) in
      instant.map { " until \(Words.brief($0, now: now, on: clock))" } ?? otherwise
    }
    if hours.isOpen(now) {
      return ("\(glyphs.marked) open\(brief(hours.nextClosed(now, limit: now + 2 * .week), ""))", .good)
    }
    let words = brief(hours.nextOpen(now, limit: now + .horizon), ", never opens")
    return ("\(glyphs.unmarked) closed\(words)", .warning)
  }
}
