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
