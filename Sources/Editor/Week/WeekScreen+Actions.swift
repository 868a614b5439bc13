import Canvas
import Scheduling

/// What can be done in the grid and in the forecast alike; the rest is the pane's.
extension WeekScreen {
  mutating func perform(_ action: Action, _ context: inout Context) {
    switch action {
    case .undo: step("undo", &context) { $0.undo(from: $1) }
    case .redo: step("redo", &context) { $0.redo(from: $1) }
    case .save: save(&context)
    case .timeZone: chooseTimeZone(&context)
    case .rate: promptForRate(&context)
    case .switchActive: switchActive(&context)
    case .schedules:
      context.present(
        Picker.schedules(for: [phone.id], selected: draft.scheduleID, inWeek: true, context))
    case .revisions: loadRevisions(&context)
    case .zoomIn: zoom(-1, &context)
    case .zoomOut: zoom(1, &context)
    case .previousWeek: turnWeek(-1, &context)
    case .nextWeek: turnWeek(1, &context)
    case .now: goToNow(context)
    case .overlay: turnOverlay(&context)
    case .switchPane:
      pane = pane == .grid ? .forecast : .grid
      grid.pen = nil
    case .explain: explain(&context)
    default:
      if pane == .grid { performInGrid(action, &context) } else { performInForecast(action, &context) }
    }
  }

  private mutating func step(
    _ name: String, _ context: inout Context, _ step: (inout UndoHistory<Draft>, Draft) -> Draft?
  ) {
    guard !context.refusesToEdit() else { return }
    guard let other = step(&history, draft) else { return context.say(.info, "Nothing to \(name)") }
    draft = other
    grid.pen = nil
    draftChanged(&context)
  }

  // MARK: The view

  private mutating func zoom(_ step: Int, _ context: inout Context) {
    guard let index = GridGeometry.zooms.firstIndex(of: grid.slotMinutes) else { return }
    guard GridGeometry.zooms.indices.contains(index + step) else {
      return context.say(
        .info,
        step < 0
          ? "5 minutes a slot is the finest; Enter edits exact minutes" : "An hour a slot is the coarsest")
    }
    grid.slotMinutes = GridGeometry.zooms[index + step]
    grid.move(to: grid.cursor)
    context.say(.info, "\(grid.slotMinutes) minutes a slot")
  }

  private mutating func turnWeek(_ step: Int, _ context: inout Context) {
    guard (-52...260).contains(grid.weekOffset + step) else {
      return context.say(.info, "The forecast looks five years ahead, and back one")
    }
    grid.weekOffset += step
  }

  mutating func goToNow(_ context: Context) {
    grid.weekOffset = 0
    let time = CivilTime(local: context.now + clock(context).offset(at: context.now))
    let row = dates(context).row(ofWeekday: time.weekday)
    grid.move(to: GridCursor(row: row, minute: time.hour * 60 + time.minute))
    if pane == .forecast, let position = forecast.draft?.position(atOrAfter: context.now) {
      forecast.selected = position
    }
  }

  private mutating func turnOverlay(_ context: inout Context) {
    guard let index = Overlay.allCases.firstIndex(of: grid.overlay) else { return }
    grid.overlay = Overlay.allCases[(index + 1) % Overlay.allCases.count]
    switch grid.overlay {
    case .none: context.say(.info, "Overlay off")
    case .load: context.say(.info, "Overlay: how many messages go out in each slot")
    case .change: context.say(.info, "Overlay: what differs from the saved schedule")
    }
  }

  // MARK: Settings

  private mutating func switchActive(_ context: inout Context) {
    guard draft.hasSchedule else { return context.say(.info, "No schedule to switch: S chooses one") }
    guard edit(&context, { $0.isActive.toggle() }) != .refused else { return }
    context.say(
      .info, draft.isActive ? "Switched on: sends only in the windows" : "Switched off: sends at any time")
  }

  private func promptForRate(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    context.present(
      Prompt.inWeek("Messages a minute (0: no limit): ", text: String(draft.messagesPerMinute)) {
        text, week, context throws(Problem) in try week.setRate(text, &context)
      })
  }

