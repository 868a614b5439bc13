import Canvas
import Scheduling

/// All that the forecast pane shows besides the selection.
struct ForecastPicture: Equatable, Sendable {
  var stamp: Int
  var top: Int
  var isShownAsSaved: Bool
  var timeZone: String
  var zones: Int
  /// The year of now, by which other years are told.
  var year: Int
  var layout: WeekLayout
}

/// The forecast pane: a headline, and when each message goes out.
extension WeekScreen {
  func drawForecast(_ layout: WeekLayout, on canvas: inout Canvas, _ context: Context) {
    if let others = forecast.others {
      let words = groupsInWords(columns: Canvas.roomInRule(of: canvas.size.width))
      canvas.drawRule(row: layout.headline, words: words, isAcross: true, context.glyphs)
      return drawOthers(others, layout, on: &canvas, context)
    }
    let clock = clock(context)
    let picture = ForecastPicture(
      stamp: forecast.stamp, top: forecast.top, isShownAsSaved: isShownAsSaved, timeZone: shown.timeZone,
      zones: context.settings.zones.generation,
      year: CivilTime(local: context.now + clock.offset(at: context.now)).year, layout: layout)
    drawnForecast.draw(picture, rows: layout.headline..<layout.status, on: &canvas) { canvas in
      drawForecastAnew(layout, on: &canvas, context)
    }
    if pane == .forecast { drawSelected(layout, on: &canvas, context) }
  }

  /// The selected message over the others, with all that is to be said of it.
  private func drawSelected(_ layout: WeekLayout, on canvas: inout Canvas, _ context: Context) {
    guard let draft = forecast.draft, let entry = draft.entry(at: forecast.selected) else { return }
    let row = layout.listTop + entry.position - forecast.top
    guard (layout.listTop..<layout.listTop + layout.listRows).contains(row) else { return }
    canvas.markRow(row)
    canvas.write(context.glyphs.pointer, row: row, column: 0, style: Style(.selected))
    let saved = savedEntries(of: [entry]).first ?? nil
    let table = messageTable(count: draft.count, width: canvas.size.width)
    draw(entry, change(of: entry, from: saved), row: row, table, on: .selected, &canvas, context)
  }

  /// Where some messages stand in what is saved, if something else is shown.
  private func savedEntries(of entries: [ForecastEntry]) -> [ForecastEntry?] {
    isShownAsSaved ? [] : forecast.saved?.entries(of: entries.map(\.message)) ?? []
  }

  private func drawForecastAnew(_ layout: WeekLayout, on canvas: inout Canvas, _ context: Context) {
    canvas.drawRule(row: layout.headline, words: headline(context), context.glyphs)
    guard let draft = forecast.draft else { return }
    let table = messageTable(count: draft.count, width: canvas.size.width)
    if let heading = layout.heading {
      table.drawHeading(
        ["#", "goes out", "change", "why", "to", "text"], row: heading, ellipsis: context.glyphs.ellipsis,
        on: &canvas)
    }
    let entries = draft.entries(forecast.top..<forecast.top + layout.listRows)
    let saved = savedEntries(of: entries)
    var above = Change()
    for (line, entry) in entries.enumerated() {
      let change = change(of: entry, from: saved.isEmpty ? nil : saved[line])
      // What the row above says already is not said again.
      let isRepeated = change == above && !change.text.isEmpty
      let words = isRepeated ? Change(text: Self.ditto, role: change.role) : change
      draw(entry, words, row: layout.listTop + line, table, on: nil, &canvas, context)
      above = change
    }
  }

  /// As in the row above.
  static let ditto = "\""

  private func draw(
    _ entry: ForecastEntry, _ change: Change, row: Int, _ table: TextTable, on: Role?,
    _ canvas: inout Canvas, _ context: Context
  ) {
    let clock = clock(context)
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    let time = entry.sendAt.map { Words.moment(local($0), now: local(context.now)) } ?? "never"
    let text = forecast.text(of: entry.message)
    table.draw(
      [
        (Words.count(entry.position + 1), Style(.dim, on: on)),
        (time, Style(entry.sendAt == nil ? .error : .plain, on: on)),
        (change.text, Style(change.role, on: on)),
        (entry.cause.rawValue, Style(role(of: entry.cause), on: on)),
        (text?.contact ?? "", Style(.plain, on: on)),
        (text?.content ?? "", Style(.dim, on: on)),
      ], row: row, ellipsis: context.glyphs.ellipsis, on: &canvas)
  }

  /// Number, time, change, cause, contact, and the text in what is left.
  private func messageTable(count: Int, width: Int) -> TextTable {
    let number = max(3, Words.count(count).utf8.count)
    let contact = width >= Breakpoint.wide ? 18 : width >= 76 ? 14 : 0
    let fixed = [number, Words.momentWidth, 12, 7, contact]
    let used = fixed.reduce(2) { $0 + ($1 > 0 ? $1 + 1 : 0) }
    return TextTable(column: 1, widths: fixed + [max(0, width - used)], right: [0])
  }

