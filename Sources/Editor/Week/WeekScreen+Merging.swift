import Canvas
import Scheduling

/// Unsaved work of before, and somebody else's saves.
extension WeekScreen {
  // MARK: Unsaved work of before

  /// Asks what becomes of work that was kept, of one draft after the other; none stands in for another.
  mutating func offer(_ all: [KeptDraft], _ context: inout Context) {
    guard let kept = all.first else { return }
    let more =
      all.count > 1 ? ["", "and \(Words.count(all.count - 1, "more draft")) after this one"] : []
    let base = Draft(phone: kept.phone, schedule: kept.schedule, localTimeZone: localTimeZone)
    let when = sentenceMoment(context)(kept.keptAt)
    var question = Question(
      "Unsaved work from before",
      lines: ["Kept \(when):"]
        + DraftDifference.lines(
          from: base, to: kept.draft, chosen: kept.draft.scheduleID.flatMap { storedSchedule($0, context) })
        + more,
      .inWeek("c", "continue") { week, context in week.continueDraft(kept, comparing: false, &context) },
      .inWeek("v", "view the change") { week, context in
        week.continueDraft(kept, comparing: true, &context)
      },
      .inWeek("d", "discard") { week, context in
        context.perform(.forgetDraft(id: kept.id))
        week.offer(Array(all.dropFirst()), &context)
      })
    question.cancel = { editor in
      // What is neither continued nor discarded stays kept, so nothing may be painted over it.
      editor.closeWeek()
      editor.context.say(.info, "The unsaved work stays kept; open the phone again to decide")
    }
    context.present(question)
  }

  private mutating func continueDraft(_ kept: KeptDraft, comparing: Bool, _ context: inout Context) {
    let base = Draft(phone: kept.phone, schedule: kept.schedule, localTimeZone: localTimeZone)
    var mine = kept.draft
    if !mine.hasSchedule { mine.detach(localTimeZone: localTimeZone) }
    let merge = DraftMerge(ancestor: base, mine: mine, theirs: saved)
    history.record(draft)
    draft = merge.merged
    if comparing { grid.overlay = .change }
    let first = changeLines(context).first ?? "nothing differs any more"
    context.say(.good, "Continued: \(first); s saves, u undoes")
    if !merge.conflicts.isEmpty {
      noteUndecided(Undecided(phone: kept.phone, schedule: kept.schedule))
      ask(merge.conflicts, author: "Somebody", &context)
    }
    draftChanged(&context)
    // By now it is kept as this editor's own.
    context.perform(.forgetDraft(id: kept.id))
  }

  // MARK: Somebody else's save

  /// What became of a phone that was read again.
  enum Received: Equatable { case same, taken, merged, asked }

  /// Takes what is stored now; unsaved work is merged with it.
  @discardableResult
  mutating func receive(_ opened: OpenedPhone, _ context: inout Context) -> Received {
    holder = opened.holder
    guard opened.phone != phone || opened.schedule != schedule else { return .same }
    let (old, hadChanges) = (saved, isChanged)
    // Who saved the schedule is known; who changed the phone is not.
    let isScheduleNewer = opened.schedule?.revision != schedule?.revision
    let author = (isScheduleNewer ? opened.savedBy : nil) ?? "Somebody"
    let base = Undecided(phone: phone, schedule: schedule)
    (phone, schedule) = (opened.phone, opened.schedule)
    let theirs = saved
    if let id = old.scheduleID, id == deleted, theirs.attachment == .none {
      return receiveDeleted(old, &context)
    }
    let merge = DraftMerge(ancestor: old, mine: draft, theirs: theirs)
    history.merge(theirs: theirs, ancestor: old, present: draft)
    draft = hadChanges ? merge.merged : theirs
    refreshForecasts(context)
    context.perform(.loadGateway)
    if hadChanges, !merge.conflicts.isEmpty { noteUndecided(base) }
    if hadChanges { draftChanged(&context) }
    if hadChanges, !merge.conflicts.isEmpty {
      ask(merge.conflicts, author: author, &context)
      return .asked
    }
    guard old != theirs else { return .taken }
    let words = DraftDifference.words(from: old, to: theirs).joined(separator: ", ")
    if hadChanges {
      context.say(.warning, "\(author) saved a change, merged with your unsaved work: \(words)")
    } else {
      context.say(.info, "\(author) saved a change: \(words)")
    }
    return hadChanges ? .merged : .taken
  }

  /// A schedule was deleted from here.
  mutating func noteDeleted(_ id: String) { if saved.scheduleID == id { deleted = id } }

  /// The schedule was deleted from here: hours that were edited go with it, limits stay.
  private mutating func receiveDeleted(_ old: Draft, _ context: inout Context) -> Received {
    deleted = nil
    let without = { [localTimeZone] (draft: Draft) in
      var draft = draft
      if draft.scheduleID == old.scheduleID { draft.detach(localTimeZone: localTimeZone) }
      return draft
    }
    draft = without(draft)
    history.map(without)
    refreshForecasts(context)
    context.perform(.loadGateway)
    draftChanged(&context)
    context.say(.warning, "Deleted “\(old.name)”: sends at any time; S d brings it back")
    return .taken
  }

  /// Asks about what both changed differently; one question that is not answered yet is asked anew with it.
  mutating func ask(_ new: [DraftMerge.Conflict], author: String, _ context: inout Context) {
    guard !new.isEmpty else { return }
    conflicts += new
    askAgain(author: author, &context)
  }

  /// Asks about what is not decided yet.
  mutating func askAgain(author: String = "Somebody", _ context: inout Context) {
    var question = Question(
      "\(author) saved something else meanwhile", lines: conflicts.map(\.words),
      .inWeek("m", "mine") { week, context in week.resolve(mine: true, &context) },
      .inWeek("t", "theirs") { week, context in week.resolve(mine: false, &context) })
    question.topic = .conflicts
    question.cancel = { $0.context.say(.warning, "Not decided yet; s asks again") }
    context.present(question)
  }

  private mutating func resolve(mine: Bool, _ context: inout Context) {
    let answered = conflicts
    conflicts = []
    let edited = edit(&context) { draft in
      for conflict in answered { conflict.apply(&draft, mine) }
    }
    // What is kept is to say that it is decided, also where mine stood already.
    if edited == .unchanged { draftChanged(&context) }
  }
}
