import Canvas
import Scheduling

/// The week of a phone: its grid and its forecast, with the unsaved work on it.
package struct WeekScreen: Sendable {
  /// As it is stored.
  package internal(set) var phone: Phone { didSet { noteSaved() } }
  package internal(set) var schedule: Schedule? { didSet { noteSaved() } }
  /// Who held the phone, and when.
  var holder: Stamp?
  /// As it is edited.
  package internal(set) var draft: Draft
  package internal(set) var history = UndoHistory()
  /// What acted at once, for undo.
  var outside = OutsideChanges()
  /// What the draft would be with the text that is being typed.
  var preview: Draft?
  /// The hold that is being typed.
  var previewedHold: Hold?
  /// A save that is under way.
  var saving: Saving?
  /// A save that waits until it is known which phones share the schedule.
  var postponed: Saving?
  /// A save of which it is looked what it does to other phones.
  var weighed: Saving?
  /// The phone's schedule, deleted from here; what is stored now is still to come.
  var deleted: String?
  /// What two people changed differently and is being asked about.
  var conflicts: [DraftMerge.Conflict] = [] { didSet { if conflicts.isEmpty { undecided = nil } } }
  /// What the draft was made from before the first save that it is in conflict with.
  private(set) var undecided: Undecided?

  /// Merged anew with what is stored, a draft that is kept with this asks again what was not decided.
  struct Undecided: Sendable {
    var phone: Phone
    var schedule: Schedule?
    /// The revision of a schedule that is chosen and not yet the phone's.
    var revision: Int?
  }

  /// Notes from what the draft was made, for conflicts that are to be asked about; the first counts.
  mutating func noteUndecided(_ base: Undecided) { if undecided == nil { undecided = base } }

  package internal(set) var pane = Pane.grid
  package internal(set) var grid: GridState
  package internal(set) var forecast = ForecastPane()

  /// For a schedule that is started here.
  let localTimeZone: String

  /// A phone as it was opened, at the present time; zoomed and overlaid as the phone that was open before.
  init(_ opened: OpenedPhone, like other: WeekScreen?, _ context: Context) {
    phone = opened.phone
    schedule = opened.schedule
    holder = opened.holder
    localTimeZone = context.settings.localTimeZone
    draft = Draft(phone: opened.phone, schedule: opened.schedule, localTimeZone: localTimeZone)
    saved = draft
    grid = GridState()
    if let other { (grid.overlay, grid.slotMinutes) = (other.grid.overlay, other.grid.slotMinutes) }
    goToNow(context)
  }

  /// The draft of an untouched phone; what it is compared with.
  package private(set) var saved: Draft

  private mutating func noteSaved() {
    saved = Draft(phone: phone, schedule: schedule, localTimeZone: localTimeZone)
  }

  /// What was drawn last, to be put down again as long as it is the same.
  var drawnForecast = DrawnPart<ForecastPicture>()
  var drawnGrid = DrawnPart<GridPicture>()
  var drawnWarning = DrawnPart<WarningPicture>()

  package var isChanged: Bool { draft != saved }

  /// What is drawn, and forecast: the draft, or what it would be.
  package var shown: Draft { preview ?? draft }

  /// The clock by which the grid is drawn: the draft's time zone.
  func clock(_ context: Context) -> ZoneTimeline { context.clock(shown.timeZone) ?? .utc }

  /// The dates of the rows.
  func dates(_ context: Context) -> WeekDates {
    WeekDates(
      now: context.now, timeline: clock(context), firstDayOfWeek: context.settings.firstDayOfWeek,
      offset: grid.weekOffset)
  }

  // MARK: Editing

  /// What became of an edit.
  enum Edited: Equatable {
    case refused, unchanged, changed
    /// Changed, and a new schedule is started by it, which was said.
    case started
  }

  /// Changes the draft, computes the forecast again, and keeps the draft.
  ///
  /// It is a step of undo, unless it goes on with one (`recording` false).
  @discardableResult
  mutating func edit(
    _ context: inout Context, recording: Bool = true, _ change: (inout Draft) -> Void
  ) -> Edited {
    guard !context.refusesToEdit() else { return .refused }
    var changed = draft
    change(&changed)
    guard changed != draft else { return .unchanged }
    guard changed.exceptions.count <= max(draft.exceptions.count, ScheduleException.most) else {
      context.say(.error, "A schedule has at most \(Words.count(ScheduleException.most)) exceptions")
      return .refused
    }
    if recording {
      history.record(draft)
      outside.forgetUndone()
    }
    draft = changed
    draftChanged(&context)
    return .changed
  }

  /// Edits the hours; a phone without a schedule gets a new one with the first that is allowed.
  @discardableResult
  mutating func editHours(
    _ context: inout Context, allowing: Bool = true, recording: Bool = true, _ change: (inout Draft) -> Void
  ) -> Edited {
    let hadSchedule = draft.hasSchedule
    if !hadSchedule, !allowing {
      context.say(.info, "No schedule yet, so nothing to deny: paint what is allowed, or S chooses one")
      return .refused
    }
    let edited = edit(&context, recording: recording) { draft in
      if !draft.hasSchedule { draft.startSchedule(named: "") }
      change(&draft)
    }
    guard !hadSchedule, draft.hasSchedule else { return edited }
    context.say(.info, "A new schedule is started for this phone; s saves it")
    return .started
  }

  /// Shows what an edit would do, while it is typed; nil shows the draft again.
  mutating func show(preview change: WeekChange?, _ context: Context) {
    var changed = draft
    if change?.needsSchedule ?? false, !changed.hasSchedule { changed.startSchedule(named: "") }
    change?.apply(&changed)
    preview = changed == draft ? nil : changed
    refreshDraftForecast(context)
  }

  /// Makes an edit that was typed, and says what it changed.
  mutating func apply(_ change: WeekChange, _ context: inout Context) {
    let old = draft
    let edited =
      change.needsSchedule
      ? editHours(&context) { change.apply(&$0) } : edit(&context) { change.apply(&$0) }
    guard edited == .changed || edited == .unchanged else { return }
    context.say(change.isOver ? .warning : .good, change.words(from: old, to: draft))
  }

  /// What follows any change of the draft.
  mutating func draftChanged(_ context: inout Context) {
    refreshDraftForecast(context)
    context.perform(isChanged ? .keepDraft(kept(at: context.now)) : .dropDraft(phoneID: phone.id))
  }

  /// The draft as it is kept against a lost connection.
  private func kept(at now: Instant) -> KeptDraft {
    var kept = KeptDraft(phoneID: phone.id, draft: draft, phone: phone, schedule: schedule, keptAt: now)
    guard let undecided else { return kept }
    (kept.phone, kept.schedule) = (undecided.phone, undecided.schedule)
    if let revision = undecided.revision { kept.draft.revision = revision }
    return kept
  }

  // MARK: Before drawing

  /// Scrolls to where the work is, counts what the overlay shows, and asks for the texts that the list lacks.
  mutating func prepare(_ context: inout Context) {
    findWarnings()
    let layout = layout(context)
    grid.firstMinute = layout.grid.firstMinute
    countSlots(&context)
    forecast.scroll(rows: layout.listRows)
    let wanted = forecast.wantedTexts(rows: layout.listRows)
    if !wanted.isEmpty { context.perform(.loadTexts(keys: wanted)) }
    prepareOthers(layout, &context)
  }

  private mutating func countSlots(_ context: inout Context) {
    guard grid.overlay == .load, let forecast = forecast.draft else { return }
    let week = dates(context).instants(in: clock(context))
    let past = week.lowerBound..<max(week.lowerBound, min(week.upperBound, context.now))
    if !past.isEmpty, grid.wantsPast(past) {
      context.perform(.countSends(phoneID: phone.id, during: past))
    }
    let subject = SlotCounts.Subject(
      dates: dates(context), slotMinutes: grid.slotMinutes, timeZone: shown.timeZone)
    if grid.counts?.subject == subject { return }
    grid.counts = SlotCounts(forecast: forecast, past: grid.past, subject: subject, timeline: clock(context))
  }
}
