import Canvas
import Scheduling

/// Moving and painting in the grid.
extension Editor {
  mutating func performInGrid(_ action: Action) -> [Effect] {
    switch action {
    case .left: return move { $0.minute -= $1 }
    case .right: return move { $0.minute += $1 }
    case .up: return move { cursor, _ in cursor.row -= 1 }
    case .down: return move { cursor, _ in cursor.row += 1 }
    case .hourLeft: return move { cursor, _ in cursor.minute -= 60 }
    case .hourRight: return move { cursor, _ in cursor.minute += 60 }
    case .dayStart: return move { cursor, _ in cursor.minute = 0 }
    case .dayEnd: return move { cursor, _ in cursor.minute = 1439 }
    case .nextEdge: return moveToEdge(forward: true)
    case .previousEdge: return moveToEdge(forward: false)
    case .toggle: return toggle()
    case .allow: return paint(true)
    case .deny: return paint(false)
    case .penAllow: return putPenDown(true)
    case .penDeny: return putPenDown(false)
    case .selectBlock: return select(wholeDays: false)
    case .selectDays: return select(wholeDays: true)
    case .escape:
      if week?.selection == nil, week?.pen == nil, week?.compared == nil { say(.info, "q goes back") }
      week?.selection = nil
      week?.pen = nil
      week?.compared = nil
      return settle()
    case .invert: return invert()
    case .copyDay: return copyDay()
    case .pasteDay: return pasteOnSelection()
    case .pasteMany: return askWhereToPaste()
    case .editDay: return promptForDay()
    default: return performInWeek(action)
    }
  }

  // MARK: Moving

  private mutating func move(_ step: (inout GridCursor, Int) -> Void) -> [Effect] {
    guard var week else { return [] }
    let from = week.cursor
    step(&week.cursor, week.slotMinutes)
    week.cursor = week.cursor.held(slotMinutes: week.slotMinutes)
    self.week = week
    guard let pen = week.pen, week.cursor != from, !settings.isReadOnly else { return settle() }
    return stroke(pen, from: from, to: week.cursor)
  }

  private mutating func moveToEdge(forward: Bool) -> [Effect] {
    guard let week else { return [] }
    let dates = dates()
    let place = { (cursor: GridCursor) in cursor.row * 1440 + cursor.minute }
    let isOpen = { (place: Int) in
      week.draft.week[dates.weekday(ofRow: place / 1440) * 1440 + place % 1440]
    }
    let here = place(week.cursor)
    let edges = (1..<WeekMinutes.count).filter { isOpen($0) != isOpen($0 - 1) }
    let slots = edges.map { $0 / week.slotMinutes * week.slotMinutes }
    guard let target = forward ? slots.first(where: { $0 > here }) : slots.last(where: { $0 < here }) else {
      say(.info, forward ? "No window starts or ends after this" : "No window starts or ends before this")
      return []
    }
    return move { cursor, _ in cursor = GridCursor(row: target / 1440, minute: target % 1440) }
  }

  private mutating func select(wholeDays: Bool) -> [Effect] {
    guard let week else { return [] }
    let isSame = week.selection?.isWholeDays == wholeDays
    self.week?.pen = nil
    self.week?.selection =
      isSame ? nil : Selection(anchor: week.selection?.anchor ?? week.cursor, isWholeDays: wholeDays)
    return settle()
  }

  // MARK: Painting

  /// The minutes of the week under the selection, or under the cursor's slot.
  mutating func target() -> [Range<Int>] {
    guard let week else { return [] }
    let dates = dates()
    guard let selection = week.selection else {
      return [
        dates.minutesOfWeek(row: week.cursor.row, week.cursor.minute..<week.cursor.minute + week.slotMinutes)
      ]
    }
    let minutes = selection.minutes(to: week.cursor, slotMinutes: week.slotMinutes)
    return selection.rows(to: week.cursor).map { dates.minutesOfWeek(row: $0, minutes) }
  }

  private mutating func toggle() -> [Effect] {
    guard let week else { return [] }
    return paint(!target().allSatisfy { week.draft.week.count(in: $0) == $0.count })
  }

  private mutating func paint(_ allowed: Bool) -> [Effect] {
    let target = target()
    let effects = edit(schedule: allowed) { draft in
      for minutes in target {
        if allowed { draft.week.insert(minutes) } else { draft.week.remove(minutes) }
      }
    }
    week?.selection = nil
    return effects
  }

  private mutating func putPenDown(_ allowed: Bool) -> [Effect] {
    guard !refusesToEdit() else { return [] }
    if week?.pen == allowed {
      week?.pen = nil
      return settle()
    }
    week?.selection = nil
    let target = target()
    let before = week?.draft
    let effects = edit(schedule: allowed) { draft in
      for minutes in target {
        if allowed { draft.week.insert(minutes) } else { draft.week.remove(minutes) }
      }
    }
    if let draft = week?.draft, draft.hasSchedule {
      week?.pen = allowed
      // A stroke is one step of undo, also when its first slot changed nothing.
      week?.strokeIsRecorded = draft != before
    }
    return effects
  }

