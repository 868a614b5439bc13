import Canvas
import Scheduling

/// What comes in: answers to effects, and what somebody else wrote.
extension Editor {
  /// Takes what came of an effect.
  package mutating func receive(_ outcome: Outcome) -> [Effect] {
    switch outcome {
    case .gateway(let gateway): receive(gateway)
    case .outlooks(let outlooks): phones.list.take(outlooks)
    case .queuesMoved(let rows): phones.list.update(rows)
    case .outlooksGivenUp(let ids): phones.list.forget(ids)
    case .opened(let opened): receive(opened)
    case .followed(let opened):
      // The phone may have been left while the answer was on its way.
      if isOpen(opened.phone.id) { receive(opened) }
    case .queue(let phoneID, let queue, let previous, let sends):
      if isOpen(phoneID) {
        week?.receive(queue, previous: previous, sends, &context)
        showOpenedMessage()
      }
    case .waits(let phoneID, let count): if isOpen(phoneID) { week?.receive(waiting: count, &context) }
    case .texts(let texts): week?.forecast.texts.merge(texts) { $1 }
    case .sends(let phoneID, let range, let counts):
      if isOpen(phoneID) { week?.grid.take(PastSends(during: range, counts: counts)) }
    case .found(let phoneID, let group, let keys):
      if isOpen(phoneID), week?.forecast.others?.group == group { week?.showFound(keys, &context) }
    case .arrivals(let phoneID, let count):
      if isOpen(phoneID) { week?.receive(arrivals: count) }
    case .message(let details):
      if let week { context.present(MessageView(details, week, context)) }
    case .messageList(let phoneID, let group, let keys):
      if isOpen(phoneID), week?.forecast.others?.group == group { week?.forecast.others?.show(keys) }
    case .messages(let messages): week?.forecast.others?.take(messages)
    case .messageChanged(let change, let kind): week?.receive(change, kind, &context)
    case .retryWeighed(let weighing):
      if isOpen(weighing.request.phoneID) { week?.ask(about: weighing, &context) }
    case .retrying(let step):
      context.retrying = step
      show(step)
    case .messagesRetried(let retried, let kind, let rest):
      endRetrying()
      if isOpen(retried.phoneID) {
        week?.receive(retried, kind, rest, &context)
      } else if let phone = context.phone(retried.phoneID) {
        context.say(.good, "\(phone.number): \(retried.inWords(kind, rest))")
      }
    case .holidays(let holidays):
      if isOpen(holidays.phoneID) { week?.receive(holidays, &context) }
    case .saved(let opened, let note): receiveSaved(opened, note)
    case .overtaken(let opened, let current, let base):
      if isOpen(opened.phone.id) { week?.receiveOvertaken(opened, current, base, &context) }
      context.perform(.loadGateway)
    case .phoneGone(let phoneID): receiveGone(phoneID)
    case .revisions(let rows): receive(rows)
    case .phoneRevisions(let phoneID, let rows):
      if isOpen(phoneID), let week { context.present(PhoneRevisionList(rows, week, context)) }
    case .deletedSchedules(let schedules):
      if schedules.isEmpty {
        context.say(.info, "No schedule was deleted")
      } else {
        context.present(Picker.deleted(schedules, context))
      }
    case .weighed(let weighing, let courses): receive(weighing, courses)
    case .keptElsewhere(let kept): offerToOpen(kept)
    case .done(let text): context.say(.good, text)
    case .scheduleDeleted(let id, let name):
      context.say(.good, "Deleted “\(name)”; S d brings it back")
      week?.noteDeleted(id)
    case .phonesChanged(let step, let kind, let left):
      phones.receive(step, kind, left: left, &context)
      week?.receive(step, kind)
    case .attachingWeighed(let id, let courses):
      context.notice = nil
      context.present(Attaching.question(id, courses, phones, context))
    case .scheduleCreated(let schedule, let ids): receiveCreated(schedule, forPhones: ids)
    case .messagesFound(let text, let rows, let state): receiveFound(text, rows, state)
    case .importing(let step): show(step)
    case .importStopped:
      endUnderWay()
      context.say(.good, "The import was stopped; nothing was changed")
    case .importChecked(let path, let lines):
      endUnderWay()
      context.notice = nil
      context.present(ImportFlow.question(path: path, lines: lines))
    case .imported(let sentence):
      endUnderWay()
      context.say(.good, "Imported: \(sentence.isEmpty ? "nothing was in it" : sentence)")
    case .saveFailed(let text):
      week?.saving = nil
      context.say(.error, text)
    case .displaced(let path): receiveDisplaced(path)
    case .waiting(let seconds):
      context.say(.warning, "Another program has locked the database: waiting, \(seconds) s; ^C gives up")
    case .failed(let text):
      endOpening()
      endRetrying()
      phones.steps.giveUp()
      context.say(.error, text)
    }
    return finish()
  }

