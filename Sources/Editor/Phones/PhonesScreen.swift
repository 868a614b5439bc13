import Canvas
import Scheduling

/// The list of phones: where the editor starts.
package struct PhonesScreen: Sendable {
  package internal(set) var list = PhoneList()

  /// The row of the first phone, below the title and the heading.
  static let firstRow = 3
  /// Rows below the phones: the fleet, where the cursor is, the keys.
  static let rowsBelow = 3

  static func rows(_ size: Size) -> Int { max(1, size.height - firstRow - rowsBelow) }

  mutating func perform(_ action: Action, _ context: inout Context) {
    let page = Self.rows(context.size)
    switch action {
    case .up: list.move(-1)
    case .down: list.move(1)
    case .pageUp: list.move(-page)
    case .pageDown: list.move(page)
    case .first: list.move(-list.rows.count)
    case .last: list.move(list.rows.count)
    case .mark:
      list.toggleMark()
      list.move(1)
    case .markAll: list.toggleAll()
    case .open: open(&context)
    case .schedules: chooseSchedule(&context)
    case .hold: holdOrRelease(&context)
    case .find: context.present(filterPrompt())
    case .escape:
      if list.filter.isEmpty, list.marked.isEmpty { context.say(.info, "q quits") }
      if !list.filter.isEmpty { list.filter(by: "") } else { list.marked.removeAll() }
    default: break
    }
  }

  private func open(_ context: inout Context) {
    if let phone = list.current?.phone {
      context.go(to: .open(phoneID: phone.id))
    } else {
      context.say(.info, context.gateway == nil ? "Still loading" : "There is no phone here")
    }
  }

  private func chooseSchedule(_ context: inout Context) {
    let chosen = list.chosen
    guard !chosen.isEmpty else { return context.say(.info, "There is no phone here") }
    context.present(
      Picker.schedules(for: chosen.map(\.id), selected: chosen.first?.scheduleID, inWeek: false, context))
  }

  /// `!`: holds the chosen phones at once, or releases those that are held.
  private func holdOrRelease(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    let chosen = list.chosen
    guard !chosen.isEmpty else { return context.say(.info, "There is no phone here") }
    let now = context.now
    let held = chosen.filter { $0.hold?.isActive(at: now) ?? false }
    let prompt = holdPrompt(chosen.map(\.id), context)
    guard !held.isEmpty else { return context.present(prompt) }
    let names = held.prefix(6).map { phone in
      let clock = self.clock(of: phone, context)
      let words = phone.hold.map { $0.inWords(now: now, clock: clock) } ?? ""
      return "\(phone.number)  \(words)"
    }
    let more = held.count > names.count ? ["and \(Words.count(held.count - names.count)) more"] : []
    context.present(
      Question(
        held.count == 1 ? "A phone is held" : "\(Words.count(held.count)) phones are held",
        lines: names + more,
        Question.Option("r", "release now") { $0.context.perform(.release(phoneIDs: held.map(\.id))) },
        Question.Option("c", "hold until another moment") { $0.context.present(prompt) }))
  }

  /// Moments are on the clock of the first of the phones.
  private func holdPrompt(_ phoneIDs: [String], _ context: Context) -> Prompt {
    let clock = list.chosen.first.map { self.clock(of: $0, context) } ?? ZoneTimeline.utc
    let label = phoneIDs.count == 1 ? Hold.label : "Hold \(Words.count(phoneIDs.count)) phones until: "
    return Prompt(label, hints: Hold.hints) { text, editor throws(Problem) in
      let hold = try Hold(typed: text, now: editor.now, clock: clock)
      editor.context.perform(.hold(phoneIDs: phoneIDs, until: hold.until, reason: hold.reason))
    }
  }

  private func clock(of phone: Phone, _ context: Context) -> ZoneTimeline {
    list.schedule(of: phone).flatMap { context.clock($0.content.timeZone) } ?? .utc
  }

  /// Filters while it is typed; the arrows move in the list meanwhile.
  private func filterPrompt() -> Prompt {
    var prompt = Prompt(
      "/", text: list.filter, hints: [Hint("", "words of number, label or schedule")]
    ) { text, editor in editor.phones.list.filter(by: text) }
    prompt.follows.change = { text, editor in editor.phones.list.filter(by: text) }
    prompt.follows.cancel = { editor in editor.phones.list.filter(by: "") }
    prompt.follows.move = { key, editor in
      let page = Self.rows(editor.size)
      editor.phones.list.move([.up: -1, .down: 1, .pageUp: -page, .pageDown: page][key] ?? 0)
    }
    return prompt
  }

  mutating func point(_ event: MouseEvent, _ context: inout Context) {
    switch event.kind {
    case .wheelUp: list.move(-3)
    case .wheelDown: list.move(3)
    case .press:
      let line = event.row - Self.firstRow
      let index = list.top + line
      guard (0..<Self.rows(context.size)).contains(line), index < list.rows.count else { return }
      if list.selected == index { open(&context) } else { list.selected = index }
    case .drag, .release: break
    }
  }

  /// Scrolls to the selected phone, and asks for the outlooks that are on the screen and not known.
  mutating func prepare(_ context: inout Context) {
    let rows = Self.rows(context.size)
    list.scroll(rows: rows)
    let wanted = list.wantedOutlooks(rows: rows)
    if !wanted.isEmpty { context.perform(.loadOutlooks(phoneIDs: wanted)) }
  }
}
