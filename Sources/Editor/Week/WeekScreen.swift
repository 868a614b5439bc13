import Canvas
import Scheduling

/// The week of a phone: its grid and its forecast, with the unsaved work on it.
package struct WeekScreen: Sendable {
  /// As it is stored.
  package internal(set) var phone: Phone
  package internal(set) var schedule: Schedule?
  /// As it is edited.
  package internal(set) var draft: Draft
  package internal(set) var history = UndoHistory<Draft>()
  /// A save that is under way.
  var saving: Saving?
  /// What two people changed differently and is being asked about.
  var conflicts: [DraftMerge.Conflict] = []

  package internal(set) var pane = Pane.grid
  package internal(set) var grid: GridState
  package internal(set) var forecast = ForecastPane()

  /// For a schedule that is started here.
  let localTimeZone: String

  /// A phone as it was opened, at the present time; zoomed and overlaid as the phone that was open before.
  init(_ opened: OpenedPhone, like other: WeekScreen?, _ context: Context) {
    phone = opened.phone
    schedule = opened.schedule
    localTimeZone = context.settings.localTimeZone
    draft = Draft(phone: opened.phone, schedule: opened.schedule, localTimeZone: localTimeZone)
    grid = GridState()
    if let other { (grid.overlay, grid.slotMinutes) = (other.grid.overlay, other.grid.slotMinutes) }
    goToNow(context)
  }

  /// The draft of an untouched phone; what it is compared with.
  package var saved: Draft { Draft(phone: phone, schedule: schedule, localTimeZone: localTimeZone) }

  package var isChanged: Bool { draft != saved }

  /// The clock by which the grid is drawn: the draft's time zone.
  func clock(_ context: Context) -> ZoneTimeline { context.clock(draft.timeZone) ?? .utc }

  /// The dates of the rows.
  func dates(_ context: Context) -> WeekDates {
    WeekDates(
      now: context.now, timeline: clock(context), firstDayOfWeek: context.settings.firstDayOfWeek,
      offset: grid.weekOffset)
  }

  // MARK: Editing

  /// What became of an edit.
  enum Edited: Equatable { case refused, unchanged, changed }

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
    if recording { history.record(draft) }
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
    if !hadSchedule, draft.hasSchedule {
      context.say(.info, "A new schedule is started for this phone; s saves it")
    }
    return edited
  }

  /// What follows any change of the draft.
  mutating func draftChanged(_ context: inout Context) {
    refreshDraftForecast(context)
    context.perform(
      isChanged
        ? .keepDraft(
          KeptDraft(
            phoneID: phone.id, draft: draft, phone: phone, schedule: schedule, keptAt: context.now))
        : .dropDraft(phoneID: phone.id))
  }

  // MARK: Before drawing

  /// Scrolls to where the work is, counts what the overlay shows, and asks for the texts that the list lacks.
  mutating func prepare(_ context: inout Context) {
    let layout = layout(context)
    grid.firstMinute = layout.grid.firstMinute
    countSlots(context)
    forecast.scroll(rows: layout.listRows)
    let wanted = forecast.wantedTexts(rows: layout.listRows)
    if !wanted.isEmpty { context.perform(.loadTexts(keys: wanted)) }
  }

  private mutating func countSlots(_ context: Context) {
    guard grid.overlay == .load, let forecast = forecast.draft else { return }
    let subject = SlotCounts.Subject(
      dates: dates(context), slotMinutes: grid.slotMinutes, timeZone: draft.timeZone)
    if grid.counts?.subject == subject { return }
    grid.counts = SlotCounts(forecast: forecast, subject: subject, timeline: clock(context))
  }
}
