import Canvas
import Scheduling

extension PhonesScreen {
  func draw(on canvas: inout Canvas, _ context: Context) {
    let size = context.size
    canvas.drawTitle("send-schedule", right: [(countInWords(context), Style(.title))])
    let columns = PhoneColumns(width: size.width)
    columns.table.drawHeading(
      ["", "now", "phone", "label", "schedule", "a min", "waiting", "next", "empty by"],
      row: Self.firstRow - 1, on: &canvas)
    if context.gateway == nil {
      canvas.write(
        "loading \(context.glyphs.ellipsis)", row: Self.firstRow + 1, column: 3, style: Style(.dim))
    } else if list.rows.isEmpty {
      drawNoPhones(on: &canvas)
    }
    for (line, item) in list.visibleRows(Self.rows(size)).enumerated() {
      draw(
        item, isSelected: list.top + line == list.selected, row: Self.firstRow + line, columns.table,
        on: &canvas, context)
    }
    let clock = context.clock(context.settings.localTimeZone) ?? .utc
    canvas.drawRule(row: size.height - 3, words: fleetInWords(context), context.glyphs)
    canvas.drawStatus(currentInWords(context), clock: clock, row: size.height - 2, context)
    canvas.drawHints(
      [
        Hint("Enter", "open"), Hint("/", "filter"), Hint("space", "mark"), Hint("S", "schedule"),
        Hint("A", "mark all"), Hint(":", "command"), Hint("?", "help"), Hint("q", "quit"),
      ], row: size.height - 1)
  }

  private func countInWords(_ context: Context) -> String {
    guard context.gateway != nil else { return "" }
    return list.filter.isEmpty
      ? Words.count(list.count, "phone")
      : "\(Words.count(list.rows.count)) of \(Words.count(list.count, "phone"))"
  }

  private func fleetInWords(_ context: Context) -> [StyledText] {
    guard let gateway = context.gateway else { return [] }
    var words: [StyledText] = [
      ("\(Words.count(list.waiting, "message")) waiting", .plain),
      (", \(Words.count(gateway.schedules.count, "schedule"))", Style(.dim)),
    ]
    if !list.filter.isEmpty { words.append((", filter “\(list.filter)”", Style(.warning))) }
    if !list.marked.isEmpty { words.append((", \(Words.count(list.marked.count)) marked", Style(.good))) }
    return words
  }

  private func drawNoPhones(on canvas: inout Canvas) {
    let lines =
      list.count == 0
      ? [
        "No phone yet. Add one or import what the gateway has:", "",
        "  send-schedule phones add +15550100100 --label Desk", "  send-schedule import FILE",
      ]
      : ["No phone matches “\(list.filter)”; Esc shows all."]
    for (line, text) in lines.enumerated() {
      canvas.write(
        text, row: Self.firstRow + 1 + line, column: 3, width: canvas.size.width - 4, style: Style(.dim))
    }
  }

  private func draw(
    _ item: PhoneRow, isSelected: Bool, row: Int, _ table: TextTable, on canvas: inout Canvas,
    _ context: Context
  ) {
    let (phone, glyphs) = (item.phone, context.glyphs)
    let on: Role? = isSelected ? .selected : nil
    if isSelected { canvas.markRow(row) }
    let schedule = list.schedule(of: phone)
    let clock = schedule.flatMap { context.clock($0.content.timeZone) }
    let state = state(of: phone, schedule, clock, context)
    let outlook = list.outlooks[phone.id]
    let brief = { (instant: Instant?) in
      instant.map { Words.brief($0, now: context.now, on: clock ?? .utc) } ?? ""
    }
    let isMarked = list.marked.contains(phone.id)
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

  private func state(of phone: Phone, _ schedule: Schedule?, _ clock: ZoneTimeline?, _ context: Context) -> (
    text: String, role: Role
  ) {
    if let hold = phone.hold, hold.isActive(at: context.now) {
      let until =
        hold.until == .untilReleased ? "held" : Words.brief(hold.until, now: context.now, on: clock ?? .utc)
      return ("\(context.glyphs.hold) \(until)", .error)
    }
    guard let schedule, let clock, schedule.content.isActive else {
      return ("\(context.glyphs.marked) open", .good)
    }
    let hours = OpenHours(schedule.content, timeline: clock)
    if hours.isOpen(context.now) { return ("\(context.glyphs.marked) open", .good) }
    let next = hours.nextOpen(context.now, limit: context.now + .horizon)
    let words = next.map { Words.brief($0, now: context.now, on: clock) } ?? "never"
    return ("\(context.glyphs.unmarked) \(words)", .warning)
  }

  private func currentInWords(_ context: Context) -> String {
    guard let item = list.current else { return "" }
    let schedule = list.schedule(of: item.phone)
    let clock = schedule.flatMap { context.clock($0.content.timeZone) } ?? .utc
    if let hold = item.phone.hold, hold.isActive(at: context.now) {
      return "\(context.glyphs.hold) \(hold.inWords(now: context.now, clock: clock))"
    }
    guard let schedule else { return "No schedule: sends at any time" }
    let words =
      schedule.content.isActive
      ? context.stateInWords(of: OpenHours(schedule.content, timeline: clock), clock: clock).text
      : "\(context.glyphs.marked) hours ignored: sends at any time"
    return "\(schedule.content.name), \(schedule.content.timeZone): \(words)"
  }
}

/// The widths of the list's columns on a screen.
private struct PhoneColumns {
  let table: TextTable

  /// Label and schedule share what the others leave; where there is room for one only, it is the schedule.
  init(width: Int) {
    var widths =
      width < Breakpoint.narrow
      ? [1, 11, 14, 0, 0, 0, 7, 9, 9]
      : width < Breakpoint.wide ? [1, 11, 14, 0, 0, 5, 7, 9, 9] : [1, 13, 17, 0, 0, 7, 11, 12, 12]
    let blanks = widths.count - (width < Breakpoint.narrow ? 2 : 0)
    let rest = max(0, width - widths.reduce(0, +) - blanks)
    widths[3] = width < Breakpoint.narrow ? 0 : min(24, rest * 9 / 20)
    widths[4] = min(40, rest - widths[3])
    table = TextTable(column: 0, widths: widths, right: [5, 6])
  }
}
