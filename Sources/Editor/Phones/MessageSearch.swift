import Canvas
import Scheduling

/// A message in which a text was found.
package struct FoundMessageRow: Equatable, Sendable {
  package var key: Int64
  package var id: String
  package var phoneID: String
  package var number: String
  package var label: String
  package var contact: String
  package var content: String
  package var status: MessageStatus

  package init(
    key: Int64, id: String, phoneID: String, number: String, label: String, contact: String, content: String,
    status: MessageStatus
  ) {
    (self.key, self.id, self.phoneID, self.number, self.label) = (key, id, phoneID, number, label)
    (self.contact, self.content, self.status) = (contact, content, status)
  }
}

/// The messages of all phones in which a text was found, as far as they are known.
package struct MessageSearch: Equatable, Sendable {
  package let text: String
  package private(set) var rows: [FoundMessageRow] = []
  package private(set) var state = State.underWay
  /// The one that was opened last, or is to be.
  package var selected = 0

  package enum State: Equatable, Sendable {
    case underWay, complete
    /// There are more than are shown.
    case full
  }

  init(text: String) { self.text = text }

  mutating func add(_ rows: [FoundMessageRow], _ state: State) {
    self.rows += rows
    self.state = state
  }

  var current: FoundMessageRow? { rows.indices.contains(selected) ? rows[selected] : nil }

  mutating func move(_ step: Int) { selected = min(max(0, selected + step), max(0, rows.count - 1)) }

  mutating func moveAround(_ step: Int) {
    guard !rows.isEmpty else { return }
    selected = (selected + step + rows.count) % rows.count
  }

  /// `12 messages with “order”`.
  var words: String {
    let count = Words.count(rows.count, "message")
    let text = "“\(harmless(text))”"
    switch state {
    case .underWay: return "\(count) with \(text) so far, searching"
    case .complete: return rows.isEmpty ? "No message with \(text)" : "\(count) with \(text)"
    case .full: return "The first \(count) with \(text); there are more: add words to find fewer"
    }
  }

  static func prompt(_ text: String = "") -> Prompt {
    Prompt(
      "Find message: ", text: text, hints: [Hint("", "its number, words or id; any phone")]
    ) { text, editor throws(Problem) in
      let text = text.trimmingBlanks
      guard !text.isEmpty else { throw Problem("expected a number, an id or words of a message") }
      editor.begin(searchFor: text)
    }
  }
}

extension Editor {
  /// Looks for a text in the messages of all phones, and shows what is found as it is.
  mutating func begin(searchFor text: String) {
    context.search = MessageSearch(text: text)
    context.perform(.searchMessages(text: text))
    context.present(FoundMessages())
  }

  mutating func receiveFound(_ text: String, _ rows: [FoundMessageRow], _ state: MessageSearch.State) {
    guard context.search?.text == text else { return }
    context.search?.add(rows, state)
  }

  /// Opens the phone of the found message that is selected, with that message.
  mutating func openFound() {
    guard let row = context.search?.current else { return }
    opensMessage = row
    if week?.phone.id == row.phoneID { return showOpenedMessage() }
    leave(to: .open(phoneID: row.phoneID))
  }

  /// `n` and `N` after a search over all phones; false if there was none.
  mutating func goToNextFound(_ step: Int) -> Bool {
    guard context.search?.rows.isEmpty == false else { return false }
    context.search?.moveAround(step)
    openFound()
    return true
  }
}

extension Editor {
  /// Selects the message that was found in the queue of its phone, now that this is open.
  mutating func showOpenedMessage() {
    guard let row = opensMessage, row.phoneID == week?.phone.id else { return }
    let isFound = week?.select(messageKey: row.key) ?? false
    // It may be among those that are not read yet.
    guard isFound || week?.forecast.queue?.isWhole == true else { return }
    opensMessage = nil
    if isFound {
      let place = context.search.map { "\($0.selected + 1) of \(Words.count($0.rows.count))" } ?? ""
      context.say(.info, "“\(harmless(context.search?.text ?? ""))”: \(place); n N go on")
    } else {
      // It does not wait: its state and history are shown instead.
      context.perform(.loadMessage(id: row.id))
    }
  }
}