  /// Paints all slots that a movement of the pen passed over.
  private mutating func stroke(_ allowed: Bool, from: GridCursor, to: GridCursor) -> [Effect] {
    guard let week else { return [] }
    let dates = dates()
    let rows = min(from.row, to.row)...max(from.row, to.row)
    let minutes = min(from.minute, to.minute)..<max(from.minute, to.minute) + week.slotMinutes
    let isRecorded = week.strokeIsRecorded
    let before = week.draft
    let effects = edit(recording: !isRecorded) { draft in
      for row in rows {
        let target = dates.minutesOfWeek(row: row, minutes)
        if allowed { draft.week.insert(target) } else { draft.week.remove(target) }
      }
    }
    if self.week?.draft != before { self.week?.strokeIsRecorded = true }
    return effects
  }

  /// Edits the hours; a phone without a schedule gets a new one with its first allowed slot.
  mutating func edit(schedule allowed: Bool, _ change: (inout Draft) -> Void) -> [Effect] {
    guard let week else { return [] }
    if !week.draft.hasSchedule, !allowed {
      say(.info, "No schedule yet, so nothing to deny: paint what is allowed, or S chooses one")
      return []
    }
    let effects = edit { draft in
      if !draft.hasSchedule { draft.startSchedule(named: "") }
      change(&draft)
    }
    if !week.draft.hasSchedule, self.week?.draft.hasSchedule ?? false {
      say(.info, "A new schedule is started for this phone; s saves it")
    }
    return effects
  }

  private mutating func invert() -> [Effect] {
    guard let week else { return [] }
    let dates = dates()
    let target = week.selection == nil ? [dates.minutesOfWeek(row: week.cursor.row, 0..<1440)] : target()
    let effects = edit(schedule: true) { draft in
      for minutes in target { draft.week.toggle(minutes) }
    }
    self.week?.selection = nil
    return effects
  }

  // MARK: Days

  private mutating func copyDay() -> [Effect] {
    guard let week else { return [] }
    let day = dates().weekday(ofRow: week.cursor.row)
    var copy = WeekMinutes()
    copy.replace(day: 0, with: week.draft.week, day: day)
    copiedDay = copy
    copiedName = Words.longDays[day]
    self.week?.selection = nil
    say(.good, "Copied \(copiedName), \(Words.hours(minutes: copy.total)); p pastes it, P on many days")
    return settle()
  }

  private mutating func pasteOnSelection() -> [Effect] {
    guard let week else { return [] }
    let dates = dates()
    let rows = week.selection?.rows(to: week.cursor) ?? week.cursor.row...week.cursor.row
    return paste(on: rows.map { dates.weekday(ofRow: $0) })
  }

  mutating func paste(on days: [Int]) -> [Effect] {
    guard let copiedDay else {
      say(.info, "No day is copied yet: y copies the day of the cursor")
      return []
    }
    let effects = edit(schedule: true) { draft in
      for day in days { draft.week.replace(day: day, with: copiedDay, day: 0) }
    }
    week?.selection = nil
    if notice == nil {
      say(.good, "Pasted \(copiedName) on \(days.map { Words.days[$0] }.joined(separator: ", "))")
    }
    return effects
  }

  private mutating func askWhereToPaste() -> [Effect] {
    guard copiedDay != nil else { return paste(on: []) }
    modal = .question(
      Question(
        title: "Paste \(copiedName)", lines: ["On which days?"],
        options: [
          .init(key: "w", label: "weekdays", answer: .paste(days: [1, 2, 3, 4, 5])),
          .init(key: "e", label: "weekend", answer: .paste(days: [6, 0])),
          .init(key: "a", label: "all days", answer: .paste(days: [1, 2, 3, 4, 5, 6, 0])),
        ]))
    return []
  }

  private mutating func promptForDay() -> [Effect] {
    guard !refusesToEdit(), let week else { return [] }
    let day = dates().weekday(ofRow: week.cursor.row)
    let base = week.draft.content(keeping: week.schedule?.content.windows ?? [])?.windows ?? []
    modal = .prompt(
      Prompt(
        .dayText(row: week.cursor.row), label: "\(Words.longDays[day]): ",
        text: WindowNotation.times(base.filter { $0.day == day })))
    return []
  }
}

extension GridCursor {
  /// Within the week, and at the start of a slot.
  func held(slotMinutes: Int) -> GridCursor {
    GridCursor(
      row: min(max(0, row), 6), minute: min(max(0, minute), 1439) / slotMinutes * slotMinutes)
  }
}
