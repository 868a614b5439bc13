import Canvas

/// One line of the key table: what is pressed, what it does, and where.
package struct Binding: Sendable {
  package var keys: [Key]
  package var action: Action
  package var panes: Set<Pane>
}

/// Keys that belong together, with the words for them in the help and in the README.
package struct BindingGroup: Sendable {
  /// As it is shown: `arrows`, `h j k l`.
  package var keys: String
  package var help: String
  package var bindings: [Binding]
  /// Where only a part of it works, or means something else there.
  var own: [Pane: Words] = [:]

  struct Words: Sendable {
    var keys: String
    var help: String
  }

  /// What its keys do in a pane; nil for nothing.
  func words(in pane: Pane) -> Words? {
    guard bindings.contains(where: { $0.panes.contains(pane) }) else { return nil }
    return own[pane] ?? Words(keys: keys, help: help)
  }
}

/// The keys of the editor: the one list that the keymap, the help and the README's table come from.
package enum Keymap {
  package static func action(for key: Key, in pane: Pane) -> Action? { table[pane]?[key] }

  /// Where else a key does something, to tell somebody who pressed it in vain.
  package static func panes(for key: Key) -> [Pane] {
    Pane.allCases.filter { table[$0]?[key] != nil }
  }

  private static let table: [Pane: [Key: Action]] = {
    var table: [Pane: [Key: Action]] = [:]
    for binding in groups.flatMap(\.bindings) {
      for pane in binding.panes {
        for key in binding.keys {
          assert(table[pane]?[key] == nil, "\(key) does two things in \(pane.name)")
          table[pane, default: [:]][key] = binding.action
        }
      }
    }
    return table
  }()

  private static let lists: Set<Pane> = [.phones, .forecast]
  private static let everywhere = Set(Pane.allCases)
  private static let week: Set<Pane> = [.grid, .forecast]

  private static func bind(_ action: Action, _ keys: Key..., in panes: Set<Pane> = [.grid]) -> Binding {
    Binding(keys: keys, action: action, panes: panes)
  }

  private static func letter(_ character: Character) -> Key { .character(character) }

  package static let groups: [BindingGroup] = [
    BindingGroup(
      keys: "arrows, h j k l", help: "move",
      bindings: [
        bind(.left, .left, letter("h"), in: week), bind(.right, .right, letter("l"), in: week),
        bind(.up, .up, letter("k"), in: everywhere), bind(.down, .down, letter("j"), in: everywhere),
      ],
      own: [
        .phones: .init(keys: "arrows, j k", help: "move"),
        .forecast: .init(
          keys: "arrows, h j k l", help: "move; left and right: failed, claimed, sent, canceled"),
      ]),
    BindingGroup(
      keys: "H L", help: "an hour back, on",
      bindings: [bind(.hourLeft, letter("H")), bind(.hourRight, letter("L"))]),
    BindingGroup(
      keys: "w b", help: "next, previous edge of a window",
      bindings: [bind(.nextEdge, letter("w")), bind(.previousEdge, letter("b"))]),
    BindingGroup(
      keys: "0 $", help: "start, end of the day",
      bindings: [
        bind(.dayStart, letter("0"), .home), bind(.dayEnd, letter("$"), .end),
      ]),
    BindingGroup(
      keys: "t", help: "now", bindings: [bind(.now, letter("t"), in: week)]),
    BindingGroup(
      keys: "PgUp PgDn g G", help: "in lists: a page, the first and the last",
      bindings: [
        bind(.pageUp, .pageUp, .control("b"), in: lists),
        bind(.pageDown, .pageDown, .control("f"), in: lists),
        bind(.first, .home, letter("g"), in: lists), bind(.last, .end, letter("G"), in: lists),
      ]),
    BindingGroup(
      keys: "space", help: "allow or deny the slot or selection; mark a phone",
      bindings: [bind(.toggle, letter(" ")), bind(.mark, letter(" "), in: [.phones])],
      own: [
        .grid: .init(keys: "space", help: "allow or deny the slot or the selection"),
        .phones: .init(keys: "space", help: "mark the phone"),
      ]),
    BindingGroup(
      keys: "a d", help: "allow, deny the slot or the selection",
      bindings: [bind(.allow, letter("a")), bind(.deny, letter("d"))]),
    BindingGroup(
      keys: "A D", help: "put the pen down: moving paints until Esc; A marks all",
      bindings: [
        bind(.penAllow, letter("A")), bind(.penDeny, letter("D")), bind(.markAll, letter("A"), in: [.phones]),
      ],
      own: [
        .grid: .init(keys: "A D", help: "put the pen down: moving allows or denies until Esc"),
        .phones: .init(keys: "A", help: "mark all"),
      ]),
    BindingGroup(
      keys: "v V", help: "select a block, whole days",
      bindings: [bind(.selectBlock, letter("v")), bind(.selectDays, letter("V"))]),
    BindingGroup(
      keys: "Esc", help: "drop selection, pen or filter; never quits",
      bindings: [bind(.escape, .escape, in: everywhere)],
      own: [
        .grid: .init(keys: "Esc", help: "drop the selection, lift the pen; never quits"),
        .forecast: .init(keys: "Esc", help: "to the grid; never quits"),
        .phones: .init(keys: "Esc", help: "drop the filter and the marks; never quits"),
      ]),
    BindingGroup(
      keys: "i", help: "invert the selection, or the day", bindings: [bind(.invert, letter("i"))]),
    BindingGroup(
      keys: "y p P", help: "copy the day; paste it here, or on many days",
      bindings: [
        bind(.copyDay, letter("y")), bind(.pasteDay, letter("p")), bind(.pasteMany, letter("P")),
      ]),
    BindingGroup(
      keys: "x X", help: "paint this date alone; give the date back to the week",
      bindings: [bind(.scope, letter("x")), bind(.giveBack, letter("X"))]),
    BindingGroup(
      keys: "Enter", help: "edit the day's windows as text; open the phone or the message",
      bindings: [
        bind(.editDay, .enter), bind(.open, .enter, .right, letter("l"), in: [.phones]),
        bind(.openMessage, .enter, in: [.forecast]),
      ],
      own: [
        .grid: .init(keys: "Enter", help: "edit the day's windows as text"),
        .phones: .init(keys: "Enter", help: "open the phone"),
        .forecast: .init(keys: "Enter", help: "the whole message: cancel it, send it at another time, retry"),
      ]),
    BindingGroup(
      keys: "a", help: "retry all failed messages, or those found",
      bindings: [bind(.retryAll, letter("a"), in: [.forecast])]),
    BindingGroup(
      keys: ":", help: "a command line (:mon-fri 9-17, :24 dec closed, :w, :q)",
      bindings: [bind(.commandLine, letter(":"), in: everywhere)],
      own: [.phones: .init(keys: ":", help: "a command line (:hold until thu 10:00, :rate 12, :q)")]),
    BindingGroup(
      keys: "u U ^R", help: "undo, redo",
      bindings: [
        bind(.undo, letter("u"), in: everywhere), bind(.redo, letter("U"), .control("r"), in: everywhere),
      ]),
    BindingGroup(keys: "s", help: "save", bindings: [bind(.save, letter("s"), in: week)]),
    BindingGroup(
      keys: "z r o", help: "time zone, rate and day's limit, keep to or ignore the hours",
      bindings: [
        bind(.timeZone, letter("z"), in: everywhere), bind(.rate, letter("r"), in: week),
        bind(.switchActive, letter("o"), in: week),
      ],
      own: [.phones: .init(keys: "z", help: "the clock of all times in the list")]),
    BindingGroup(
      keys: "!", help: "hold the phone: nothing goes out; release it",
      bindings: [bind(.hold, letter("!"), in: everywhere)]),
    BindingGroup(
      keys: "S", help: "choose, make, rename, delete schedules",
      bindings: [bind(.schedules, letter("S"), in: everywhere)]),
    BindingGroup(
      keys: "R", help: "revisions: who saved what; compare, restore",
      bindings: [bind(.revisions, letter("R"), in: week)]),
    BindingGroup(
      keys: "+ - < >", help: "zoom; week back, on",
      bindings: [
        bind(.zoomIn, letter("+"), letter("="), in: week), bind(.zoomOut, letter("-"), in: week),
        bind(.previousWeek, letter("<"), in: week), bind(.nextWeek, letter(">"), in: week),
      ]),
    BindingGroup(
      keys: "f", help: "overlay: none, load, change", bindings: [bind(.overlay, letter("f"), in: week)]),
    BindingGroup(
      keys: "Tab", help: "grid, forecast; in the phone list other columns",
      bindings: [
        bind(.switchPane, .tab, .backtab, in: week), bind(.columns, .tab, .backtab, in: [.phones]),
      ],
      own: [
        .grid: .init(keys: "Tab", help: "to the forecast"),
        .forecast: .init(keys: "Tab", help: "to the grid"),
        .phones: .init(keys: "Tab", help: "other columns"),
      ]),
    BindingGroup(
      keys: "/ n N", help: "find in a list; the next, the previous",
      bindings: [
        bind(.find, letter("/"), in: everywhere), bind(.findNext, letter("n"), in: everywhere),
        bind(.findPrevious, letter("N"), in: everywhere),
      ]),
    BindingGroup(
      keys: "m", help: "find a message of any phone, by number or words",
      bindings: [bind(.findMessage, letter("m"), in: [.phones])]),
    BindingGroup(
      keys: "n + e x", help: "add a phone (while searching +), change it, remove it",
      bindings: [
        bind(.addPhone, letter("+"), in: [.phones]), bind(.editPhone, letter("e"), in: [.phones]),
        bind(.removePhone, letter("x"), in: [.phones]),
      ]),
    BindingGroup(
      keys: "o O", help: "sort the phones; the other way round",
      bindings: [
        bind(.sort, letter("o"), in: [.phones]), bind(.reverseOrder, letter("O"), in: [.phones]),
      ]),
    BindingGroup(
      keys: "i I", help: "import a file; look at a sample gateway",
      bindings: [
        bind(.importFile, letter("i"), in: [.phones]), bind(.sample, letter("I"), in: [.phones]),
      ]),
    BindingGroup(
      keys: "e", help: "explain why a message goes out then; what would make it sooner",
      bindings: [bind(.explain, letter("e"), in: week)]),
    BindingGroup(
      keys: "W", help: "warnings: read them all", bindings: [bind(.warnings, letter("W"), in: week)]),
    BindingGroup(
      keys: "[ ]", help: "previous, next phone",
      bindings: [
        bind(.previousPhone, letter("["), in: week), bind(.nextPhone, letter("]"), in: week),
      ]),
    BindingGroup(
      keys: "? F1", help: "help: the keys of this screen, the : line, the signs",
      bindings: [bind(.help, letter("?"), .f1, in: everywhere)]),
    BindingGroup(keys: "^L", help: "redraw", bindings: [bind(.redraw, .control("l"), in: everywhere)]),
    BindingGroup(keys: "^Z", help: "suspend", bindings: [bind(.suspend, .control("z"), in: everywhere)]),
    BindingGroup(keys: "q", help: "back, quit", bindings: [bind(.back, letter("q"), in: everywhere)]),
  ]
}
