import Canvas

/// A list to choose from, filtered by typing or after `/`.
package struct Picker: Modal {
  struct Item: Equatable, Sendable {
    var id: String
    var title: String
    var detail: String
  }

  /// What a letter does with the item that is selected, besides choosing it.
  struct Command: Sendable {
    let key: Character
    let words: String
    let perform: @Sendable (Item?, inout Editor) -> ModalStay
  }

  private let title: String
  private let items: [Item]
  private let commands: [Command]
  /// Whether each letter goes into the filter from the start.
  private let filtersAtOnce: Bool
  private let choose: @Sendable (Item, inout Editor) -> Void
  private var filter = ""
  /// Whether keys go into the filter.
  private var isFiltering: Bool
  /// The place in ``visible``.
  private var selected: Int

  init(
    title: String, items: [Item], selected: String?, filtersAtOnce: Bool = false, commands: [Command] = [],
    choose: @escaping @Sendable (Item, inout Editor) -> Void
  ) {
    self.title = title
    self.items = items
    self.commands = commands
    self.filtersAtOnce = filtersAtOnce
    self.choose = choose
    isFiltering = filtersAtOnce
    self.selected = items.firstIndex { $0.id == selected } ?? 0
  }

  private var visible: [Item] {
    if filter.isEmpty { return items }
    let words = Self.folded(filter).split(separator: " ")
    let matching = items.filter { item in
      let text = Self.folded(item.title + " " + item.detail)
      return words.allSatisfy { text.contains($0) }
    }
    // Names of which a part begins so come first: “tok” means Asia/Tokyo before Antarctica/Vostok.
    let isNear = { (item: Item) in
      Self.folded(item.title).split { "/ ".contains($0) }
        .contains { part in words.first.map { part.hasPrefix($0) } ?? false }
    }
    return matching.filter(isNear) + matching.filter { !isNear($0) }
  }

  private static func folded(_ text: String) -> String { text.lowercased().replacing("_", with: " ") }

  private var chosen: Item? {
    let visible = visible
    return visible.indices.contains(selected) ? visible[selected] : nil
  }

  private mutating func move(_ step: Int) {
    selected = min(max(0, selected + step), max(0, visible.count - 1))
  }

  // MARK: Keys

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    switch key {
    case .escape, .control("c"):
      if !isFiltering || filtersAtOnce { return .closes }
      isFiltering = false
      filter = ""
    case .up, .control("p"): move(-1)
    case .down, .control("n"): move(1)
    case .pageUp: move(-10)
    case .pageDown: move(10)
    case .home: selected = 0
    case .end: move(items.count)
    case .enter: return enter(&editor)
    case .backspace where isFiltering:
      if filter.isEmpty { isFiltering = filtersAtOnce } else { filter.removeLast() }
      selected = 0
    case .control("u") where isFiltering: filter = ""
    case .character(let character) where isFiltering:
      filter.append(character)
      selected = 0
    case .character(let character): return letter(character, &editor)
    default: break
    }
    return .stays
  }

  private mutating func enter(_ editor: inout Editor) -> ModalStay {
    if isFiltering, !filtersAtOnce, !filter.isEmpty, visible.count > 1 {
      // The filter is typed; what is chosen from it comes with the next Enter.
      isFiltering = false
      return .stays
    }
    guard let item = chosen else { return .stays }
    choose(item, &editor)
    return .closes
  }

  private mutating func letter(_ character: Character, _ editor: inout Editor) -> ModalStay {
    switch character {
    case "j": move(1)
    case "k": move(-1)
    case "g": selected = 0
    case "G": move(items.count)
    case "/":
      isFiltering = true
      filter = ""
    case "q": return .closes
    default:
      guard let command = commands.first(where: { $0.key == character }) else { break }
      return command.perform(chosen, &editor)
    }
    return .stays
  }

  // MARK: Drawing

  private static let widest = 76

  package func draw(on canvas: inout Canvas, _ context: Context) {
    let hints = hints(context)
    let widest = items.map { columns(of: $0.title) + columns(of: $0.detail) + 6 }.max() ?? 0
    let inside = canvas.openBox(
      title: title,
      width: max(
        46, canvas.footerWidth(hints) + Box.columnsAround, min(widest + Box.columnsAround, Self.widest)),
      height: min(items.count + 1 + Box.linesAround, context.size.height - 4), context.glyphs)
    drawFilter(in: inside, on: &canvas)
    let visible = visible
    let rows = max(1, inside.height - 3)
    let top = max(0, min(selected - rows / 2, visible.count - rows))
    for (line, item) in visible.dropFirst(top).prefix(rows).enumerated() {
      draw(item, isSelected: top + line == selected, row: inside.row + 1 + line, inside, on: &canvas, context)
    }
    if visible.isEmpty {
      canvas.write("nothing matches", row: inside.row + 1, column: inside.column, style: Style(.warning))
    }
    canvas.drawFooter(hints, in: inside)
  }

  private func drawFilter(in inside: Rect, on canvas: inout Canvas) {
    let isFiltered = isFiltering || !filter.isEmpty
    let words = isFiltered ? "/\(harmless(filter))" : "\(Words.count(visible.count)) to choose from"
    let used = canvas.write(
      words, row: inside.row, column: inside.column, width: inside.width,
      style: Style(isFiltered ? .key : .dim))
    if isFiltering { canvas.cursor = Point(row: inside.row, column: inside.column + used) }
  }

  private func draw(
    _ item: Item, isSelected: Bool, row: Int, _ inside: Rect, on canvas: inout Canvas, _ context: Context
  ) {
    let on: Role? = isSelected ? .selected : nil
    let ellipsis = context.glyphs.ellipsis
    if isSelected {
      canvas.markRow(row, in: inside)
      canvas.write(context.glyphs.pointer, row: row, column: inside.column - 1, style: Style(.selected))
    }
    let detail = clipped(item.detail, columns: inside.width * 2 / 3, ellipsis: ellipsis)
    let detailWidth = columns(of: detail)
    let title = clipped(item.title, columns: inside.width - detailWidth - 3, ellipsis: ellipsis)
    canvas.write(
      title, row: row, column: inside.column + 1, style: Style(isSelected ? .strong : .plain, on: on))
    canvas.write(
      detail, row: row, column: inside.column + inside.width - detailWidth, style: Style(.dim, on: on))
  }

  private func hints(_ context: Context) -> [Hint] {
    if filtersAtOnce { return [Hint("type", "to filter"), Hint("Enter", "choose"), Hint("Esc", "cancel")] }
    let commands = context.settings.isReadOnly ? [] : commands
    return [Hint("Enter", "choose")] + commands.map { Hint(String($0.key), $0.words) } + [Hint("/", "find")]
  }
}