  private mutating func receive(_ weighing: Weighing, _ courses: [PhoneCourse]) {
    switch weighing.purpose {
    case .save: week?.askWhetherShared(courses, &context)
    case .delete(let id, let name):
      let clock = week?.clock(context) ?? phones.clock(context)
      context.present(Question.deleting(id, named: name, courses, clock, context))
    }
  }

  private mutating func endRetrying() {
    context.retrying = nil
    endUnderWay()
  }

  private func isOpen(_ phoneID: String) -> Bool { week?.phone.id == phoneID }

  private mutating func receive(_ gateway: Gateway) {
    context.take(gateway)
    phones.list.show(gateway)
    if let id = week?.phone.id { phones.list.select(id) }
    week?.saveWhatWaits(isAlone: modal == nil, &context)
  }

  private mutating func receive(_ opened: OpenedPhone) {
    if isOpen(opened.phone.id) { week?.receive(opened, &context) } else { open(opened) }
    attend()
    let keys = endOpening()
    // What was pressed before a question was there is no answer to it: it might discard unsaved work.
    guard modal == nil else { return }
    for key in keys { press(key) }
  }

  private mutating func open(_ opened: OpenedPhone) {
    week = WeekScreen(opened, like: week, context)
    phones.list.select(opened.phone.id)
    if !context.settings.isReadOnly { week?.offer(opened.kept, &context) }
  }

  private mutating func receiveSaved(_ opened: OpenedPhone, _ note: String) {
    context.perform(.loadGateway)
    guard isOpen(opened.phone.id), let destination = week?.receiveSaved(opened, note, &context) else {
      return
    }
    leave(to: destination)
  }

  /// Somebody removed the phone that is open.
  private mutating func receiveGone(_ phoneID: String) {
    endOpening()
    // The queue of the phone that stays open was given up for the other.
    if let week, !isOpen(phoneID), week.forecast.queue?.isWhole != true {
      context.perform(.loadQueue(phoneID: week.phone.id))
    }
    if isOpen(phoneID) {
      let lost = week?.isChanged == true ? week?.changeLines(context) ?? [] : []
      week = nil
      modal = nil
      context.say(.warning, "Somebody removed this phone and its queue")
      if !lost.isEmpty {
        context.perform(.dropDraft(phoneID: phoneID))
        context.present(
          Question("Somebody removed this phone and its queue", lines: ["With it your unsaved work:"] + lost))
      }
    }
    context.perform(.loadGateway)
  }

  /// What was written to the old file would be lost.
  private mutating func receiveDisplaced(_ path: String) {
    week?.saving = nil
    endRetrying()
    endOpening()
    var question = Question(
      "The database is not there any more",
      lines: [
        path, "was moved, deleted or replaced; nothing more is saved to it.", "",
        week?.isChanged == true ? "Your unsaved work stays here, and is kept." : "What you see is as it was.",
      ],
      Question.Option("o", "open what is there now") {
        $0.context.perform(.reopen(openPhone: $0.week?.phone.id))
      })
    question.topic = .displaced
    context.present(question)
  }

  private mutating func receive(_ rows: [RevisionRow]) {
    if rows.isEmpty {
      context.say(.info, "No revision of this schedule is kept")
    } else {
      context.present(RevisionList(rows: rows))
    }
  }

  /// A schedule that was made for some phones is offered to them.
  private mutating func receiveCreated(_ schedule: Schedule, forPhones ids: [String]) {
    context.say(.good, "“\(schedule.content.name)” made")
    if !ids.isEmpty { context.perform(.weighAttaching(scheduleID: schedule.id, phoneIDs: ids)) }
  }

  /// In the phone list: where there is unsaved work, and the way to the newest.
  private mutating func offerToOpen(_ kept: [KeptDraft]) {
    guard week == nil, let newest = kept.first else { return }
    let lines = kept.prefix(6).map { "\($0.phone.number)  \($0.phone.label)" }
    let more = kept.count > lines.count ? ["and \(Words.count(kept.count - lines.count)) more"] : []
    context.present(
      Question(
        "Unsaved work from before", lines: lines + more,
        Question.Option("o", "open the newest") { $0.leave(to: .open(phoneID: newest.phoneID)) }))
  }
}
