import Canvas
import Scheduling

/// Choosing and managing schedules.
extension Picker {
  /// The schedules, for the phone that is open or for phones of the list; the choice of none is among them.
  static func schedules(for phoneIDs: [String], selected: String?, inWeek: Bool, _ context: Context) -> Picker
  {
    var items = (context.gateway?.schedules ?? []).map { schedule in
      let content = schedule.content
      let hours = Words.hours(minutes: WeekMinutes(content.windows).total)
      let served = Words.count(context.servedPhones(schedule.id), "phone")
      return Item(
        id: schedule.id, title: content.name,
        detail: "\(served)\(content.isActive ? "" : ", hours ignored"), \(content.timeZone), \(hours)")
    }
    items.append(Item(id: noSchedule, title: "(no schedule)", detail: "sends at any time"))
    let many = phoneIDs.count > 1 ? " for \(Words.count(phoneIDs.count)) phones" : ""
    return Picker(
      title: "Schedule\(many)", items: items, selected: selected ?? noSchedule,
      commands: inWeek
        ? [newSchedule, duplicate, rename, dates, delete, deleted]
        : [NewSchedule.command(forPhones: phoneIDs), rename, delete, deleted]
    ) { item, editor in
      guard !editor.context.refusesToEdit() else { return }
      let schedule = editor.context.schedule(item.id)
      if schedule == nil, item.id != noSchedule {
        editor.context.say(.error, "That schedule was deleted meanwhile")
      } else if inWeek {
        editor.week?.attach(schedule, &editor.context)
      } else if !phoneIDs.isEmpty {
        editor.context.perform(.weighAttaching(scheduleID: schedule?.id, phoneIDs: phoneIDs))
      }
    }
  }

  /// The choice of no schedule.
  private static let noSchedule = ""

  /// A command for the schedule that is selected.
  private static func command(
    _ key: Character, _ words: String, _ perform: @escaping @Sendable (Item, inout Editor) -> Void
  ) -> Command {
    Command(key: key, words: words) { item, editor in
      guard let item, item.id != noSchedule, !editor.context.refusesToEdit() else { return .stays }
      perform(item, &editor)
      return .closes
    }
  }

  private static let newSchedule = Command(key: "n", words: "new") { _, editor in
    guard !editor.context.refusesToEdit() else { return .stays }
    editor.context.present(
      NewSchedule.askNameAndZone { name, zone, editor in
        editor.week?.startSchedule(named: name, in: zone, &editor.context)
      })
    return .closes
  }

  private static let duplicate = command("y", "duplicate") { item, editor in
    editor.context.present(
      Prompt.inWeek("Name of the copy: ", text: item.title + " (copy)") {
        name, week, context throws(Problem) in
        try week.startCopy(named: name, of: item.id, &context)
      })
  }

  private static let rename = command("r", "rename") { item, editor in
    editor.context.present(
      Prompt("New name: ", text: item.title) { name, editor throws(Problem) in
        let name = try editor.context.scheduleName(name, except: item.id)
        if var week = editor.week, week.draft.scheduleID == item.id {
          week.edit(&editor.context) { $0.name = name }
          editor.week = week
        } else {
          editor.context.perform(.renameSchedule(id: item.id, name: name))
        }
      })
  }

  private static let dates = Command(key: "e", words: "dates") { item, editor in
    guard let item, let week = editor.week, item.id == week.draft.scheduleID else {
      editor.context.say(.info, "The dates of a schedule can be seen where it is chosen: Enter first")
      return .stays
    }
    editor.context.present(ExceptionList(week, editor.context))
    return .closes
  }

  private static let deleted = Command(key: "d", words: "deleted ones") { _, editor in
    editor.context.perform(.loadDeletedSchedules)
    return .closes
  }

  private static let delete = command("x", "delete") { item, editor in
    editor.context.perform(
      .weigh(
        Weighing(
          purpose: .delete(id: item.id, name: item.title), content: nil,
          phoneIDs: editor.context.phonesSharing(item.id).map(\.id))))
  }
}

extension Context {
  /// In characters.
  static let longestScheduleName = 100

  func hasSchedule(named name: String, except id: String? = nil) -> Bool {
    gateway?.schedules.contains { $0.content.name == name && $0.id != id } ?? false
  }

  /// A name for a schedule, without blanks at its ends: names are told apart in lists and on the command line.
  func scheduleName(_ text: String, except id: String? = nil) throws(Problem) -> String {
    let name = text.trimmingBlanks
    if name.isEmpty { throw Problem("expected a name") }
    if name.count > Self.longestScheduleName {
      throw Problem("expected at most \(Self.longestScheduleName) characters")
    }
    if hasSchedule(named: name, except: id) {
      throw Problem("there is a schedule “\(name)” already")
    }
    return name
  }
}