  private func role(of cause: Cause) -> Role {
    switch cause {
    case .exact: .strong
    case .never, .expires: .error
    case .window, .hold, .day: .warning
    case .rate, .ready: .dim
    }
  }

  /// How a message moves against what is saved; nothing for one that stays.
  private struct Change: Equatable {
    var text = ""
    var role = Role.plain
  }

  /// Which way is told by its sign, in the look of the time beside it: a colour of its own in each row would take more
  /// bytes than all that changes with a key. The headline is coloured.
  private func change(of entry: ForecastEntry, from saved: ForecastEntry?) -> Change {
    guard let saved else { return Change() }
    switch (saved.sendAt, entry.sendAt) {
    case (nil, nil): return Change()
    case (nil, _): return Change(text: "was never", role: .good)
    case (_, nil): return Change(text: "now never", role: .error)
    case (let old?, let new?):
      return old == new ? Change() : Change(text: (new < old ? "-" : "+") + DurationNotation.text(new - old))
    }
  }

  /// `Forecast  1,240 waiting, empty by Tue 24 Nov 16:12, 4 h 38 min sooner`: where there is no room for all of it, what
  /// is compared goes last.
  private func headline(_ context: Context) -> [StyledText] {
    let room = Canvas.roomInRule(of: context.size.width)
    let forms = HeadlineForm.allCases.drop { $0 == .full && context.size.width < Breakpoint.narrow }
    let headlines = forms.lazy.map { headline($0, context) }
    return headlines.first { $0.reduce(0) { $0 + columns(of: $1.text) } <= room }
      ?? headline(.signed, context)
  }

  /// How much of the headline is written.
  private enum HeadlineForm: Int, CaseIterable, Comparable {
    case full, unnamed, uncompared, briefest
    /// Without the day of the week, and what is compared in days or hours alone; at last without the time of day, and
    /// with a sign as in the list.
    case short, shorter, shortest, signed

    static func < (a: HeadlineForm, b: HeadlineForm) -> Bool { a.rawValue < b.rawValue }
  }

  private func headline(_ form: HeadlineForm, _ context: Context) -> [StyledText] {
    var words: [StyledText] = form == .full ? [("Forecast", Style(.strong)), ("  ", .plain)] : []
    guard let draft = forecast.draft, let saved = forecast.saved else {
      return words + loadingInWords(context)
    }
    guard draft.count > 0 else { return words + [("no message waits", Style(.dim))] }
    words.append(("\(Words.count(draft.count)) waiting", .plain))
    words += lost(draft.never, saved.never, "never", form)
    words += lost(draft.expires, saved.expires, form >= .briefest ? "expire" : "would expire", form)
    guard let last = draft.lastSendAt else { return words }
    let clock = clock(context)
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    words.append((form >= .shorter ? ", by " : draft.never > 0 ? ", the others by " : ", empty by ", .plain))
    let year = local(context.now).year
    let date = Words.date(local(last), year: year, isNamed: form < .short)
    let time = form >= .shortest ? "" : " \(Words.clock(local(last)))"
    words.append((date + time, Style(.strong)))
    guard !isShownAsSaved, let before = saved.lastSendAt else { return words }
    words.append((", ", .plain))
    guard before != last else { return words + [("as saved", Style(.dim))] }
    let shift =
      form == .signed
      ? (last < before ? "-" : "+") + DurationNotation.rough(last - before)
      : Words.shift(from: before, to: last, isRough: form >= .short)
    return words + [(shift, Style(last < before ? .good : .warning))]
  }

  private func loadingInWords(_ context: Context) -> [StyledText] {
    guard let waiting = forecast.waiting else {
      return [("loading the queue \(context.glyphs.ellipsis)", Style(.dim))]
    }
    return [
      ("\(Words.count(waiting)) waiting", .plain), (", counting \(context.glyphs.ellipsis)", Style(.dim)),
    ]
  }

  /// `, 3 would expire (2 more)`: messages that do not go out, against what is saved.
  private func lost(_ count: Int, _ saved: Int, _ what: String, _ form: HeadlineForm) -> [StyledText] {
    let more = isShownAsSaved ? 0 : count - saved
    guard count > 0 || more != 0 else { return [] }
    let words: StyledText = (", \(Words.count(count)) \(what)", Style(count > 0 ? .error : .good))
    guard more != 0, form < .uncompared else { return [words] }
    return [
      words,
      (" (\(Words.count(abs(more))) \(more > 0 ? "more" : "fewer"))", Style(more > 0 ? .error : .good)),
    ]
  }
}
