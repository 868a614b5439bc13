import Canvas
import Scheduling

/// What comes in from the database: phones, schedules, and somebody else's saves.
extension Editor {
  mutating func receive(_ gateway: Gateway) {
    self.gateway = gateway
    served = [:]
    for row in gateway.phones {
      if let id = row.phone.scheduleID { served[id, default: 0] += 1 }
    }
    phones.show(gateway)
    if let id = week?.phone.id { phones.select(id) }
  }

  mutating func receive(_ opened: OpenedPhone) -> [Effect] {
    if let current = week, current.phone.id == opened.phone.id {
      return receiveChange(opened, in: current)
    }
    open(opened)
    let keys = held
    (opening, held) = (nil, [])
    return keys.reduce(into: settle()) { effects, key in effects += press(key) }
  }

  /// Somebody removed the phone that is open.
  mutating func receiveGone(_ phoneID: String) -> [Effect] {
    (opening, held) = (nil, [])
    if week?.phone.id == phoneID {
      week = nil
      modal = nil
      say(.warning, "Somebody removed this phone and its queue")
    }
    return [.loadGateway] + settle()
  }

  private mutating func open(_ opened: OpenedPhone) {
    var next = WeekState(
      opened, cursor: GridCursor(row: 0, minute: 540), localTimeZone: settings.localTimeZone)
    if let week {
      next.overlay = week.overlay
      next.slotMinutes = week.slotMinutes
    }
    week = next
    _ = goToNow()
    phones.select(opened.phone.id)
    if let kept = opened.kept, !settings.isReadOnly { offer(kept) }
  }

  // MARK: Unsaved work of before

  /// In the phone list: where there is unsaved work, and the way to the newest.
  mutating func offerToOpen(_ kept: [KeptDraft]) {
    guard week == nil, let newest = kept.first else { return }
    let lines = kept.prefix(6).map { "\($0.phone.number)  \($0.phone.label)" }
    let more = kept.count > lines.count ? ["and \(Words.count(kept.count - lines.count)) more"] : []
    present(
      .question(
        Question(
          title: "Unsaved work from before", lines: lines + more,
          options: [.init(key: "o", label: "open the newest", answer: .open(phoneID: newest.phoneID))])))
  }

  private mutating func offer(_ kept: KeptDraft) {
    keptDraft = kept
    // The lines tell what the draft changed of what it was made from.
    var then = self
    then.week?.phone = kept.phone
    then.week?.schedule = kept.schedule
    then.week?.draft = kept.draft
    let when = Timestamp.local(kept.keptAt, offset: timeline().offset(at: kept.keptAt))
    present(
      .question(
        Question(
          title: "Unsaved work from before", lines: ["Of \(when):"] + then.changeLines(),
          options: [
            .init(key: "c", label: "continue", answer: .continueDraft),
            .init(key: "v", label: "view the change", answer: .compareDraft),
            .init(key: "x", label: "discard", answer: .discardDraft),
          ])))
  }

  mutating func continueDraft(comparing: Bool) -> [Effect] {
    guard let kept = keptDraft, var week else { return [] }
    keptDraft = nil
    let base = Draft(phone: kept.phone, schedule: kept.schedule, localTimeZone: settings.localTimeZone)
    var mine = kept.draft
    if !mine.hasSchedule { mine.detach(localTimeZone: settings.localTimeZone) }
    let merge = DraftMerge(ancestor: base, mine: mine, theirs: week.saved)
    week.history.record(week.draft)
    week.draft = merge.merged
    if comparing { week.overlay = .change }
    self.week = week
    say(.good, "Continued: \(changeLines().first ?? "nothing differs any more"); s saves, u takes it back")
    if !merge.conflicts.isEmpty { ask(merge.conflicts, author: "Somebody") }
    return draftChanged()
  }

  // MARK: Somebody else's save

  private mutating func receiveChange(_ opened: OpenedPhone, in current: WeekState) -> [Effect] {
    guard opened.phone != current.phone || opened.schedule != current.schedule else { return settle() }
    let wasChanged = current.isChanged
    let old = current.saved
    var next = current
    next.phone = opened.phone
    next.schedule = opened.schedule
    let theirs = next.saved
    // Who saved the schedule is known; who changed the phone is not.
    let isScheduleNewer = opened.schedule?.revision != current.schedule?.revision
    let author = (isScheduleNewer ? opened.savedBy : nil) ?? "Somebody"
    if !wasChanged {
      next.draft = theirs
      next.history.map { DraftMerge(ancestor: old, mine: $0, theirs: theirs).merged }
      week = next
      refreshForecasts()
      if old != theirs { say(.info, "\(author) saved a change: \(Self.difference(old, theirs))") }
      return [.loadGateway] + settle()
    }
    let merge = DraftMerge(ancestor: old, mine: current.draft, theirs: theirs)
    next.draft = merge.merged
    next.history.map { DraftMerge(ancestor: old, mine: $0, theirs: theirs).merged }
    week = next
    refreshForecasts()
    if merge.conflicts.isEmpty {
      say(
        .warning, "\(author) saved a change, merged with your unsaved work: \(Self.difference(old, theirs))")
    } else {
      ask(merge.conflicts, author: author)
    }
    return [.loadGateway] + draftChanged()
  }

  mutating func ask(_ new: [DraftMerge.Conflict], author: String) {
    // A question that is not answered yet is asked again with the new lines.
    let isOurs = { (modal: Modal?) in
      if case .question(let question) = modal {
        question.options.contains { $0.answer == .mine }
      } else {
        false
      }
    }
    waitingModals.removeAll { isOurs($0) }
    if isOurs(modal) { modal = nil }
    conflicts += new
    present(
      .question(
        Question(
          title: "\(author) saved something else meanwhile", lines: conflicts.map(\.words),
          options: [
            .init(key: "m", label: "mine", answer: .mine),
            .init(key: "t", label: "theirs", answer: .theirs),
          ])))
  }

  mutating func resolve(mine: Bool) -> [Effect] {
    let answered = conflicts
    conflicts = []
    let effects = edit { draft in
      for conflict in answered { conflict.apply(&draft, mine) }
    }
    return effects.isEmpty ? settle() : effects
  }

  private static func difference(_ old: Draft, _ new: Draft) -> String {
    var words: [String] = []
    if old.attachment != new.attachment {
      words.append(new.hasSchedule ? "schedule “\(new.name)”" : "no schedule")
    }
    if old.attachment == new.attachment, old.name != new.name { words.append("name “\(new.name)”") }
    if old.timeZone != new.timeZone { words.append("time zone \(new.timeZone)") }
    if old.isActive != new.isActive { words.append(new.isActive ? "switched on" : "switched off") }
    words += ScheduleDifference.words(from: old.week, to: new.week)
    if old.messagesPerMinute != new.messagesPerMinute { words.append(rate(new.messagesPerMinute)) }
    return words.joined(separator: ", ")
  }
}