  mutating func setRate(_ text: String, _ context: inout Context) throws(Problem) {
    guard let rate = Int(text.trimmingBlanks), (0...2_147_483_647).contains(rate) else {
      throw Problem("expected a whole number from 0 to 2147483647; 0 is no limit")
    }
    edit(&context) { $0.messagesPerMinute = rate }
  }

  private func chooseTimeZone(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    guard draft.hasSchedule else {
      return context.say(.info, "No schedule, so no time zone: paint one first, or S chooses one")
    }
    context.present(Picker.timeZones(self, context))
  }

  mutating func setTimeZone(_ name: String, _ context: inout Context) throws(Problem) {
    guard ZoneName.isKnown(name) else {
      let suggestion = ZoneName.suggestion(for: name).map { "; did you mean \($0)?" } ?? ""
      throw Problem("“\(name)” is no IANA time zone such as Europe/Tallinn\(suggestion)")
    }
    editHours(&context) { $0.timeZone = name }
  }

  // MARK: Schedules

  /// Puts a schedule in the draft, or none; saving attaches it.
  mutating func attach(_ schedule: Schedule?, _ context: inout Context) {
    let zone = localTimeZone
    let edited = edit(&context) { draft in
      if let schedule { draft.attach(schedule) } else { draft.detach(localTimeZone: zone) }
    }
    if edited == .changed {
      context.say(
        .info, schedule.map { "“\($0.content.name)” is chosen; s saves it" } ?? "Detached; s saves it")
    }
  }

  /// Starts a schedule in the draft: a copy of another one, or closed all week.
  mutating func startSchedule(named text: String, from id: String?, _ context: inout Context) throws(Problem)
  {
    let name = try context.scheduleName(text)
    let source = context.schedule(id)
    let zone = localTimeZone
    edit(&context) { draft in
      if let source { draft.attach(source) } else if !draft.hasSchedule { draft.timeZone = zone }
      if source == nil { draft.clearHours() }
      draft.startSchedule(named: name)
    }
    context.say(.info, "“\(harmless(name))” is started; \(source == nil ? "paint it, " : "")s saves it")
  }

  // MARK: Revisions

  private func loadRevisions(_ context: inout Context) {
    guard let id = draft.scheduleID else {
      return context.say(.info, "No saved schedule here, so no revisions")
    }
    context.perform(.loadRevisions(scheduleID: id))
  }

  /// Shows on the grid what the draft changes of a revision.
  mutating func compare(with row: RevisionRow, _ context: inout Context) {
    grid.compared = row
    grid.overlay = .change
    let words = draft.content(keeping: row.content.windows).map {
      ScheduleDifference.words(from: row.content, to: $0).joined(separator: ", ")
    }
    let difference = words.flatMap { $0.isEmpty ? nil : $0 } ?? "nothing differs"
    context.say(.info, "Since revision \(row.number): \(difference); Esc ends it")
  }

  /// Puts a revision into the draft, to be seen, saved as a new one, or undone.
  mutating func restore(_ row: RevisionRow, _ context: inout Context) {
    guard edit(&context, { $0.load(row.content) }) != .refused else { return }
    context.say(.info, "Revision \(row.number) is in the draft; s saves it as a new revision")
  }

  // MARK: The mouse

  mutating func point(_ event: MouseEvent, _ context: Context) {
    switch event.kind {
    case .wheelUp: forecast.move(-3)
    case .wheelDown: forecast.move(3)
    case .press, .drag: pointAt(event, context)
    case .release: break
    }
  }

  private mutating func pointAt(_ event: MouseEvent, _ context: Context) {
    let layout = layout(context)
    if let slot = layout.grid.slot(at: Point(row: event.row, column: event.column)) {
      if event.kind == .drag, grid.pen == nil, grid.selection == nil, pane == .grid {
        grid.selection = Selection(anchor: grid.cursor, isWholeDays: false)
      } else if event.kind == .press {
        grid.selection = nil
      }
      pane = .grid
      grid.cursor = GridCursor(row: slot.row, minute: slot.minute)
    } else if event.kind == .press, event.row >= layout.listTop, event.row < layout.status {
      pane = .forecast
      forecast.selected = forecast.top + event.row - layout.listTop
    }
  }
}
