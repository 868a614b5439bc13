import Canvas
import Scheduling

/// What can be done in the grid and in the forecast alike.
extension Editor {
  mutating func performInWeek(_ action: Action) -> [Effect] {
    switch action {
    case .undo: return travel("undo") { $0.undo(from: $1) }
    case .redo: return travel("redo") { $0.redo(from: $1) }
    case .save: return save(then: .stay)
    case .timeZone: return chooseTimeZone()
    case .rate: return promptForRate()
    case .switchActive: return switchActive()
    case .schedules: return chooseSchedule()
    case .revisions: return showRevisions()
    case .zoomIn: return zoom(-1)
    case .zoomOut: return zoom(1)
    case .previousWeek: return turnWeek(-1)
    case .nextWeek: return turnWeek(1)
    case .now: return goToNow()
    case .overlay: return turnOverlay()
    case .switchPane:
      let other = pane == .grid ? Pane.forecast : .grid
      week?.pane = other
      week?.pen = nil
      return settle()
    case .explain: return explain()
    case .previousPhone: return openNeighbour(-1)
    case .nextPhone: return openNeighbour(1)
    default: return []
    }
  }

  private mutating func travel(
    _ name: String, _ step: (inout UndoHistory<Draft>, Draft) -> Draft?
  ) -> [Effect] {
    guard !refusesToEdit(), var week else { return [] }
    guard let draft = step(&week.history, week.draft) else {
      say(.info, "Nothing to \(name)")
      return []
    }
    week.draft = draft
    week.pen = nil
    self.week = week
    return draftChanged()
  }

  private mutating func zoom(_ step: Int) -> [Effect] {
    guard let week, let index = GridGeometry.zooms.firstIndex(of: week.slotMinutes) else { return [] }
    guard GridGeometry.zooms.indices.contains(index + step) else {
      say(
        .info,
        step < 0
          ? "5 minutes a slot is the finest; Enter edits exact minutes" : "An hour a slot is the coarsest")
      return []
    }
    self.week?.slotMinutes = GridGeometry.zooms[index + step]
    self.week?.cursor = week.cursor.held(slotMinutes: GridGeometry.zooms[index + step])
    say(.info, "\(GridGeometry.zooms[index + step]) minutes a slot")
    return settle()
  }

  private mutating func turnWeek(_ step: Int) -> [Effect] {
    guard let week else { return [] }
    guard (-52...260).contains(week.weekOffset + step) else {
      say(.info, "The forecast looks five years ahead, and back one")
      return []
    }
    self.week?.weekOffset += step
    return settle()
  }

  mutating func goToNow() -> [Effect] {
    week?.weekOffset = 0
    let local = now + timeline().offset(at: now)
    let dates = dates()
    let time = CivilTime(local: local)
    let slotMinutes = week?.slotMinutes ?? 30
    week?.cursor = GridCursor(row: dates.row(ofWeekday: time.weekday), minute: time.hour * 60 + time.minute)
      .held(slotMinutes: slotMinutes)
    if pane == .forecast, let position = week?.forecast?.position(atOrAfter: now) {
      week?.list.selected = position
    }
    return settle()
  }

  private mutating func turnOverlay() -> [Effect] {
    guard let week, let index = Overlay.allCases.firstIndex(of: week.overlay) else { return [] }
    let next = Overlay.allCases[(index + 1) % Overlay.allCases.count]
    self.week?.overlay = next
    switch next {
    case .none: say(.info, "Overlay off")
    case .load: say(.info, "Overlay: how many messages go out in each slot")
    case .change: say(.info, "Overlay: what differs from the saved schedule")
    }
    return settle()
  }

  private mutating func switchActive() -> [Effect] {
    guard let week else { return [] }
    guard week.draft.hasSchedule else {
      say(.info, "No schedule to switch: S chooses one")
      return []
    }
    let effects = edit { $0.isActive.toggle() }
    if notice == nil, let draft = self.week?.draft {
      say(
        .info, draft.isActive ? "Switched on: sends only in the windows" : "Switched off: sends at any time")
    }
    return effects
  }

  private mutating func promptForRate() -> [Effect] {
    guard !refusesToEdit(), let week else { return [] }
    modal = .prompt(
      Prompt(.rate, label: "Messages a minute (0: no limit): ", text: String(week.draft.messagesPerMinute)))
    return []
  }

  mutating func setRate(_ text: String) -> Result<[Effect], Problem> {
    guard let rate = Int(text.trimmingBlanks), (0...2_147_483_647).contains(rate) else {
      return .failure(Problem("expected a whole number from 0 to 2147483647; 0 is no limit"))
    }
    return .success(edit { $0.messagesPerMinute = rate })
  }

  private mutating func chooseTimeZone() -> [Effect] {
    guard !refusesToEdit(), let week else { return [] }
    guard week.draft.hasSchedule else {
      say(.info, "No schedule, so no time zone: paint one first, or S chooses one")
      return []
    }
    var items: [Picker.Item] = []
    let names = ZoneName.all
    for name in names.contains(week.draft.timeZone) ? names : names + [week.draft.timeZone] {
      guard let offset = ZoneName.offset(of: name, at: now) else { continue }
      let time = Words.clock(CivilTime(local: now + offset))
      items.append(Picker.Item(id: name, title: name, detail: "\(time)  \(Timestamp.offset(offset))"))
    }
    var picker = Picker(purpose: .timeZone, title: "Time zone", items: items, isFiltering: true)
    picker.selected = items.firstIndex { $0.id == week.draft.timeZone } ?? 0
    modal = .picker(picker)
    return []
  }

  mutating func setTimeZone(_ name: String) -> Result<[Effect], Problem> {
    guard ZoneName.isKnown(name) else {
      let suggestion = ZoneName.suggestion(for: name).map { "; did you mean \($0)?" } ?? ""
      return .failure(Problem("“\(name)” is no IANA time zone such as Europe/Tallinn\(suggestion)"))
    }
    return .success(edit(schedule: true) { $0.timeZone = name })
  }

  private mutating func openNeighbour(_ step: Int) -> [Effect] {
    guard let week, let phone = phones.neighbour(of: week.phone.id, step: step) else {
      say(.info, "There is no other phone in the list")
      return []
    }
    return leave(.open(phoneID: phone.id))
  }
}
