import Canvas
import Scheduling

/// The list of phones.
extension Editor {
  mutating func drawPhones(on canvas: inout Canvas) {
    drawTitle("send-schedule", right: phonesInWords(), on: &canvas)
    let rows = phoneRowsOnScreen
    let table = phoneTable()
    table.drawHeading(
      ["", "now", "phone", "label", "schedule", "a min", "waiting", "next", "empty by"], row: 2, on: &canvas)
    if gateway == nil {
      canvas.write("loading \(glyphs.ellipsis)", row: 4, column: 3, style: Style(.dim))
    } else if phones.rows.isEmpty {
      drawNoPhones(on: &canvas)
    }
    for (line, item) in phones.visibleRows(rows).enumerated() {
      drawPhone(item, index: phones.top + line, row: 3 + line, table, on: &canvas)
    }
    let clock = zones.timeline(settings.localTimeZone, now: now) ?? .utc
    drawRule(row: size.height - 3, words: fleetInWords(), on: &canvas)
    drawStatus(phoneInWords(), clock: clock, row: size.height - 2, on: &canvas)
    drawHints(
      [
        ("Enter", "open"), ("/", "filter"), ("space", "mark"), ("S", "schedule"), ("A", "mark all"),
        (":", "command"),
        ("?", "help"), ("q", "quit"),
      ], row: size.height - 1, on: &canvas)
  }

  private func phonesInWords() -> String {
    guard gateway != nil else { return "" }
    return phones.filter.isEmpty
      ? Words.count(phones.count, "phone")
      : "\(Words.count(phones.rows.count)) of \(Words.count(phones.count, "phone"))"
  }

  private func fleetInWords() -> [(text: String, style: Style)] {
    guard let gateway else { return [] }
    var words: [(text: String, style: Style)] = [
      ("\(Words.count(phones.waiting, "message")) waiting", .plain),
      (", \(Words.count(gateway.schedules.count, "schedule"))", Style(.dim)),
    ]
    if !phones.filter.isEmpty { words.append((", filter “\(phones.filter)”", Style(.warning))) }
    if !phones.marked.isEmpty { words.append((", \(Words.count(phones.marked.count)) marked", Style(.good))) }
    return words
  }

  private func drawNoPhones(on canvas: inout Canvas) {
    let lines =
      phones.count == 0
      ? [
        "No phone yet. Add one or import what the gateway has:", "",
        "  send-schedule phones add +15550100100 --label Desk", "  send-schedule import FILE",
      ]
      : ["No phone matches “\(phones.filter)”; Esc shows all."]
    for (line, text) in lines.enumerated() {
      canvas.write(text, row: 4 + line, column: 3, width: size.width - 4, style: Style(.dim))
    }
  }

  /// Label and schedule share what the others leave.
  private func phoneTable() -> TextTable {
    if size.width < 72 {
      return TextTable(column: 0, widths: [1, 11, 14, 0, max(0, size.width - 58), 0, 7, 9, 9], right: [6])
    }
    var widths = size.width < 110 ? [1, 11, 14, 0, 0, 5, 7, 9, 9] : [1, 13, 17, 0, 0, 7, 11, 12, 12]
    let rest = max(0, size.width - widths.reduce(0, +) - widths.count)
    // Where there is room for one only, the schedule is what matters.
    widths[3] = size.width >= 72 ? min(24, rest * 9 / 20) : 0
    widths[4] = min(40, rest - widths[3])
    return TextTable(column: 0, widths: widths, right: [5, 6])
  }

  private mutating func drawPhone(
    _ item: PhoneRow, index: Int, row: Int, _ table: TextTable, on canvas: inout Canvas
  ) {
    let phone = item.phone
    let isSelected = index == phones.selected
    let on: Role? = isSelected ? .selected : nil
    if isSelected {
      canvas.fill(Rect(row: row, column: 0, height: 1, width: size.width), style: Style(.selected))
      if modal == nil { canvas.cursor = Point(row: row, column: 0) }
    }
    let schedule = phones.schedule(of: phone)
    let clock = schedule.flatMap { zones.timeline($0.content.timeZone, now: now) }
    let state = state(of: schedule, clock)
    let outlook = phones.outlooks[phone.id]
    let today = self.now
    let brief = { (instant: Instant?) in
      guard let instant else { return "" }
      let clock = clock ?? .utc
      return Words.brief(
        CivilTime(local: instant + clock.offset(at: instant)),
        now: CivilTime(local: today + clock.offset(at: today)))
    }
    let isMarked = phones.marked.contains(phone.id)
    let last = (outlook?.never ?? 0) > 0 ? "never" : brief(outlook?.last)
    table.draw(
      [
        (
          isMarked ? glyphs.check : isSelected ? glyphs.pointer : "",
          Style(isMarked ? .good : .strong, on: on)
        ),
        (state.text, Style(state.role, on: on)), (phone.number, Style(.strong, on: on)),
        (phone.label, Style(.plain, on: on)), (schedule?.content.name ?? glyphs.dash, Style(.plain, on: on)),
        (
          phone.messagesPerMinute == 0 ? glyphs.dash : Words.count(phone.messagesPerMinute),
          Style(.dim, on: on)
        ),
        (item.waiting == 0 ? glyphs.dash : Words.count(item.waiting), Style(.plain, on: on)),
        (brief(outlook?.next), Style(.plain, on: on)),
        (last, Style(last == "never" ? .error : .plain, on: on)),
      ], row: row, ellipsis: glyphs.ellipsis, on: &canvas)
  }

  private func state(of schedule: Schedule?, _ clock: ZoneTimeline?) -> (text: String, role: Role) {
    guard let schedule, let clock, schedule.content.isActive else {
      return ("\(glyphs.marked) open", .good)
    }
    let hours = OpenHours(schedule.content, timeline: clock)
    if hours.isOpen(now) { return ("\(glyphs.marked) open", .good) }
    let time = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    let next = hours.nextOpen(now, limit: now + .horizon)
    return ("\(glyphs.unmarked) \(next.map { Words.brief(time($0), now: time(now)) } ?? "never")", .warning)
  }

  private mutating func phoneInWords() -> String {
    guard let item = phones.current else { return "" }
    guard let schedule = phones.schedule(of: item.phone) else {
      return "No schedule: sends at any time"
    }
    let clock = zones.timeline(schedule.content.timeZone, now: now) ?? .utc
    let state = stateInWords(of: OpenHours(schedule.content, timeline: clock), clock: clock)
    let words = schedule.content.isActive ? state.text : "\(glyphs.marked) switched off: open"
    return "\(schedule.content.name), \(schedule.content.timeZone): \(words)"
  }
}
