import Canvas
import Scheduling

/// What can be done in the grid and in the forecast alike; the rest is the pane's.
extension WeekScreen {
  mutating func perform(_ action: Action, _ context: inout Context) {
    switch action {
    case .undo: undo(&context)
    case .redo: redo(&context)
    case .save: save(&context)
    case .timeZone: chooseTimeZone(&context)
    case .rate: promptForLimits(&context)
    case .switchActive:
      if draft.hasSchedule {
        try? setActive(!draft.isActive, &context)
      } else {
        context.say(.info, "No schedule, so no hours to ignore: S chooses one")
      }
    case .hold: promptForHold(&context)
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
      if pane == .grid { forecast.others = nil }
      grid.pen = nil
    case .findNext where !hasFound, .findPrevious where !hasFound:
      context.say(.info, "Nothing is found to go to: / finds")
    case .find, .findNext, .findPrevious:
      // Messages stand in the forecast; what is found is shown there.
      pane = .forecast
      grid.pen = nil
      performInForecast(action, &context)
    case .explain: explain(&context)
    case .warnings: showWarnings(&context)
    default:
      if pane == .grid { performInGrid(action, &context) } else { performInForecast(action, &context) }
    }
  }

  private mutating func undo(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    if undoOutside(&context) { return }
    let move = history.undo(from: draft)
    guard case .to(let other) = move else { return say(move, .undone, &context) }
    let words = DraftDifference.words(from: other, to: draft)
    // What was saved for others is theirs.
    let isLeft =
      draft.scheduleID != nil && draft.scheduleID == saved.scheduleID && other.scheduleID != saved.scheduleID
    let rest =
      isLeft && context.servedPhones(saved.scheduleID) > 1
      ? "; “\(saved.name)” stays as saved for the others" : ""
    stepTo(other, "Undone: \(words.joined(separator: ", "))\(rest)", &context)
  }

  private mutating func redo(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    if redoOutside(&context) { return }
    let move = history.redo(from: draft)
    guard case .to(let other) = move else { return say(move, .redone, &context) }
    let words = DraftDifference.words(from: draft, to: other)
    stepTo(other, "Done again: \(words.joined(separator: ", "))", &context)
  }

  /// Why undo or redo leads nowhere.
  private func say(_ move: UndoHistory.Move, _ kind: PhoneStep.Kind, _ context: inout Context) {
    guard case .overtaken(let what) = move else {
      return context.say(.info, "Nothing to \(kind == .undone ? "undo" : "redo")")
    }
    context.say(.warning, kind.overtakenInWords(what.rawValue))
  }

  private mutating func stepTo(_ other: Draft, _ words: String, _ context: inout Context) {
    draft = other
    grid.pen = nil
    draftChanged(&context)
    context.say(.info, words)
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
    guard GridState.weekOffsets.contains(grid.weekOffset + step) else {
      return context.say(.info, "The grid goes five years ahead and one back")
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
    case .change: context.say(.info, "Overlay: what differs from what is saved")
    }
  }

  // MARK: Settings

  /// Keeps to the hours or ignores them; asks where ignoring them sends something that would wait.
  mutating func setActive(_ isActive: Bool, _ context: inout Context) throws(Problem) {
    guard draft.hasSchedule else { throw Problem("there is no schedule: S chooses one") }
    guard !context.refusesToEdit() else { return }
    guard draft.isActive != isActive else {
      return context.say(
        .info, isActive ? "It keeps to the hours already" : "The hours are ignored already")
    }
    if !isActive, let question = questionOnIgnoringHours(context) { return context.present(question) }
    edit(&context) { $0.isActive = isActive }
    context.say(
      .info,
      isActive
        ? "Keeps to the hours: sends only in the windows" : "Hours ignored: sends at any time")
  }

  private func questionOnIgnoringHours(_ context: Context) -> Question? {
    var ignoring = draft
    ignoring.isActive = false
    guard let words = hasteInWords(of: ignoring, context) else { return nil }
    return Question(
      "Ignore the hours?",
      lines: ["Without hours this phone sends at any time, day and night.", words, "To stop it instead: !"],
      .inWeek("y", "ignore the hours") { week, context in
        week.edit(&context) { $0.isActive = false }
        context.say(.warning, "Hours ignored: sends at any time; s saves it")
      })
  }

