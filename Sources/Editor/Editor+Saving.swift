import Canvas
import Scheduling

/// Saving, and what is asked before and after it.
extension Editor {
  mutating func save(then next: AfterSave) -> [Effect] {
    guard !refusesToEdit(), let week else { return [] }
    guard week.isChanged else {
      say(.info, "Nothing has changed since it was saved")
      return next == .stay ? [] : follow(next)
    }
    let draft = week.draft
    if draft.hasSchedule, draft.week.isEmpty {
      say(.error, "A schedule needs a window; to lift all limits: o switches it off, S detaches")
      return []
    }
    if draft.attachment == .new, draft.name.trimmingBlanks.isEmpty {
      modal = .prompt(
        Prompt(.nameForSave(next, copy: false), label: "Name of the new schedule: ", text: proposedName()))
      return []
    }
    guard gateway != nil else {
      say(.info, "Still loading which phones share the schedule; press s again")
      return []
    }
    let others = phonesSharing(draft.scheduleID).filter { $0.id != week.phone.id }
    if contentUpdate() != nil, !others.isEmpty {
      askWhetherShared(others, draft, next)
      return []
    }
    return commit(next)
  }

  /// The changed content of a schedule that exists; nil if it stays as it is.
  private func contentUpdate() -> (id: String, content: ScheduleContent, basedOn: Int)? {
    guard let week, let id = week.draft.scheduleID, let stored = storedSchedule(id),
      let content = week.draft.content(keeping: stored.content.windows), content != stored.content
    else { return nil }
    let isSameWeek = WeekMinutes(stored.content.windows) == week.draft.week
    if isSameWeek, content.name == stored.content.name, content.timeZone == stored.content.timeZone,
      content.isActive == stored.content.isActive
    {
      return nil
    }
    return (id, content, week.draft.revision)
  }

  /// The schedule as the editor last saw it stored.
  private func storedSchedule(_ id: String) -> Schedule? {
    if let schedule = week?.schedule, schedule.id == id { return schedule }
    return gateway?.schedules.first { $0.id == id }
  }

  private mutating func askWhetherShared(_ others: [Phone], _ draft: Draft, _ next: AfterSave) {
    let names = others.prefix(3).map { $0.label.isEmpty ? $0.number : $0.label }.joined(separator: ", ")
    let more = others.count > 3 ? " and \(Words.count(others.count - 3)) more" : ""
    modal = .question(
      Question(
        title: "“\(draft.name)” serves \(Words.count(others.count + 1)) phones",
        lines: changeLines() + ["", "It is also the schedule of \(names)\(more)."],
        options: [
          .init(key: "a", label: "save for all of them", answer: .saveForAll(next)),
          .init(key: "c", label: "a copy for this phone", answer: .saveCopy(next)),
        ]))
  }

  private func proposedName() -> String {
    guard let phone = week?.phone else { return "" }
    return phone.label.isEmpty ? phone.number : phone.label
  }

  mutating func askNameOfCopy(_ next: AfterSave) {
    let name = week.map { "\($0.draft.name) (\(proposedName()))" } ?? ""
    modal = .prompt(Prompt(.nameForSave(next, copy: true), label: "Name of the copy: ", text: name))
  }

  /// Takes the name that was asked for, and saves.
  mutating func saveNamed(_ name: String, copy: Bool, then next: AfterSave) -> Result<[Effect], Problem> {
    if let problem = problem(withName: name) { return .failure(problem) }
    let effects = edit { draft in
      draft.name = name.trimmingBlanks
      if copy { draft.attachment = .new }
    }
    return .success(effects + commit(next))
  }

  /// Names are told apart in lists and on the command line.
  func problem(withName name: String, except id: String? = nil) -> Problem? {
    let name = name.trimmingBlanks
    if name.isEmpty { return Problem("expected a name") }
    if name.count > 100 { return Problem("expected at most 100 characters") }
    let isTaken = gateway?.schedules.contains { $0.content.name == name && $0.id != id } ?? false
    return isTaken ? Problem("there is a schedule “\(name)” already") : nil
  }

  /// Hands the draft over to be saved.
  mutating func commit(_ next: AfterSave) -> [Effect] {
    guard let week else { return [] }
    pendingSave = next
    submitted = week.draft
    let draft = week.draft
    let schedule: SaveRequest.ScheduleChange
    if let update = contentUpdate() {
      schedule = .update(id: update.id, content: update.content, basedOn: update.basedOn)
    } else if draft.attachment == .new,
      let content = draft.content(keeping: week.schedule?.content.windows ?? [])
    {
      schedule = .create(content)
    } else {
      schedule = .attach(id: draft.scheduleID)
    }
    let rate =
      draft.messagesPerMinute == week.phone.messagesPerMinute
      ? nil : SaveRequest.RateChange(from: week.phone.messagesPerMinute, to: draft.messagesPerMinute)
    return [
      .save(
        SaveRequest(
          phoneID: week.phone.id, schedule: schedule, attachedBefore: week.phone.scheduleID,
          servedPhones: served[draft.scheduleID ?? ""] ?? 0, rate: rate))
    ]
  }

