import Canvas
import Scheduling

/// What the list does to phones: at once, and each with a way back.
extension PhonesScreen {
  mutating func change(_ action: Action, _ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    switch action {
    case .addPhone: context.present(PhoneForm(context))
    case .editPhone: edit(&context)
    case .removePhone: remove(&context)
    case .schedules: chooseSchedule(&context)
    case .hold: holdOrRelease(&context)
    case .undo: undo(&context)
    case .redo: redo(&context)
    case .importFile: context.present(ImportFlow.prompt(context))
    default: break
    }
  }

  /// The marked phones or the selected one; says so where there is none.
  func chosen(_ context: inout Context) -> [PhoneRow]? {
    let rows = list.chosenRows
    if rows.isEmpty {
      context.say(.info, context.gateway == nil ? "Still loading" : "There is no phone here; n adds one")
    }
    return rows.isEmpty ? nil : rows
  }

  private func edit(_ context: inout Context) {
    guard let rows = chosen(&context) else { return }
    context.present(PhoneForm(changing: rows.map(\.phone), context))
  }

  private func chooseSchedule(_ context: inout Context) {
    guard context.gateway != nil else { return context.say(.info, "Still loading") }
    let chosen = list.chosen
    context.present(
      Picker.schedules(for: chosen.map(\.id), selected: chosen.first?.scheduleID, inWeek: false, context))
  }

  // MARK: Removing

  /// Says what goes, and wants another key than the one that asked.
  private func remove(_ context: inout Context) {
    guard let rows = chosen(&context) else { return }
    let waiting = rows.reduce(0) { $0 + $1.waiting }
    let named = rows.sorted { $0.waiting > $1.waiting }.prefix(6).map { row in
      "\(row.phone.number)  \(row.phone.label)\(row.waiting > 0 ? "  \(Words.count(row.waiting)) waiting" : "")"
    }
    let more = rows.count > named.count ? ["and \(Words.count(rows.count - named.count)) more"] : []
    let going =
      waiting == 0
      ? "No message waits. u brings \(rows.count == 1 ? "the phone" : "the phones") back."
      : "\(Words.count(waiting, "waiting message")) \(waiting == 1 ? "goes" : "go") too, and \(waiting == 1 ? "does" : "do") not come back: u restores the \(rows.count == 1 ? "phone" : "phones") alone."
    let changes = rows.map { PhoneChange(before: $0.phone, after: nil) }
    let words =
      rows.count == 1 ? "\(rows[0].phone.number) removed" : "\(Words.count(rows.count)) phones removed"
    context.present(
      Question(
        rows.count == 1 ? "Remove \(rows[0].phone.number)?" : "Remove \(Words.count(rows.count)) phones?",
        lines: named + more + ["", going, "What was sent or has failed is forgotten too."],
        Question.Option("y", rows.count == 1 ? "remove it" : "remove them") {
          var step = PhoneStep(words, changes)
          step.lostMessages = waiting
          $0.context.perform(.changePhones(step, .done))
        }))
  }

  // MARK: Holding

  /// `!`: holds the chosen phones at once, or releases those that are held.
  private func holdOrRelease(_ context: inout Context) {
    guard let chosen = chosen(&context)?.map(\.phone) else { return }
    let now = context.now
    let held = chosen.filter { $0.hold?.isActive(at: now) ?? false }
    let prompt = holdPrompt(chosen, context)
    guard !held.isEmpty else { return context.present(prompt) }
    let clock = clock(context)
    let names = held.prefix(6).map { phone in
      "\(phone.number)  \(phone.hold.map { $0.inWords(now: now, clock: clock) } ?? "")"
    }
    let more = held.count > names.count ? ["and \(Words.count(held.count - names.count)) more"] : []
    let free = chosen.count - held.count
    let others =
      free == 0
      ? []
      : ["\(Words.count(free)) of the \(Words.count(chosen.count)) \(free == 1 ? "is" : "are") not held."]
    context.present(
      Question(
        held.count == 1 ? "A phone is held" : "\(Words.count(held.count)) phones are held",
        lines: names + more + others,
        Question.Option("r", "release now") { $0.context.perform(.release(phoneIDs: held.map(\.id))) },
        Question.Option("c", free == 0 ? "hold until another moment" : "hold all until a moment") {
          $0.context.present(prompt)
        }))
  }

  /// Moments are on the clock of each phone's own schedule.
  private func holdPrompt(_ phones: [Phone], _ context: Context) -> Prompt {
    let zones = Set(phones.map(timeZone))
    let label =
      phones.count == 1
      ? Hold.label : "Hold \(Words.count(phones.count)) phones until (empty: until released): "
    let clock = zones.count == 1 ? "on \(zones.first ?? "")" : "each on its own clock"
    return Prompt(label, hints: Hold.hints + [Hint("", clock)]) { text, editor throws(Problem) in
      try editor.phones.hold(phones, text, &editor.context)
    }
  }

  private func timeZone(of phone: Phone) -> String { list.schedule(of: phone)?.content.timeZone ?? "UTC" }

  /// Holds phones at once; a moment is on the clock of each phone's own schedule.
  func hold(_ phones: [Phone], _ text: String, _ context: inout Context) throws(Problem) {
    var holds: [PhoneHold] = []
    for (zone, phones) in Dictionary(grouping: phones, by: timeZone).sorted(by: { $0.key < $1.key }) {
      let hold = try Hold(typed: text, now: context.now, clock: context.clock(zone) ?? .utc)
      holds += phones.map { PhoneHold(phoneID: $0.id, hold: hold) }
    }
    context.perform(.hold(holds))
  }

  // MARK: Undo

  private mutating func undo(_ context: inout Context) {
    guard let step = steps.takeForUndo() else {
      return context.say(.info, "Nothing to undo")
    }
    context.perform(.changePhones(step.reversed, .undone))
  }

  private mutating func redo(_ context: inout Context) {
    guard let step = steps.takeForRedo() else { return context.say(.info, "Nothing to redo") }
    context.perform(.changePhones(step, .redone))
  }

  /// What came of a change: it is noted for undoing, and said.
  mutating func receive(_ step: PhoneStep, _ kind: PhoneStep.Kind, left: Int, _ context: inout Context) {
    steps.note(step, kind)
    let words =
      switch kind {
      case .done: step.words.capitalisedFirst + (step.changes.isEmpty ? "" : "; \(wayBack(from: step))")
      case .undone: "Undone: \(step.words)"
      case .redone: "Done again: \(step.words)"
      }
    guard left > 0 else {
      context.say(.good, words)
      return select(step)
    }
    let all = step.changes.isEmpty
    context.say(
      .warning,
      all
        ? kind.overtakenInWords(left == 1 ? "the phone" : "the phones")
        : "\(words); \(Words.count(left)) left as they are: somebody else changed them since")
    select(step)
  }

  /// `u undoes`; of removed phones what does not come back.
  private func wayBack(from step: PhoneStep) -> String {
    let waiting = step.lostMessages
    if waiting == 0 { return "u undoes" }
    return
      "u restores the \(step.changes.count == 1 ? "phone" : "phones"), not \(Words.count(waiting, "message"))"
  }

  /// Shows the phone that came.
  private mutating func select(_ step: PhoneStep) {
    guard step.changes.count == 1, let phone = step.changes[0].after, step.changes[0].before == nil else {
      return
    }
    if !list.filter.isEmpty { list.filter(by: "") }
    list.select(phone.id)
  }
}