  private func questionOnDetaching(_ context: Context) -> Question? {
    var detached = draft
    detached.detach(localTimeZone: localTimeZone)
    guard let words = hasteInWords(of: detached, context) else { return nil }
    return Question(
      "No schedule?",
      lines: [
        "Without a schedule this phone sends at any time, day and night.", words, "To stop it instead: !",
      ],
      .inWeek("y", "no schedule") { week, context in week.detach(&context) })
  }

  /// What would go out while the hours are closed now, `312 messages would go out at once.`; nil for nothing.
  private func hasteInWords(of open: Draft, _ context: Context) -> String? {
    guard let then = forecast(of: open, now: context.now, context), let draft = forecast.draft else {
      return nil
    }
    let opens = draft.rules.hours.nextOpen(context.now, limit: context.now + .horizon)
    let end = opens ?? context.now + .horizon
    let early = then.position(atOrAfter: end) - draft.position(atOrAfter: end)
    guard early > 0 else { return nil }
    if then.rules.rate.gap == 0 { return "\(Words.count(early, "message")) would go out at once." }
    let until = opens.map { " before \(Words.brief($0, now: context.now, on: clock(context)))" } ?? ""
    return
      "\(Words.count(early)) more messages would go out\(until), \(shown.rateInWords), the first at once."
  }

  private func promptForLimits(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    let text =
      draft.messagesPerDay == 0
      ? String(draft.messagesPerMinute) : "\(draft.messagesPerMinute), \(draft.messagesPerDay)"
    var prompt = Prompt.inWeek(
      "Messages a minute, a day: ", text: text,
      hints: [Hint("12", "a minute"), Hint("12, 200", "and at most 200 a day"), Hint("0", "no limit")]
    ) { text, week, context throws(Problem) in week.apply(try .limits(text), &context) }
    prompt.follows = .preview { text, _ throws(Problem) in try .limits(text) }
    context.present(prompt)
  }

  private func chooseTimeZone(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    guard draft.hasSchedule else {
      return context.say(.info, "No schedule, so no time zone: paint one first, or S chooses one")
    }
    context.present(Picker.timeZones(self, context))
  }

  // MARK: Schedules

  /// Puts a schedule in the draft, or none; saving attaches it. Asks where none sends something that would wait.
  mutating func attach(_ schedule: Schedule?, _ context: inout Context) {
    guard let schedule else {
      if draft.hasSchedule, let question = questionOnDetaching(context) { return context.present(question) }
      return detach(&context)
    }
    if edit(&context, { $0.attach(schedule) }) == .changed {
      context.say(.info, "“\(harmless(schedule.content.name))” is chosen; s saves it")
    }
  }

  private mutating func detach(_ context: inout Context) {
    let zone = localTimeZone
    if edit(&context, { $0.detach(localTimeZone: zone) }) == .changed {
      context.say(.info, "No schedule any more: sends at any time; s saves it")
    }
  }

  /// Starts a schedule in the draft, closed all week.
  mutating func startSchedule(named name: String, in zone: String, _ context: inout Context) {
    edit(&context) { draft in
      draft.clearHours()
      draft.timeZone = zone
      draft.startSchedule(named: name)
    }
    context.say(.info, "“\(harmless(name))” is started in \(zone); paint its hours, s saves it")
  }

  /// Starts a copy of a schedule in the draft.
  mutating func startCopy(named text: String, of id: String, _ context: inout Context) throws(Problem) {
    let name = try context.scheduleName(text)
    guard let source = context.schedule(id) else { throw Problem("that schedule was deleted meanwhile") }
    edit(&context) { draft in
      draft.attach(source)
      draft.startSchedule(named: name)
    }
    context.say(
      .info,
      "“\(harmless(name))” is a new schedule, with the hours of “\(harmless(source.content.name))”; s saves it"
    )
  }

  // MARK: Revisions

  /// Those of the schedule, from which Tab leads to those of the phone; without a schedule these.
  private func loadRevisions(_ context: inout Context) {
    if let id = draft.scheduleID {
      context.perform(.loadRevisions(scheduleID: id))
    } else {
      context.perform(.loadPhoneRevisions(phoneID: phone.id))
    }
  }

  /// Shows on the grid what the draft changes of a revision.
  mutating func compare(with row: RevisionRow, _ context: inout Context) {
    if grid.compared == nil { grid.overlayBefore = grid.overlay }
    (grid.compared, grid.overlay) = (row, .change)
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
