import Canvas
import Scheduling

/// The messages of the phone that do not wait: failed, claimed, sent or canceled ones, the latest first.
struct OtherMessages: Sendable {
  let group: MessageGroup
  /// Nil while they load.
  private(set) var keys: [Int64]?
  private(set) var selected = 0
  private(set) var top = 0
  /// Messages near the screen, by key.
  private(set) var messages: [Int64: Message] = [:]
  private var asked: Set<Int64> = []
  /// The one that is to be selected when they come.
  private var wanted: Int64?
  /// What was searched last, and the keys of the messages that it found.
  var search = ""
  var found: Set<Int64> = []

  /// `key` is of the message to be selected; nil for the latest.
  init(_ group: MessageGroup, selecting key: Int64? = nil) {
    self.group = group
    wanted = key
  }

  var count: Int { keys?.count ?? 0 }
  var current: Message? { keys.flatMap { $0.indices.contains(selected) ? messages[$0[selected]] : nil } }

  /// The one that was selected stays selected; those on the screen are asked for again.
  mutating func show(_ keys: [Int64]) {
    let selectedKey = self.keys.flatMap { $0.indices.contains(selected) ? $0[selected] : nil }
    self.keys = keys
    asked = []
    if let key = wanted ?? (top > 0 ? selectedKey : nil), let place = keys.firstIndex(of: key) {
      selected = place
    }
    wanted = nil
    move(0)
  }

  /// Selects the next that was found, or the one before; after the last comes the first. False if none is there.
  mutating func moveToFound(_ step: Int) -> Bool {
    let places = (keys ?? []).indices.filter { found.contains(keys?[$0] ?? 0) }
    let next =
      step > 0
      ? places.first { $0 > selected } ?? places.first : places.last { $0 < selected } ?? places.last
    if let next { selected = next }
    return next != nil
  }

  mutating func take(_ messages: [Int64: Message]) { self.messages.merge(messages) { $1 } }

  mutating func move(_ step: Int) { selected = min(max(0, selected + step), max(0, count - 1)) }

  mutating func scroll(rows: Int) {
    guard rows > 0 else { return }
    top = max(0, min(min(max(top, selected - rows + 1), selected), count - rows))
  }

  /// `Message 2 of 31: failed: modem busy`.
  var placeInWords: String {
    guard let message = current else { return "" }
    let reason = message.failureReason.map { ": \(harmless($0))" } ?? ""
    return
      "Message \(Words.count(selected + 1)) of \(Words.count(count)): \(message.status.rawValue)\(reason)"
  }

  func visible(rows: Int) -> ArraySlice<Int64> { (keys ?? []).dropFirst(top).prefix(rows) }

  /// Those on the screen that are not asked for yet; they count as asked from now on.
  mutating func wanted(rows: Int) -> [Int64] {
    let wanted = visible(rows: rows).filter { !asked.contains($0) }
    asked.formUnion(wanted)
    return wanted
  }
}

extension MessageGroup {
  /// The list of a status; nil for what waits.
  init?(_ status: MessageStatus) {
    switch status {
    case .failed: self = .failed
    case .sending: self = .claimed
    case .sent, .delivered: self = .sent
    case .canceled: self = .canceled
    case .pending, .scheduled, .expired: return nil
    }
  }
}

/// The list below the grid: what waits, or what became of other messages.
extension WeekScreen {
  /// Which list is shown; nil is what waits.
  private static let groups: [MessageGroup?] = [nil] + MessageGroup.allCases

  mutating func turnGroup(_ step: Int, _ context: inout Context) {
    guard let place = Self.groups.firstIndex(of: forecast.others?.group) else { return }
    let next = Self.groups[(place + step + Self.groups.count) % Self.groups.count]
    forecast.others = next.map { OtherMessages($0) }
    if let next { context.perform(.listMessages(phoneID: phone.id, next)) }
  }

  mutating func prepareOthers(_ layout: WeekLayout, _ context: inout Context) {
    guard forecast.others != nil else { return }
    forecast.others?.scroll(rows: layout.listRows)
    let wanted = forecast.others?.wanted(rows: layout.listRows) ?? []
    if !wanted.isEmpty { context.perform(.loadMessages(keys: wanted)) }
  }

  mutating func performInOthers(_ action: Action, _ context: inout Context) {
    let page = max(1, layout(context).listRows - 1)
    switch action {
    case .up: forecast.others?.move(-1)
    case .down: forecast.others?.move(1)
    case .pageUp: forecast.others?.move(-page)
    case .pageDown: forecast.others?.move(page)
    case .first: forecast.others?.move(-.max / 2)
    case .last: forecast.others?.move(.max / 2)
    case .openMessage:
      guard let message = forecast.others?.current else {
        return context.say(.info, "There is no message here")
      }
      context.perform(.loadMessage(id: message.id))
    case .retryAll:
      guard forecast.others?.group == .failed else {
        return context.say(
          .info, "a retries what failed: \(context.glyphs.arrowLeft) \(context.glyphs.arrowRight) go there")
      }
      retryAll(&context)
    case .find: context.present(findPrompt(forecast.others?.search ?? "", among: forecast.others?.group))
    case .findNext: goToFoundInOthers(1, &context)
    case .findPrevious: goToFoundInOthers(-1, &context)
    default: break
    }
  }

