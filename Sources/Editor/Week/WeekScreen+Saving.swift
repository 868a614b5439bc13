import Canvas
import Scheduling

/// A save that is under way.
struct Saving: Sendable {
  /// The draft as it was handed over; what is painted meanwhile is not in it.
  var draft: Draft
  /// Where the user goes when it is saved; nil to stay.
  var destination: Destination?
}

/// Saving, and what is asked before and after it.
extension WeekScreen {
  /// Saves what is unsaved, after the questions that it needs, and goes somewhere then.
  mutating func save(_ context: inout Context, then destination: Destination? = nil) {
    guard !context.refusesToEdit() else { return }
    guard saving == nil else {
      // What it leads to stays: `:wq` leaves, whatever is pressed while it saves.
      if let destination { saving?.destination = destination }
      return context.say(.info, "A save is under way; what was changed since is not in it")
    }
    guard isChanged else {
      context.say(.info, "Nothing has changed since it was saved")
      if let destination { context.go(to: destination) }
      return
    }
    guard conflicts.isEmpty else { return askAgain(&context) }
    if draft.hasSchedule, draft.week.isEmpty {
      return context.say(
        .error,
        "A schedule needs a window; to send at any time: o ignores the hours, S takes the schedule off")
    }
    if draft.attachment == .new, draft.name.trimmingBlanks.isEmpty {
      return askName("Name of the new schedule: ", proposedName, isCopy: false, destination, &context)
    }
    // Hours that were edited of a schedule which somebody else took off the phone.
    if draft.attachment == .new, context.hasSchedule(named: draft.name) {
      let hint = Hint("", "\(Words.quoted(draft.name)) is another one")
      return askName("Name of the new schedule: ", copyName, isCopy: false, hint: hint, destination, &context)
    }
    guard context.gateway != nil else {
      postponed = Saving(draft: draft, destination: destination)
      return context.say(
        .info, "Saving once it is known which phones share the schedule \(context.glyphs.ellipsis)")
    }
    let others = context.phonesSharing(draft.scheduleID).filter { $0.id != phone.id }
    if let update = contentUpdate(context), !others.isEmpty {
      weighSave(update.content, others, destination, &context)
    } else {
      commit(destination, &context)
    }
  }

  /// Saves what was to be saved before it was known which phones share the schedule. What was edited since, or left for
  /// something else that is asked (`isAlone` false), waits for `s`.
  mutating func saveWhatWaits(isAlone: Bool, _ context: inout Context) {
    guard let asked = postponed else { return }
    postponed = nil
    if isAlone, asked.draft == draft {
      save(&context, then: asked.destination)
    } else {
      context.say(.warning, "Not saved yet; s saves")
    }
  }

  /// Asks what becomes of unsaved work that is about to be left.
  func questionOnLeaving(to destination: Destination, _ context: Context) -> Question {
    Question(
      "Unsaved work", lines: changeLines(context),
      .inWeek("s", "save") { week, context in week.save(&context, then: destination) },
      .inWeek("d", "discard") { week, context in
        week.discard(&context)
        context.go(to: destination)
      })
  }

  private mutating func discard(_ context: inout Context) {
    context.perform(.dropDraft(phoneID: phone.id))
    draft = saved
    refreshDraftForecast(context)
  }

  /// The changed content of a schedule that exists; nil if it stays as it is.
  private func contentUpdate(_ context: Context) -> (id: String, content: ScheduleContent, basedOn: Int)? {
    guard let id = draft.scheduleID, let stored = storedSchedule(id, context),
      let content = draft.content(keeping: stored.content.windows), draft.differs(from: stored.content)
    else { return nil }
    return (id, content, draft.revision)
  }

  /// The schedule as the editor last saw it stored.
  func storedSchedule(_ id: String, _ context: Context) -> Schedule? {
    schedule?.id == id ? schedule : context.schedule(id)
  }

  /// Saves a copy of the schedule for this phone alone.
  func askCopyName(_ destination: Destination?, _ context: inout Context) {
    askName("Name of the copy: ", copyName, isCopy: true, destination, &context)
  }

  private var copyName: String {
    let full = "\(draft.name) (\(proposedName))"
    return full.count <= Context.longestScheduleName ? full : "Copy for \(phone.number)"
  }

  private var proposedName: String { phone.label.isEmpty ? phone.number : phone.label }

