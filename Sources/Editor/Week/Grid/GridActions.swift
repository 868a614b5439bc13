import Canvas
import Scheduling

/// Moving in the grid.
extension WeekScreen {
  mutating func performInGrid(_ action: Action, _ context: inout Context) {
    switch action {
    case .left: move(&context) { $0.minute -= $1 }
    case .right: move(&context) { $0.minute += $1 }
    case .up: move(&context) { cursor, _ in cursor.row -= 1 }
    case .down: move(&context) { cursor, _ in cursor.row += 1 }
    case .hourLeft: move(&context) { cursor, _ in cursor.minute -= 60 }
    case .hourRight: move(&context) { cursor, _ in cursor.minute += 60 }
    case .dayStart: move(&context) { cursor, _ in cursor.minute = 0 }
    case .dayEnd: move(&context) { cursor, _ in cursor.minute = 1439 }
    case .nextEdge: moveToEdge(&context, forward: true)
    case .previousEdge: moveToEdge(&context, forward: false)
    case .toggle: toggle(&context)
    case .allow: paint(true, &context)
    case .deny: paint(false, &context)
    case .penAllow: putPenDown(true, &context)
    case .penDeny: putPenDown(false, &context)
    case .selectBlock: select(wholeDays: false)
    case .selectDays: select(wholeDays: true)
    case .escape: drop(&context)
    case .invert: invert(&context)
    case .copyDay: copyDay(&context)
    case .pasteDay: pasteOnSelection(&context)
    case .pasteMany: askWhereToPaste(&context)
    case .editDay: promptForDay(&context)
    case .scope: turnScope(&context)
    case .giveBack: giveBack(&context)
    default: break
    }
  }

  // MARK: Moving

  private mutating func move(_ context: inout Context, _ step: (inout GridCursor, Int) -> Void) {
    let from = grid.cursor
    var cursor = from
    step(&cursor, grid.slotMinutes)
    grid.move(to: cursor)
    if let pen = grid.pen, grid.cursor != from { stroke(pen, from: from, &context) }
  }

  private mutating func moveToEdge(_ context: inout Context, forward: Bool) {
    let dates = dates(context)
    let week = draft.minutes(of: dates)
    let isOpen = { (place: Int) in week[dates.weekday(ofRow: place / 1440) * 1440 + place % 1440] }
    let here = grid.cursor.row * 1440 + grid.cursor.minute
    let edges = (1..<WeekMinutes.count).filter { isOpen($0) != isOpen($0 - 1) }
    let slots = edges.map { $0 / grid.slotMinutes * grid.slotMinutes }
    guard let target = forward ? slots.first(where: { $0 > here }) : slots.last(where: { $0 < here }) else {
      return context.say(
        .info, forward ? "No window starts or ends after this" : "No window starts or ends before this")
    }
    move(&context) { cursor, _ in cursor = GridCursor(row: target / 1440, minute: target % 1440) }
  }

  private mutating func select(wholeDays: Bool) {
    grid.pen = nil
    grid.selection =
      grid.selection?.isWholeDays == wholeDays
      ? nil : Selection(anchor: grid.selection?.anchor ?? grid.cursor, isWholeDays: wholeDays)
  }

  private mutating func drop(_ context: inout Context) {
    if grid.selection == nil, grid.pen == nil, grid.compared == nil { context.say(.info, "q goes back") }
    if grid.compared != nil, grid.overlay == .change { grid.overlay = grid.overlayBefore }
    (grid.selection, grid.pen, grid.compared) = (nil, nil, nil)
  }
}
