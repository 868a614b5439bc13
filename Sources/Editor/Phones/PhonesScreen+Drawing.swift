import Canvas
import Scheduling

extension PhonesScreen {
  func draw(on canvas: inout Canvas, _ context: Context) {
    let size = context.size
    let layout = layout(context)
    let clock = clock(context)
    let peak = busiestHour(context)
    canvas.drawTitle(titleInWords(context), right: [(countInWords(context), Style(.title))], context.glyphs)
    drawClock(clock, layout, on: &canvas, context)
    drawHeading(layout, peak: peak, on: &canvas, context)
    if context.gateway == nil {
      canvas.write(
        "loading \(context.glyphs.ellipsis)", row: Self.firstRow + 1, column: 3, style: Style(.dim))
    } else if list.shownCount == 0 {
      drawNoPhones(on: &canvas, context)
    }
    for (line, item) in list.visibleRows(Self.rows(size)).enumerated() {
      draw(
        item, isSelected: list.top + line == list.selected, row: Self.firstRow + line, layout, clock,
        peak: peak, on: &canvas, context)
    }
    canvas.drawRule(row: size.height - 4, words: gatewayInWords(context), isAcross: true, context.glyphs)
    drawCurrent(on: &canvas, context)
    canvas.drawHints(hints(context), row: size.height - 1)
  }

  /// The program and where the data is; of a long path the end.
  private func titleInWords(_ context: Context) -> String {
    let name = context.settings.databaseName
    guard !name.isEmpty else { return "send-schedule" }
    let room = context.size.width - columns(of: countInWords(context)) - 4 - columns(of: "send-schedule  ")
    return "send-schedule  \(clippedStart(name, columns: room, ellipsis: context.glyphs.ellipsis))"
  }

  private func countInWords(_ context: Context) -> String {
    guard context.gateway != nil else { return "" }
    return list.filter.isEmpty
      ? Words.count(list.count, "phone")
      : "\(Words.count(list.shownCount)) of \(Words.count(list.count, "phone"))"
  }

  /// On whose clock all times of the list are.
  private func drawClock(
    _ clock: ZoneTimeline, _ layout: PhoneLayout, on canvas: inout Canvas, _ context: Context
  ) {
    let time = context.timeInWords(on: clock)
    let zone = "all times: \(timeZone(context))"
    let room = context.size.width - 4 - columns(of: time) - 2
    var column =
      3
      + canvas.write(
        clipped(zone, columns: room, ellipsis: context.glyphs.ellipsis), row: 1, column: 3,
        style: Style(.strong))
    column += canvas.write("  \(time)", row: 1, column: column, style: Style(.dim))
    guard layout.pages > 1 else { return }
    let pages = "columns \(page % layout.pages + 1) of \(layout.pages)"
    let start = context.size.width - columns(of: pages) - 1
    if start > column + 1 { canvas.write(pages, row: 1, column: start, style: Style(.dim)) }
  }

  private func drawHeading(
    _ layout: PhoneLayout, peak: Int, on canvas: inout Canvas, _ context: Context
  ) {
    let headings = layout.columns.map { heading($0, layout, peak: peak, context) }
    layout.table.draw(
      [("", .plain)]
        + zip(headings, layout.columns).map { ($0, Style($1 == list.order.column ? .key : .hint)) },
      row: Self.firstRow - 1, ellipsis: context.glyphs.ellipsis, on: &canvas)
    guard let index = layout.columns.firstIndex(of: list.order.column) else { return }
    let isUp = list.order.isAscending
    canvas.write(
      isUp ? context.glyphs.arrowUp : context.glyphs.arrowDown, row: Self.firstRow - 1,
      column: layout.table.end(of: headings[index], in: index + 1),
      style: Style(.key))
  }