  mutating func goToFoundInOthers(_ step: Int, _ context: inout Context) {
    guard let others = forecast.others, !others.found.isEmpty else {
      return context.say(.info, "Nothing was searched yet: / finds")
    }
    guard forecast.others?.moveToFound(step) ?? false else {
      return context.say(.info, "What was found is not in this list any more")
    }
    context.say(
      .info,
      "\(Words.count(others.found.count, "message")) with “\(harmless(others.search))”; n N go on")
  }

  /// The whole of the message that is selected in the forecast.
  func openMessage(_ context: inout Context) {
    guard let draft = forecast.draft, let entry = draft.entry(at: forecast.selected) else {
      return context.say(.info, "There is no message here")
    }
    guard let text = forecast.text(of: entry.message) else { return context.say(.info, "Still loading") }
    context.perform(.loadMessage(id: text.id))
  }

  // MARK: Drawing

  /// `waiting  FAILED  claimed  sent  canceled   3 messages`: where one is among the lists.
  func groupsInWords(columns room: Int) -> [StyledText] {
    var words: [StyledText] = []
    for group in Self.groups {
      let isHere = group == forecast.others?.group
      let name = group?.rawValue ?? "waiting"
      words.append((isHere ? "[\(name)]" : " \(name) ", Style(isHere ? .strong : .dim)))
    }
    guard let others = forecast.others, others.keys != nil else { return words }
    let left = room - words.reduce(0) { $0 + columns(of: $1.text) }
    let count = "  \(Words.count(others.count, "message"))"
    let order = others.count > 1 ? ", the latest first" : ""
    // The list shows its order, and what it is a list of is said beside it.
    words.append((columns(of: count) <= left ? count : "  \(Words.count(others.count))", .plain))
    if columns(of: count + order) <= left { words.append((order, Style(.dim))) }
    return words
  }

  func drawOthers(_ others: OtherMessages, _ layout: WeekLayout, on canvas: inout Canvas, _ context: Context)
  {
    let width = canvas.size.width
    let contact = width >= Breakpoint.wide ? 18 : 14
    let what =
      others.group == .failed ? width >= Breakpoint.wide ? 30 : 20 : others.group == .claimed ? 20 : 0
    let fixed = [Words.momentWidth, 4, contact, what]
    let used = fixed.reduce(2) { $0 + ($1 > 0 ? $1 + 1 : 0) }
    let table = TextTable(column: 1, widths: fixed + [max(0, width - used)])
    if let heading = layout.heading {
      table.drawHeading(
        ["when", "try", "to", others.group == .failed ? "reason" : "claimed until", "text"], row: heading,
        ellipsis: context.glyphs.ellipsis, on: &canvas)
    }
    let first = layout.listTop
    if others.keys == nil {
      canvas.write("loading \(context.glyphs.ellipsis)", row: first, column: 1, style: Style(.dim))
    } else if others.count == 0 {
      let what = others.group == .failed ? "has failed" : "is \(others.group.rawValue)"
      canvas.write("No message \(what).", row: first, column: 1, style: Style(.dim))
    }
    for (line, key) in others.visible(rows: layout.listRows).enumerated() {
      draw(
        others.messages[key], isSelected: pane == .forecast && others.top + line == others.selected,
        row: first + line, table, on: &canvas, context)
    }
  }

  private func draw(
    _ message: Message?, isSelected: Bool, row: Int, _ table: TextTable, on canvas: inout Canvas,
    _ context: Context
  ) {
    if isSelected {
      canvas.markRow(row)
      canvas.write(context.glyphs.pointer, row: row, column: 0, style: Style(.selected))
    }
    guard let message else { return }
    let on: Role? = isSelected ? .selected : nil
    let clock = clock(context)
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    let when = message.sentAt ?? message.lastAttemptedAt ?? message.queuedAt
    let what =
      message.failureReason ?? message.leaseExpiresAt.map { Words.moment(local($0), now: local(context.now)) }
      ?? ""
    table.draw(
      [
        (Words.moment(local(when), now: local(context.now)), Style(.plain, on: on)),
        (String(message.sendAttemptCount), Style(.dim, on: on)),
        (message.contact, Style(.plain, on: on)),
        (what, Style(message.status == .failed ? .error : .warning, on: on)),
        (message.content, Style(.dim, on: on)),
      ], row: row, ellipsis: context.glyphs.ellipsis, on: &canvas)
  }
}
