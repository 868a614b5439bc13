import Canvas

/// The mouse, for those who ask for it: it moves, selects and scrolls; the keys do the rest.
extension Editor {
  mutating func point(_ event: MouseEvent) -> [Effect] {
    guard modal == nil, !isTooSmall else { return [] }
    if week == nil { return pointInPhones(event) }
    switch event.kind {
    case .wheelUp, .wheelDown:
      let step = event.kind == .wheelUp ? -3 : 3
      let selected = week?.list.selected ?? 0
      week?.list.selected = max(0, selected + step)
      return settle()
    case .press, .drag: return pointInWeek(event)
    case .release: return []
    }
  }

  private mutating func pointInPhones(_ event: MouseEvent) -> [Effect] {
    switch event.kind {
    case .wheelUp: phones.move(-3)
    case .wheelDown: phones.move(3)
    case .press:
      let index = phones.top + event.row - 3
      guard event.row >= 3, event.row < 3 + phoneRowsOnScreen, index < phones.rows.count else { return [] }
      if phones.selected == index { return perform(.open) }
      phones.selected = index
    case .drag, .release: break
    }
    return settle()
  }

  private mutating func pointInWeek(_ event: MouseEvent) -> [Effect] {
    let layout = weekLayout()
    if let slot = layout.grid.slot(at: Point(row: event.row, column: event.column)) {
      let cursor = GridCursor(row: slot.row, minute: slot.minute)
      if event.kind == .drag, week?.pen == nil, week?.selection == nil, week?.pane == .grid {
        let selection = week.map { Selection(anchor: $0.cursor, isWholeDays: false) }
        week?.selection = selection
      } else if event.kind == .press {
        week?.selection = nil
      }
      week?.pane = .grid
      week?.cursor = cursor
    } else if event.kind == .press, event.row >= layout.listTop, event.row < layout.status {
      week?.pane = .forecast
      let top = week?.list.top ?? 0
      week?.list.selected = top + event.row - layout.listTop
    }
    return settle()
  }
}