  /// What stands over a column; over the coming day from when on it is, and what its highest bar stands for.
  private func heading(
    _ column: PhoneColumn, _ layout: PhoneLayout, peak: Int, _ context: Context
  ) -> String {
    guard column == .comingDay, peak > 0, let high = context.glyphs.heat.last else { return column.heading }
    let clock = clock(context)
    let start = Words.clock(CivilTime(local: context.now + clock.offset(at: context.now)))
    let forms = [
      "24 h from \(start), \(high) \(Words.count(peak)) an hour",
      "from \(start), \(high) \(Words.count(peak))",
    ]
    return forms.first { columns(of: $0) < layout.width(of: column) } ?? column.heading
  }

  /// The most messages that a phone on the screen sends in an hour of the coming day.
  private func busiestHour(_ context: Context) -> Int {
    list.visibleRows(Self.rows(context.size)).reduce(0) {
      max($0, list.outlooks[$1.phone.id]?.comingDay.max() ?? 0)
    }
  }

  private func gatewayInWords(_ context: Context) -> [StyledText] {
    guard let gateway = context.gateway else { return [] }
    var words: [StyledText] = [("\(Words.count(list.waiting, "message")) waiting", .plain)]
    if list.failed > 0 { words.append(("\(Words.count(list.failed)) failed", Style(.error))) }
    if !list.marked.isEmpty {
      let hidden = list.hiddenMarks > 0 ? " (\(Words.count(list.hiddenMarks)) not shown)" : ""
      words.append(("\(Words.count(list.marked.count)) marked\(hidden)", Style(.good)))
    }
    if !list.filter.isEmpty { words.append(("filter “\(harmless(list.filter))”", Style(.warning))) }
    if list.missingOutlooks > 0 {
      words.append(
        ("looking at \(Words.count(list.missingOutlooks, "more phone")) to sort", Style(.warning)))
    }
    words.append(("\(Words.count(gateway.schedules.count, "schedule"))", Style(.dim)))
    // What is marked and filtered is to be read whole.
    let isTooLong = { (words: [StyledText]) in
      words.reduce(4) { $0 + columns(of: $1.text) + 2 } > context.size.width
    }
    if isTooLong(words) { words.removeLast() }
    if isTooLong(words), words.count > 1 { words.removeFirst() }
    return words.enumerated().map { ($0 == 0 ? $1.text : ", " + $1.text, $1.style) }
  }

  private func drawNoPhones(on canvas: inout Canvas, _ context: Context) {
    guard list.count > 0 else { return drawBeginning(on: &canvas, context) }
    for (line, text) in [
      "No phone matches “\(harmless(list.filter))”; Esc shows all.", "m searches the messages for it.",
    ].enumerated() {
      canvas.write(
        clipped(text, columns: context.size.width - 4, ellipsis: context.glyphs.ellipsis),
        row: Self.firstRow + 1 + line, column: 3, style: Style(.dim))
    }
  }

  // MARK: A phone's row

  private func draw(
    _ item: PhoneRow, isSelected: Bool, row: Int, _ layout: PhoneLayout, _ clock: ZoneTimeline, peak: Int,
    on canvas: inout Canvas, _ context: Context
  ) {
    let on: Role? = isSelected ? .selected : nil
    if isSelected { canvas.markRow(row) }
    let glyphs = context.glyphs
    let isMarked = list.marked.contains(item.phone.id)
    let signs = (isSelected ? glyphs.pointer : " ") + (isMarked ? glyphs.check : " ")
    let cells = layout.columns.map { column in
      var cell = cell(column, of: item, width: layout.width(of: column), clock, peak: peak, context)
      cell.style.on = on
      return cell
    }
    layout.table.draw(
      [(signs, Style(isMarked ? .good : .strong, on: on))] + cells, row: row, ellipsis: glyphs.ellipsis,
      on: &canvas)
  }