  mutating func receiveSaved(_ opened: OpenedPhone, _ note: String) -> [Effect] {
    guard week?.phone.id == opened.phone.id else { return [.loadGateway] }
    week?.phone = opened.phone
    week?.schedule = opened.schedule
    week?.compared = nil
    keepEditsSinceSaving()
    refreshForecasts()
    say(.good, note)
    let next = pendingSave ?? .stay
    pendingSave = nil
    if week?.isChanged == true {
      return [.loadGateway] + draftChanged() + (next == .stay ? [] : leave(next))
    }
    return [.dropDraft(phoneID: opened.phone.id), .loadGateway] + (next == .stay ? settle() : follow(next))
  }

  /// The draft is what was saved, and what was edited while that was under way.
  private mutating func keepEditsSinceSaving() {
    guard var week else { return }
    let saved = week.saved
    let wasNew = submitted?.attachment == .new
    // What was new when it was handed over has an id now, and everything a newer revision.
    let settled = { (draft: Draft) in
      var draft = draft
      if wasNew, draft.attachment == .new {
        draft.attachment = saved.attachment
        if draft.name.isEmpty { draft.name = saved.name }
      }
      if draft.attachment == saved.attachment { draft.revision = saved.revision }
      return draft
    }
    week.history.map(settled)
    week.draft =
      DraftMerge(ancestor: settled(submitted ?? week.draft), mine: settled(week.draft), theirs: saved).merged
    submitted = nil
    self.week = week
  }

  /// Somebody was faster: what they saved is merged in, and nothing of mine is lost.
  mutating func receiveOvertaken(_ opened: OpenedPhone, _ current: Schedule?, _ base: ScheduleContent?)
    -> [Effect]
  {
    pendingSave = nil
    submitted = nil
    guard week?.phone.id == opened.phone.id else { return [.loadGateway] }
    var effects = receive(opened)
    if let week, let id = week.draft.scheduleID, id != opened.schedule?.id {
      effects += rebase(id, current, base)
    }
    if notice == nil { say(.warning, "Somebody saved meanwhile; look at it, and s saves") }
    return effects + [.loadGateway]
  }

  /// Brings work on a schedule that is chosen, and not yet the phone's, up to what is stored.
  private mutating func rebase(_ id: String, _ current: Schedule?, _ base: ScheduleContent?) -> [Effect] {
    guard var week else { return [] }
    if let current, current.id == id {
      var (ancestor, theirs) = (week.draft, week.draft)
      ancestor.load(base ?? current.content)
      theirs.attach(current)
      let merge = DraftMerge(ancestor: ancestor, mine: week.draft, theirs: theirs)
      week.draft = merge.merged
      self.week = week
      if !merge.conflicts.isEmpty { ask(merge.conflicts, author: "Somebody") }
    } else {
      week.draft.startSchedule(named: week.draft.name, isActive: week.draft.isActive)
      self.week = week
      say(.warning, "The schedule was deleted meanwhile; s saves your hours as a new one")
    }
    return draftChanged()
  }

  /// What is unsaved, a line each.
  func changeLines() -> [String] {
    guard let week else { return [] }
    let (old, new) = (week.saved, week.draft)
    var lines: [String] = []
    if old.attachment != new.attachment {
      switch new.attachment {
      case .none: lines.append("Detached from “\(old.name)”: sends at any time")
      case .new: lines.append("A new schedule\(new.name.isEmpty ? "" : " “\(new.name)”")")
      case .existing: lines.append("Schedule “\(new.name)”")
      }
    } else if old.name != new.name {
      lines.append("Renamed from “\(old.name)” to “\(new.name)”")
    }
    if new.hasSchedule {
      if old.timeZone != new.timeZone, old.hasSchedule {
        lines.append("Time zone \(old.timeZone) -> \(new.timeZone)")
      }
      if old.isActive != new.isActive { lines.append(new.isActive ? "Switched on" : "Switched off") }
      let hours = ScheduleDifference.words(from: old.week, to: new.week)
      if !hours.isEmpty { lines.append(hours.joined(separator: ", ")) }
    }
    if old.messagesPerMinute != new.messagesPerMinute {
      lines.append("Rate \(Self.rate(old.messagesPerMinute)) -> \(Self.rate(new.messagesPerMinute))")
    }
    return lines
  }

  static func rate(_ messagesPerMinute: Int) -> String {
    messagesPerMinute == 0 ? "no limit" : "\(Words.count(messagesPerMinute)) a minute"
  }
}
