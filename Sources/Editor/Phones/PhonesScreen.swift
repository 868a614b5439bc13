import Canvas
import Scheduling

/// The list of phones: where the editor starts.
package struct PhonesScreen: Sendable {
  package internal(set) var list = PhoneList()
  /// The clock of all times in the list; nil for the administrator's own.
  package internal(set) var chosenTimeZone: String?
  /// Which columns are shown where not all fit.
  var page = 0
  /// What was done to phones from here, for undoing it.
  var steps = PhoneSteps()

  /// The row of the first phone, below the title, the clock and the heading.
  static let firstRow = 3
  /// Rows below the phones: the gateway, two of the phone where the cursor is, the keys.
  static let rowsBelow = 4

  static func rows(_ size: Size) -> Int { max(1, size.height - firstRow - rowsBelow) }

  func timeZone(_ context: Context) -> String {
    let zone = chosenTimeZone ?? context.settings.localTimeZone
    return context.clock(zone) == nil ? ZoneTimeline.utc.identifier : zone
  }

  /// The clock of all times in the list.
  func clock(_ context: Context) -> ZoneTimeline { context.clock(timeZone(context)) ?? .utc }

  mutating func perform(_ action: Action, _ context: inout Context) {
    let page = Self.rows(context.size)
    switch action {
    case .up: list.move(-1)
    case .down: list.move(1)
    case .pageUp: list.move(-page)
    case .pageDown: list.move(page)
    case .first: list.move(-list.shownCount)
    case .last: list.move(list.shownCount)
    case .mark:
      list.toggleMark()
      list.move(1)
    case .markAll: list.toggleAll()
    case .open: open(&context)
    case .find: context.present(filterPrompt())
    case .findNext: findNext(1, &context)
    case .findPrevious: findNext(-1, &context)
    case .columns: self.page = (self.page + 1) % layout(context).pages
    case .sort: context.present(orderPicker())
    case .reverseOrder:
      var order = list.order
      order.choose(order.column)
      list.sort(by: order)
    case .timeZone: context.present(clockPicker(context))
    case .escape: escape(&context)
    case .findMessage: context.present(MessageSearch.prompt())
    case .sample: context.perform(.openSample)
    default: change(action, &context)
    }
  }

  func layout(_ context: Context) -> PhoneLayout {
    PhoneLayout(width: context.size.width, numberWidth: list.numberWidth, page: page)
  }

  private func open(_ context: inout Context) {
    if let phone = list.current?.phone {
      context.go(to: .open(phoneID: phone.id))
    } else {
      context.say(.info, context.gateway == nil ? "Still loading" : "There is no phone here")
    }
  }

  /// `Esc` drops the filter, then the marks.
  private mutating func escape(_ context: inout Context) {
    if !list.filter.isEmpty {
      list.filter(by: "")
    } else if context.search != nil {
      context.search = nil
    } else if !list.marked.isEmpty {
      list.marked.removeAll()
    } else {
      context.say(.info, "q quits")
    }
  }

  // MARK: Filter

  /// Filters while it is typed; the arrows move in the list meanwhile.
  private func filterPrompt() -> Prompt {
    var prompt = Prompt(
      "/", text: list.filter, hints: [Hint("", "number, label, schedule, zone; held, open, closed")]
    ) { text, editor in editor.phones.list.filter(by: text) }
    prompt.follows.change = { text, editor in editor.phones.list.filter(by: text) }
    prompt.follows.cancel = { editor in editor.phones.list.filter(by: "") }
    prompt.follows.move = { key, editor in
      let page = Self.rows(editor.size)
      editor.phones.list.move([.up: -1, .down: 1, .pageUp: -page, .pageDown: page][key] ?? 0)
    }
    return prompt
  }

  /// `n` and `N`: the next of the phones that were found; without a filter `n` adds a phone.
  private mutating func findNext(_ step: Int, _ context: inout Context) {
    if list.isSearching { return list.moveAround(step) }
    if step > 0 { return change(.addPhone, &context) }
    context.say(.info, "Nothing is searched: / finds phones")
  }

  // MARK: Order and clock

  private func orderPicker() -> Picker {
    let current = list.order
    let items = PhoneColumn.allCases.map { column in
      var order = current
      if column != current.column { order.choose(column) }
      return Picker.Item(
        id: column.rawValue, title: column.words.capitalisedFirst,
        detail: column == current.column ? "now, \(order.words)" : order.words)
    }
    return Picker(
      title: "Sort by (again: the other way round)", items: items, selected: current.column.rawValue
    ) {
      item, editor in
      guard let column = PhoneColumn(rawValue: item.id) else { return }
      var order = editor.phones.list.order
      order.choose(column)
      editor.phones.list.sort(by: order)
    }
  }

  private func clockPicker(_ context: Context) -> Picker {
    Picker.timeZones(title: "Clock of this list", selected: timeZone(context), context) { zone, editor in
      editor.phones.chosenTimeZone = zone
    }
  }

  // MARK: The mouse

  mutating func point(_ event: MouseEvent, _ context: inout Context) {
    switch event.kind {
    case .wheelUp: list.move(-3)
    case .wheelDown: list.move(3)
    case .press:
      let line = event.row - Self.firstRow
      let index = list.top + line
      guard (0..<Self.rows(context.size)).contains(line), index < list.shownCount else { return }
      if list.selected == index { open(&context) } else { list.selected = index }
    case .drag, .release: break
    }
  }

  // MARK: What the screen needs

  /// Scrolls to the selected phone, and asks for the outlooks that are on the screen and not known.
  mutating func prepare(_ context: inout Context) {
    let rows = Self.rows(context.size)
    list.look(rows: rows, context)
    list.scroll(rows: rows)
    let wanted = list.wantedOutlooks(rows: rows)
    if !wanted.isEmpty { context.perform(.loadOutlooks(phoneIDs: wanted)) }
  }
}