  private func cell(
    _ column: PhoneColumn, of item: PhoneRow, width: Int, _ clock: ZoneTimeline, peak: Int,
    _ context: Context
  ) -> StyledText {
    let (phone, outlook, dash) = (item.phone, list.outlooks[item.phone.id], context.glyphs.dash)
    let brief = { (instant: Instant?) in instant.map { Words.brief($0, now: context.now, on: clock) } ?? "" }
    switch column {
    case .state: return state(of: phone, width: width, clock, context)
    case .number: return (phone.number, Style(.strong))
    case .label: return (phone.label, .plain)
    case .schedule: return (list.schedule(of: phone)?.content.name ?? dash, .plain)
    case .rate: return (limit(phone.messagesPerMinute, context), Style(.dim))
    case .perDay: return (limit(phone.messagesPerDay, context), Style(.dim))
    case .waiting: return (item.waiting == 0 ? dash : Words.count(item.waiting), .plain)
    case .failed:
      return (item.failed == 0 ? dash : Words.count(item.failed), Style(item.failed == 0 ? .dim : .error))
    case .next: return (brief(outlook?.next), .plain)
    case .emptyBy:
      return (outlook?.never ?? 0) > 0 ? ("never", Style(.error)) : (brief(outlook?.last), .plain)
    case .lastSent: return (brief(outlook?.lastSentAt), Style(.dim))
    case .comingDay:
      let line = sparkline(
        outlook?.comingDay ?? [], of: peak, width: width, context.glyphs)
      return (line, Style(.plain))
    }
  }

  private func limit(_ value: Int, _ context: Context) -> String {
    value == 0 ? context.glyphs.dash : Words.count(value)
  }

  /// A sign and until when: `○ Thu 09:00`; in words where there is room.
  private func state(of phone: Phone, width: Int, _ clock: ZoneTimeline, _ context: Context) -> StyledText {
    let glyphs = context.glyphs
    let brief = { (instant: Instant) in Words.brief(instant, now: context.now, on: clock) }
    let text = { (sign: String, word: String, until: String?) in
      let long = "\(sign) \(word)\(until.map { " until \($0)" } ?? "")"
      return columns(of: long) <= width ? long : "\(sign) \(until ?? word)"
    }
    if let hold = phone.hold, hold.isActive(at: context.now) {
      return (
        text(glyphs.hold, "held", hold.until == .untilReleased ? nil : brief(hold.until)), Style(.error)
      )
    }
    let opening = list.opening(of: phone)
    if let problem = opening?.problem {
      let long = "\(glyphs.unmarked) \(problem.briefest)"
      return (columns(of: long) <= width ? long : "\(glyphs.unmarked) no clock", Style(.error))
    }
    guard let opening, !opening.isOpen else {
      let until = opening?.until
      let long = "\(glyphs.marked) open\(until.map { " until \(brief($0))" } ?? "")"
      return (columns(of: long) <= width ? long : "\(glyphs.marked) open", Style(.good))
    }
    guard let until = opening.until else { return ("\(glyphs.unmarked) never", Style(.warning)) }
    return (text(glyphs.unmarked, "closed", brief(until)), Style(.warning))
  }

  /// Each hour of the coming day, the busiest of all phones on the screen as the full height.
  private func sparkline(_ counts: [Int], of most: Int, width: Int, _ glyphs: Glyphs) -> String {
    guard counts.contains(where: { $0 > 0 }) else { return "" }
    let wide = max(1, width / max(1, counts.count))
    return counts.map { count in
      let height = count == 0 ? glyphs.denied : glyphs.heat[(count * glyphs.heat.count - 1) / most]
      return String(repeating: height, count: wide)
    }.joined()
  }

  // MARK: The phone where the cursor is

  /// Two lines: whether it may send, on its own clock; and its settings.
  private func drawCurrent(on canvas: inout Canvas, _ context: Context) {
    let row = context.size.height - 3
    let readOnly: [StyledText] = context.settings.isReadOnly ? [("read only", Style(.warning))] : []
    guard let item = list.current else {
      return canvas.drawLine("", right: readOnly, row: row + 1, context)
    }
    let schedule = list.schedule(of: item.phone)
    let state = stateInWords(of: item.phone, schedule, context)
    let room = context.size.width - columns(of: state) - 4
    canvas.drawPlain(
      state,
      right: schedule.flatMap { zoneInWords(of: $0, columns: room, context) }.map { [($0, Style(.dim))] }
        ?? [],
      row: row, context)
    let words = settingsInWords(item, schedule, columns: canvas.room(beside: readOnly), context)
    canvas.drawLine(words, right: readOnly, row: row + 1, context)
  }