extension WeekScreen {
  /// Goes to a waiting message in the forecast; false if it does not wait.
  mutating func select(messageKey key: Int64) -> Bool {
    guard select(waiting: key) else { return false }
    pane = .forecast
    forecast.others = nil
    return true
  }

  /// Selects a waiting message; false if it does not wait.
  @discardableResult
  mutating func select(waiting key: Int64) -> Bool {
    guard let draft = forecast.draft, let index = draft.queue.index(of: key),
      let position = draft.entry(of: index)?.position
    else { return false }
    forecast.selected = position
    return true
  }
}

/// The found messages, to choose from.
struct FoundMessages: Modal {
  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    let page = max(1, editor.size.height - Self.margin - Box.linesAround - 1)
    switch key {
    case .up, .character("k"), .character("N"): editor.context.search?.move(-1)
    case .down, .character("j"), .character("n"): editor.context.search?.move(1)
    case .pageUp, .control("b"): editor.context.search?.move(-page)
    case .pageDown, .control("f"), .character(" "): editor.context.search?.move(page)
    case .home, .character("g"): editor.context.search?.move(-.max / 2)
    case .end, .character("G"): editor.context.search?.move(.max / 2)
    case .character("/"):
      editor.context.present(MessageSearch.prompt(editor.context.search?.text ?? ""))
      return .closes
    case .enter:
      guard editor.context.search?.current != nil else { return .stays }
      editor.openFound()
      return .closes
    case .escape, .character("q"), .control("c"):
      if editor.context.search?.state == .underWay { editor.context.perform(.endSearch) }
      if editor.context.search?.rows.isEmpty ?? true { editor.context.search = nil }
      return .closes
    default: break
    }
    return .stays
  }

  /// Rows of the screen that the box leaves free.
  private static let margin = 2

  func draw(on canvas: inout Canvas, _ context: Context) {
    guard let search = context.search else { return }
    let glyphs = context.glyphs
    let inside = canvas.openBox(
      title: "Messages", width: context.size.width - 2, height: context.size.height - Self.margin, glyphs)
    let dots = search.state == .underWay ? " \(glyphs.ellipsis)" : ""
    canvas.write(
      clipped(search.words + dots, columns: inside.width, ellipsis: glyphs.ellipsis), row: inside.row,
      column: inside.column, style: Style(.strong))
    canvas.cursor = Point(row: inside.row, column: inside.column)
    let rows = max(1, inside.height - 3)
    let top = max(0, min(search.selected - rows / 2, search.rows.count - rows))
    let table = Self.table(inside, search.rows[min(top, search.rows.count)...].prefix(rows))
    for (line, item) in search.rows.dropFirst(top).prefix(rows).enumerated() {
      let row = inside.row + 1 + line
      let isSelected = top + line == search.selected
      let on: Role? = isSelected ? .selected : nil
      if isSelected { canvas.markRow(row, in: inside, glyphs) }
      table.draw(
        [
          (isSelected ? glyphs.pointer : "", Style(.strong, on: on)),
          (item.status.isWaiting ? "waiting" : item.status.rawValue, Style(item.status.role, on: on)),
          (item.number, Style(.plain, on: on)),
          (item.label, Style(.plain, on: on)),
          (item.contact, Style(.plain, on: on)), (item.content, Style(.dim, on: on)),
        ], row: row, ellipsis: glyphs.ellipsis, on: &canvas)
    }
    canvas.drawFooter(
      [Hint("Enter", "open the phone there"), Hint("/", "another text"), Hint("Esc", "close")], in: inside)
  }

  private static func table(_ inside: Rect, _ rows: ArraySlice<FoundMessageRow>) -> TextTable {
    let width = { (text: (FoundMessageRow) -> String) in rows.map { columns(of: text($0)) }.max() ?? 0 }
    let fixed = [1, 9, width(\.number), 0, width(\.contact), 0]
    let rest = max(0, inside.width - fixed.reduce(0, +) - 4)
    let label = rest >= 40 ? 16 : 0
    let text = rest - label - (label > 0 ? 1 : 0)
    return TextTable(
      column: inside.column - 1, widths: [1, 9, fixed[2], label, fixed[4], text])
  }
}

extension MessageStatus {
  fileprivate var role: Role {
    switch self {
    case .failed, .canceled: .error
    case .sent, .delivered: .dim
    default: .plain
    }
  }
}
