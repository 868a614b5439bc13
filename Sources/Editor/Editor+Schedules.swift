import Canvas
import Scheduling

/// Choosing and managing schedules.
extension Editor {
  static let detachID = ""

  mutating func chooseSchedule() -> [Effect] {
    guard let week else { return [] }
    openSchedulePicker(for: [week.phone.id], selected: week.draft.scheduleID)
    return []
  }

  mutating func openSchedulePicker(for phoneIDs: [String], selected: String?) {
    let schedules = gateway?.schedules ?? []
    var items = schedules.map { schedule in
      let content = schedule.content
      let hours = Words.hours(minutes: WeekMinutes(content.windows).total)
      let state = content.isActive ? "" : ", off"
      return Picker.Item(
        id: schedule.id, title: content.name,
        detail: "\(content.timeZone), \(hours), \(Words.count(served[schedule.id] ?? 0, "phone"))\(state)")
    }
    items.append(Picker.Item(id: Self.detachID, title: "(no schedule)", detail: "sends at any time"))
    let many = phoneIDs.count > 1 ? " for \(Words.count(phoneIDs.count)) phones" : ""
    var picker = Picker(
      purpose: .schedule(phoneIDs: phoneIDs), title: "Schedule\(many)", items: items, isFiltering: false)
    picker.selected = items.firstIndex { $0.id == selected } ?? (selected == nil ? items.count - 1 : 0)
    modal = .picker(picker)
  }

  mutating func command(_ character: Character, in picker: Picker) -> [Effect] {
    guard case .schedule = picker.purpose else { return [] }
    var picker = picker
    let item = picker.chosen
    switch character {
    case "j": picker.move(1)
    case "k": picker.move(-1)
    case "g": picker.selected = 0
    case "G": picker.move(picker.items.count)
    case "/":
      picker.isFiltering = true
      picker.filter = ""
    case "q":
      modal = nil
      return []
    case "n" where !refusesToEdit() && week != nil:
      modal = .prompt(Prompt(.newSchedule, label: "Name of the new schedule: "))
      return []
    case "y":
      guard let item, item.id != Self.detachID, week != nil, !refusesToEdit() else { return [] }
      modal = .prompt(
        Prompt(.duplicate(id: item.id), label: "Name of the copy: ", text: item.title + " (copy)"))
      return []
    case "r":
      guard let item, item.id != Self.detachID, !refusesToEdit() else { return [] }
      modal = .prompt(Prompt(.rename(id: item.id), label: "New name: ", text: item.title))
      return []
    case "x":
      guard let item, item.id != Self.detachID, !refusesToEdit() else { return [] }
      askToDelete(item)
      return []
    default: return []
    }
    modal = .picker(picker)
    return []
  }

  private mutating func askToDelete(_ item: Picker.Item) {
    let freed = phonesSharing(item.id)
    let names = freed.prefix(8).map { $0.label.isEmpty ? $0.number : "\($0.number) \($0.label)" }
    var lines = freed.isEmpty ? ["No phone has it."] : ["It frees these phones to send at any time:"] + names
    if freed.count > names.count { lines.append("and \(Words.count(freed.count - names.count)) more") }
    modal = .question(
      Question(
        title: "Delete “\(item.title)”?", lines: lines,
        options: [.init(key: "x", label: "delete", answer: .delete(id: item.id))]))
  }

  /// In a phone the choice is a change like any other, to be seen and saved; for many phones it is done.
  mutating func attach(_ id: String, to phoneIDs: [String]) -> [Effect] {
    guard !refusesToEdit() else { return [] }
    let schedule = gateway?.schedules.first { $0.id == id }
    if schedule == nil, id != Self.detachID {
      say(.error, "That schedule was deleted meanwhile")
      return []
    }
    if let week, phoneIDs == [week.phone.id] {
      let zone = settings.localTimeZone
      let effects = edit { draft in
        if let schedule { draft.attach(schedule) } else { draft.detach(localTimeZone: zone) }
      }
      if effects.contains(where: { if case .keepDraft = $0 { true } else { false } }) {
        say(.info, schedule.map { "“\($0.content.name)” is chosen; s saves it" } ?? "Detached; s saves it")
      }
      return effects
    }
    let name = schedule.map { "“\($0.content.name)”" } ?? "no schedule"
    modal = .question(
      Question(
        title: "Attach \(name)",
        lines: [
          "\(Words.count(phoneIDs.count, "phone")) will have \(name), at once.",
          "They have \(schedulesNow(of: phoneIDs)) now.",
        ],
        options: [
          .init(key: "y", label: "yes", answer: .attach(scheduleID: schedule?.id, phoneIDs: phoneIDs))
        ]))
    return []
  }

  /// `Office hours (2), none (1)`: what some phones have now.
  private func schedulesNow(of phoneIDs: [String]) -> String {
    let ids = Set(phoneIDs)
    var counts: [String: Int] = [:]
    for row in gateway?.phones ?? [] where ids.contains(row.phone.id) {
      counts[phones.schedule(of: row.phone)?.content.name ?? "none", default: 0] += 1
    }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let names = sorted.prefix(4).map { "\($0.key) (\(Words.count($0.value)))" }
    return names.joined(separator: ", ") + (sorted.count > 4 ? " and others" : "")
  }

  mutating func startSchedule(named name: String, from id: String?) -> Result<[Effect], Problem> {
    if let problem = problem(withName: name) { return .failure(problem) }
    let source = gateway?.schedules.first { $0.id == id }
    let zone = settings.localTimeZone
    let effects = edit { draft in
      if let source { draft.attach(source) } else if !draft.hasSchedule { draft.timeZone = zone }
      if source == nil { draft.week = WeekMinutes() }
      draft.startSchedule(named: name.trimmingBlanks)
    }
    say(
      .info, "“\(harmless(name.trimmingBlanks))” is started; \(source == nil ? "paint it, " : "")s saves it")
    return .success(effects)
  }

  mutating func rename(_ id: String, to name: String) -> Result<[Effect], Problem> {
    if let problem = problem(withName: name, except: id) { return .failure(problem) }
    if let week, week.draft.scheduleID == id {
      return .success(edit { $0.name = name.trimmingBlanks })
    }
    return .success([.renameSchedule(id: id, name: name.trimmingBlanks)])
  }
}
