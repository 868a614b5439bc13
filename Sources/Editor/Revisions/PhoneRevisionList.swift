import Canvas
import Scheduling

/// What was changed of a phone, the newest first: rate, limit, label, schedule, hold.
struct PhoneRevisionList: Modal {
  private var box: ReadingBox
  private let scheduleID: String?

  init(_ rows: [PhoneRevisionRow], _ week: WeekScreen, _ context: Context) {
    let clock = week.clock(context)
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    let now = local(context.now)
    scheduleID = week.draft.scheduleID
    var lines = rows.map { row in
      ReadingBox.Line(
        key: Words.minute(local(row.savedAt), now: now),
        text: "\(harmless(row.author)): "
          + harmless(row.hold?.inWords(now: context.now, clock: clock) ?? row.summary))
    }
    if lines.isEmpty { lines = [ReadingBox.Line(text: "No change of this phone is recorded.", role: .dim)] }
    box = ReadingBox(title: "Changes of \(week.phone.number)", lines: lines)
  }

  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    if key == .tab, let scheduleID { editor.context.perform(.loadRevisions(scheduleID: scheduleID)) }
    return box.press(key, editor.size) ? .stays : .closes
  }

  func draw(on canvas: inout Canvas, _ context: Context) {
    box.draw(
      footer: (scheduleID == nil ? [] : [Hint("Tab", "of the schedule")]) + [Hint("Esc", "close")],
      on: &canvas, context)
  }
}

extension Picker {
  /// The schedules that were deleted, to bring one back.
  static func deleted(_ schedules: [DeletedSchedule], _ context: Context) -> Picker {
    let items = schedules.map { schedule in
      let row = schedule.row
      let clock = context.clock(row.content.timeZone) ?? .utc
      let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
      return Item(
        id: schedule.id, title: row.content.name,
        detail: "deleted by \(row.author), \(Words.minute(local(row.savedAt), now: local(context.now)))")
    }
    return Picker(title: "Bring back a deleted schedule", items: items, selected: nil) { item, editor in
      guard !editor.context.refusesToEdit() else { return }
      guard let revision = schedules.first(where: { $0.id == item.id })?.row.number else { return }
      editor.context.perform(.restoreSchedule(id: item.id, revision: revision))
    }
  }
}
