import Canvas
import Scheduling

/// The forecast pane: a headline, and when each message goes out.
extension Editor {
  mutating func drawForecast(_ week: WeekState, _ layout: WeekLayout, on canvas: inout Canvas) {
    drawRule(row: layout.headline, words: headline(week), on: &canvas)
    guard let forecast = week.forecast else { return }
    let table = messageTable(count: forecast.count)
    if let heading = layout.heading {
      table.drawHeading(["#", "goes out", "why", "change", "to", "text"], row: heading, on: &canvas)
    }
    let clock = timeline()
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    let today = local(now)
    for (line, entry) in forecast.entries(week.list.top..<week.list.top + layout.listRows).enumerated() {
      let row = layout.listTop + line
      let isSelected = week.pane == .forecast && entry.position == week.list.selected
      if isSelected {
        canvas.fill(Rect(row: row, column: 0, height: 1, width: size.width), style: Style(.selected))
        canvas.write(glyphs.pointer, row: row, column: 0, style: Style(.selected))
      }
      let on: Role? = isSelected ? .selected : nil
      let time = entry.sendAt.map { Words.moment(local($0), now: today) } ?? "never"
      let change = change(of: entry, in: week)
      let text = week.list.texts[forecast.queue.key(of: entry.message)]
      table.draw(
        [
          (Words.count(entry.position + 1), Style(.dim, on: on)),
          (time, Style(entry.sendAt == nil ? .error : .plain, on: on)),
          (entry.cause.rawValue, Style(role(of: entry.cause), on: on)),
          (change.text, Style(change.role, on: on)), (text?.contact ?? "", Style(.plain, on: on)),
          (text?.content ?? "", Style(.dim, on: on)),
        ], row: row, ellipsis: glyphs.ellipsis, on: &canvas)
      if isSelected, modal == nil { canvas.cursor = Point(row: row, column: 0) }
    }
  }

  /// Number, time, cause, change, contact, and the text in what is left.
  private func messageTable(count: Int) -> TextTable {
    let number = max(3, Words.count(count).utf8.count)
    let contact = size.width >= 110 ? 18 : size.width >= 76 ? 14 : 0
    let fixed = [number, 19, 6, 12, contact]
    let used = fixed.reduce(2) { $0 + ($1 > 0 ? $1 + 1 : 0) }
    return TextTable(column: 1, widths: fixed + [max(0, size.width - used)], right: [0])
  }

  private func role(of cause: Cause) -> Role {
    switch cause {
    case .exact: .strong
    case .never: .error
    case .window: .warning
    case .rate, .ready: .dim
    }
  }

  /// How a message moves against what is saved.
  private func change(of entry: ForecastEntry, in week: WeekState) -> (text: String, role: Role) {
    guard week.isChanged, let saved = week.savedForecast?.entry(of: entry.message) else { return ("", .dim) }
    switch (saved.sendAt, entry.sendAt) {
    case (nil, nil): return ("", .dim)
    case (nil, _): return ("goes now", .good)
    case (_, nil): return ("goes no more", .error)
    case (let old?, let new?):
      if old == new { return (glyphs.dot, .dim) }
      return ((new < old ? "-" : "+") + Words.duration(new - old), new < old ? .good : .warning)
    }
  }

  /// `Forecast  1,240 waiting, the last goes out Tue 24 Nov 16:12, 4 h 38 min sooner`.
  private mutating func headline(_ week: WeekState) -> [(text: String, style: Style)] {
    var words: [(text: String, style: Style)] =
      size.width < 72 ? [] : [("Forecast", Style(.strong)), ("  ", .plain)]
    guard let forecast = week.forecast, let saved = week.savedForecast else {
      return words + [("loading the queue \(glyphs.ellipsis)", Style(.dim))]
    }
    guard forecast.count > 0 else { return words + [("no message waits", Style(.dim))] }
    let clock = timeline()
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    words.append(("\(Words.count(forecast.count)) waiting", .plain))
    let more = week.isChanged ? forecast.never - saved.never : 0
    if forecast.never > 0 || more != 0 {
      words.append((", \(Words.count(forecast.never)) never", Style(forecast.never > 0 ? .error : .good)))
    }
    if more != 0 {
      // Where messages fall out of the forecast, or come into it, its end says nothing.
      words.append(
        (" (\(Words.count(abs(more))) \(more > 0 ? "more" : "fewer"))", Style(more > 0 ? .error : .good)))
    }
    guard let last = forecast.lastSendAt else { return words }
    let time = "\(Words.date(local(last), year: local(now).year)) \(Words.clock(local(last)))"
    words.append(
      (size.width < 72 ? ", last " : size.width < 100 ? ", last out " : ", the last goes out ", .plain))
    words.append((time, Style(.strong)))
    if let before = saved.lastSendAt, week.isChanged, more == 0 {
      words.append((", ", .plain))
      words.append(
        (
          before == last ? "as saved" : Words.shift(from: before, to: last),
          Style(before == last ? .dim : last < before ? .good : .warning)
        ))
    }
    return words
  }
}
