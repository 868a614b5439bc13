import Canvas
import Scheduling

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
  /// What the filter is looked for in, and the names alone, of each item.
  private let texts: [(all: [UInt8], name: [UInt8])]
  private let commands: [Command]
  /// Whether each letter goes into the filter from the start.
  private let filtersAtOnce: Bool
  private let choose: @Sendable (Item, inout Editor) -> Void
  private var filter = "" { didSet { if filter != oldValue { match() } } }
  /// Whether keys go into the filter.
  private var isFiltering: Bool
  /// Whether the last key went into the filter; else the work is in the list.
  private var isTyping = false
  /// What the filter lets through; what is near it where it lets nothing through.
  private var visible: [Item]
  private var isGuessed = false
  /// The place in ``visible``.
  private var selected: Int

  init(
    title: String, items: [Item], selected: String?, filtersAtOnce: Bool = false, commands: [Command] = [],
    choose: @escaping @Sendable (Item, inout Editor) -> Void
  ) {
    self.title = title
    self.items = items
    texts = items.map { (Self.folded($0.title + " " + $0.detail), Self.folded($0.title)) }
    self.commands = commands
    self.filtersAtOnce = filtersAtOnce
    self.choose = choose
    isFiltering = filtersAtOnce
    visible = items
    self.selected = items.firstIndex { $0.id == selected } ?? 0
  }

  /// How many names are proposed in place of one that is not there.
  private static let mostGuesses = 5

  private mutating func match() {
    visible = matching
    isGuessed = visible.isEmpty
    guard isGuessed else { return }
    let near = Suggestion.near(filter, among: items.map(\.title)).prefix(Self.mostGuesses)
    visible = near.compactMap { name in items.first { $0.title == name } }
  }

  private var matching: [Item] {
    if filter.isEmpty { return items }
    let words = Self.folded(filter).split(separator: UInt8(ascii: " ")).map(Array.init)
    let matching = items.indices.filter { index in words.allSatisfy { texts[index].all.containsRun($0) } }
    // Names of which a part begins so come first: “tok” means Asia/Tokyo before Antarctica/Vostok.
    let isNear = { (index: Int) in
      texts[index].name.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: " ") }
        .contains { part in words.first.map { part.starts(with: $0) } ?? false }
    }
    return (matching.filter(isNear) + matching.filter { !isNear($0) }).map { items[$0] }
  }

  private static func folded(_ text: String) -> [UInt8] {
    text.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
  }

  private var chosen: Item? { visible.indices.contains(selected) ? visible[selected] : nil }

  private mutating func move(_ step: Int) {
    selected = min(max(0, selected + step), max(0, visible.count - 1))
  }

  // MARK: Keys

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    let before = filter
    defer { isTyping = isFiltering && filter != before }
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
    case .control("u") where isFiltering:
      filter = ""
      selected = 0
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
      selected = 0
    case "q": return .closes
    default:
      guard let command = commands.first(where: { $0.key == character }) else { break }
      return command.perform(chosen, &editor)
    }
    return .stays
  }

  // MARK: Drawing

  /// More is hard to read across.
  private static let widest = 120
  /// The widest that a box is made for its keys alone.
  private static let footer = 76

  package func draw(on canvas: inout Canvas, _ context: Context) {
    let hints = hints(context)
    let widest = items.map { columns(of: $0.title) + columns(of: $0.detail) + 6 }.max() ?? 0
    let width = min(
      context.size.width - 2,
      max(
        46, min(canvas.footerWidth(hints) + Box.columnsAround, Self.footer), columns(of: harmless(title)) + 8,
        min(widest + Box.columnsAround, Self.widest)))
    let footerRows = canvas.rows(of: hints, columns: width - Box.columnsAround)
    let inside = canvas.openBox(
      title: title, width: width,
      height: min(items.count + footerRows + Box.linesAround, context.size.height - 4), context.glyphs)
    let rows = max(1, inside.height - 2 - footerRows)
    let top = max(0, min(selected - rows / 2, visible.count - rows))
    for (line, item) in visible.dropFirst(top).prefix(rows).enumerated() {
      draw(item, isSelected: top + line == selected, row: inside.row + 1 + line, inside, on: &canvas, context)
    }
    canvas.cursor = Point(
      row: inside.row + 1 + max(0, min(selected - top, rows - 1)), column: inside.column - 1)
    drawFilter(in: inside, on: &canvas, context)
    canvas.drawFooter(hints, in: inside)
  }

  /// What is typed, with the terminal's cursor behind it while one types; what is proposed in its place.
  private func drawFilter(in inside: Rect, on canvas: inout Canvas, _ context: Context) {
    let isFiltered = isFiltering || !filter.isEmpty
    let problem =
      !isGuessed ? "" : visible.isEmpty ? "nothing matches" : "nothing matches; did you mean"
    // Of a long filter the end, so that the problem is read whole.
    let room = inside.width - (problem.isEmpty ? 0 : columns(of: problem) + 2)
    let words =
      isFiltered
      ? "/" + clippedStart(filter, columns: room - 2, ellipsis: context.glyphs.ellipsis)
      : "\(Words.count(visible.count)) to choose from"
    let used = canvas.write(
      words, row: inside.row, column: inside.column, width: inside.width,
      style: Style(isFiltered ? .key : .dim))
    if isTyping || isFiltering && !filtersAtOnce && filter.isEmpty {
      canvas.cursor = Point(row: inside.row, column: inside.column + used)
    }
    if isGuessed {
      canvas.write(
        problem, row: inside.row, column: inside.column + used + 2, width: inside.width - used - 2,
        style: Style(.warning))
    }
  }

  private func draw(
    _ item: Item, isSelected: Bool, row: Int, _ inside: Rect, on canvas: inout Canvas, _ context: Context
  ) {
    let on: Role? = isSelected ? .selected : nil
    let ellipsis = context.glyphs.ellipsis
    if isSelected { canvas.markRow(row, in: inside, context.glyphs) }
    // The title gives way where both are long, to a half.
    let room = inside.width - 3
    let detail = clipped(
      item.detail, columns: max(room / 2, room - columns(of: harmless(item.title))), ellipsis: ellipsis)
    let detailWidth = columns(of: detail)
    let title = clipped(item.title, columns: room - detailWidth, ellipsis: ellipsis)
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