  /// Asks for a name, takes it, and saves.
  private func askName(
    _ label: String, _ proposed: String, isCopy: Bool, hint: Hint? = nil, _ destination: Destination?,
    _ context: inout Context
  ) {
    context.present(
      Prompt.inWeek(label, text: proposed, hints: hint.map { [$0] } ?? []) {
        text, week, context throws(Problem) in
        let name = try context.scheduleName(text)
        week.edit(&context) { draft in
          draft.name = name
          if isCopy { draft.attachment = .new }
        }
        week.commit(destination, &context)
      })
  }

  /// Hands the draft over to be saved.
  mutating func commit(_ destination: Destination?, _ context: inout Context) {
    saving = Saving(draft: draft, destination: destination)
    let schedule: SaveRequest.ScheduleChange
    if let update = contentUpdate(context) {
      schedule = .update(id: update.id, content: update.content, basedOn: update.basedOn)
    } else if draft.attachment == .new,
      let content = draft.content(keeping: self.schedule?.content.windows ?? [])
    {
      schedule = .create(content)
    } else {
      schedule = .attach(id: draft.scheduleID)
    }
    let change = { (old: Int, new: Int) in
      old == new ? nil : SaveRequest.LimitChange(from: old, to: new)
    }
    context.perform(
      .save(
        SaveRequest(
          phoneID: phone.id, schedule: schedule, attachedBefore: phone.scheduleID,
          servedPhones: context.servedPhones(draft.scheduleID),
          rate: change(phone.messagesPerMinute, draft.messagesPerMinute),
          perDay: change(phone.messagesPerDay, draft.messagesPerDay))))
  }

  // MARK: After saving

  /// Takes what was saved; returns where the user wanted to go then.
  mutating func receiveSaved(_ opened: OpenedPhone, _ note: String, _ context: inout Context) -> Destination?
  {
    (phone, schedule) = (opened.phone, opened.schedule)
    grid.compared = nil
    keepEditsSinceSaving()
    refreshForecasts(context)
    draftChanged(&context)
    context.say(.good, note)
    defer { saving = nil }
    return saving?.destination
  }

  /// The draft is what was saved, and what was edited while that was under way.
  private mutating func keepEditsSinceSaving() {
    let saved = saved
    let wasNew = saving?.draft.attachment == .new
    // What was new when it was handed over has an id now, and everything a newer revision.
    let attached = { (draft: Draft) in
      var draft = draft
      if wasNew, draft.attachment == .new {
        draft.attachment = saved.attachment
        if draft.name.isEmpty { draft.name = saved.name }
      }
      if draft.attachment == saved.attachment { draft.revision = saved.revision }
      return draft
    }
    history.map(attached)
    draft =
      DraftMerge(ancestor: attached(saving?.draft ?? draft), mine: attached(draft), theirs: saved).merged
  }

  /// Somebody was faster: what they saved is merged in, and nothing of mine is lost.
  mutating func receiveOvertaken(
    _ opened: OpenedPhone, _ current: Schedule?, _ base: ScheduleContent?, _ context: inout Context
  ) {
    saving = nil
    let received = receive(opened, &context)
    var isDeleted = false
    if let id = draft.scheduleID, id != opened.schedule?.id {
      if let current, current.id == id {
        rebase(on: current, base, &context)
      } else {
        isDeleted = true
        draft.startSchedule(named: draft.name, isActive: draft.isActive)
      }
      draftChanged(&context)
    }
    if isDeleted {
      context.say(.warning, "The schedule was deleted meanwhile; s saves your hours as a new one")
    } else if received == .same {
      context.say(.warning, "Somebody saved meanwhile; look at it, and s saves")
    }
  }

  /// Merges work on a schedule that is chosen, and not yet the phone's, with what is stored of it.
  private mutating func rebase(on current: Schedule, _ base: ScheduleContent?, _ context: inout Context) {
    var (ancestor, theirs) = (draft, draft)
    ancestor.load(base ?? current.content)
    theirs.attach(current)
    let merge = DraftMerge(ancestor: ancestor, mine: draft, theirs: theirs)
    if !merge.conflicts.isEmpty, base != nil {
      noteUndecided(Undecided(phone: phone, schedule: schedule, revision: draft.revision))
    }
    draft = merge.merged
    ask(merge.conflicts, author: "Somebody", &context)
  }

  /// What is unsaved, a line each.
  func changeLines(_ context: Context) -> [String] {
    DraftDifference.lines(
      from: saved, to: draft, chosen: draft.scheduleID.flatMap { storedSchedule($0, context) })
  }
}