  /// The zone of a schedule, and how far its clock is from that of the list, on which all times are: `Asia/Tokyo,
  /// 8 h ahead`. The city alone where there is no room for more; nil where its clock is not known.
  private func zoneInWords(of schedule: Schedule, columns room: Int, _ context: Context) -> String? {
    let zone = schedule.content.timeZone
    guard let clock = context.clock(zone) else { return nil }
    let ahead = clock.offset(at: context.now) - self.clock(context).offset(at: context.now)
    let difference =
      ahead == 0 ? "" : ", \(DurationNotation.text(abs(ahead))) \(ahead > 0 ? "ahead" : "behind")"
    let isTooLong = columns(of: zone + difference) > room
    return (isTooLong ? cityAlone(zone, ellipsis: context.glyphs.ellipsis) : zone) + difference
  }

  private func stateInWords(of phone: Phone, _ schedule: Schedule?, _ context: Context) -> String {
    let clock = clock(context)
    if let hold = phone.hold, hold.isActive(at: context.now) {
      return "\(context.glyphs.hold) \(hold.inWords(now: context.now, clock: clock))"
    }
    guard let schedule else { return "\(context.glyphs.marked) no schedule: sends at any time" }
    let hours = context.hours(of: schedule.content, messagesPerDay: phone.messagesPerDay)
    if let problem = hours.problem {
      let forms = ["\(problem)", problem.brief].map {
        "\(context.glyphs.unmarked) \(TimeZoneError.consequence(of: $0))"
      }
      return forms.first { columns(of: $0) <= context.size.width - 2 } ?? forms[1]
    }
    return schedule.content.isActive
      ? context.stateInWords(of: hours, clock: clock).text
      : "\(context.glyphs.marked) hours ignored: sends at any time"
  }

  /// The schedule's name gives way where all of it is too long.
  private func settingsInWords(
    _ item: PhoneRow, _ schedule: Schedule?, columns room: Int, _ context: Context
  ) -> String {
    let phone = item.phone
    var words = [Words.rate(phone.messagesPerMinute)]
    if phone.messagesPerDay > 0 { words.append(Words.perDay(phone.messagesPerDay)) }
    words.append(phone.sim.rawValue)
    if item.failed > 0 { words.append("\(Words.count(item.failed)) failed") }
    let rest = words.joined(separator: ", ")
    guard let schedule else { return rest }
    let left = max(8, room - columns(of: rest) - 2)
    return "\(clipped(schedule.content.name, columns: left, ellipsis: context.glyphs.ellipsis)), \(rest)"
  }

  private func hints(_ context: Context) -> [Hint] {
    let pages = layout(context).pages > 1 ? [Hint("Tab", "columns")] : []
    let end = [Hint("?", "help"), Hint("q", "quit")]
    if list.count == 0 {
      let ways = [Hint("n", "add"), Hint("i", "import"), Hint("S", "schedule")]
      return (context.settings.isReadOnly ? [] : ways) + [Hint("I", "sample")] + end
    }
    if context.settings.isReadOnly {
      return [Hint("Enter", "open"), Hint("/", "filter"), Hint("m", "message")] + pages
        + [Hint("o", "sort"), Hint("z", "clock"), Hint(":", "command")] + end
    }
    let isSearching = list.isSearching || context.search != nil
    return [Hint("Enter", "open"), Hint("/", "filter")]
      + (isSearching ? [Hint("n N", "next"), Hint("+", "add")] : [])
      + [Hint("space", "mark"), Hint("S", "schedule"), Hint("!", "hold")]
      + (isSearching ? [] : [Hint("n", "add")]) + pages
      + [
        Hint("m", "message"), Hint("e", "change"), Hint("o", "sort"), Hint("u", "undo"), Hint("x", "remove"),
        Hint("z", "clock"), Hint("i", "import"), Hint("A", "mark all"), Hint(":", "command"),
      ] + end
  }
}
