import Editor
import Formats
import Scheduling
import Storage

/// What the phone list does to phones, and what it wants to know before.
extension EffectPerformer {
  /// Does, takes back or does again what the list asks for.
  mutating func change(_ step: PhoneStep, _ kind: PhoneStep.Kind, _ call: Call) throws {
    // What was done last is taken back first.
    var changes = kind == .undone ? step.changes.reversed() : step.changes
    for index in changes.indices {
      guard var phone = changes[index].after, phone.id.isEmpty else { continue }
      phone.id = NewID.make(at: call.now, sequence: index)
      changes[index].after = phone
    }
    // Taking back that a phone was added takes no messages with it.
    let result = try store.change(changes, keepsMessages: kind == .undone, stamp: stamp(call.now))
    try showChanged(call)
    var done = step
    done.changes = result.done
    call.post(.phonesChanged(done, kind, left: result.left.count))
  }

  mutating func hold(_ holds: [PhoneHold], _ call: Call) throws {
    let prior = try store.setHolds(holds.map { ($0.phoneID, $0.hold) }, stamp: stamp(call.now))
    let ends = Set(try holds.map { try end(of: $0, call) }).sorted()
    let until =
      ends.count == 1
      ? " until \(ends[0])"
      : ", each on its own clock: \(ends.prefix(3).joined(separator: ", "))\(ends.count > 3 ? " and others" : "")"
    try tell(prior.map { hold in (hold.phoneID, { $0.hold = hold.hold }) }, call) { "\($0) held\(until)" }
  }

  /// `Mon 10:00 America/New_York`: the end of a hold on the clock of the phone's schedule, on which it was typed.
  private func end(of hold: PhoneHold, _ call: Call) throws -> String {
    if hold.hold.until == .untilReleased { return "released" }
    let zone = try store.state(of: hold.phoneID, now: call.now).schedule?.content.timeZone ?? "UTC"
    guard let timeline = store.zones.timeline(zone, now: call.now) else {
      return Timestamp.utc(hold.hold.until)
    }
    return "\(Words.brief(hold.hold.until, now: call.now, on: timeline)) \(zone)"
  }

  mutating func release(_ ids: [String], _ call: Call) throws {
    let prior = try store.release(phones: ids, stamp: stamp(call.now))
    try tell(prior.map { hold in (hold.phoneID, { $0.hold = hold.hold }) }, call) { "\($0) released" }
  }

  mutating func attach(_ scheduleID: String?, _ ids: [String], _ call: Call) throws {
    let name = try scheduleID.map { try store.schedule(named: $0).content.name }
    let prior = try store.attach(scheduleID, toPhones: ids, stamp: stamp(call.now))
    try tell(prior.map { pair in (pair.phoneID, { $0.scheduleID = pair.scheduleID }) }, call) { phones in
      name.map { "“\($0)” attached to \(phones)" } ?? "schedule taken off \(phones)"
    }
  }

  /// Tells what some phones became; each of them comes with what makes it again what it was before.
  private mutating func tell(
    _ prior: [(phoneID: String, restore: (inout Phone) -> Void)], _ call: Call, words: (String) -> String
  ) throws {
    let phones = Dictionary(try store.phones().map { ($0.id, $0) }) { first, _ in first }
    let changes = prior.compactMap { id, restore -> PhoneChange? in
      guard let after = phones[id] else { return nil }
      var before = after
      restore(&before)
      return before == after ? nil : PhoneChange(before: before, after: after)
    }
    let number = prior.first.flatMap { phones[$0.phoneID]?.number }
    let what = prior.count == 1 ? number ?? "a phone" : Words.count(prior.count, "phone")
    try showChanged(call)
    call.post(.phonesChanged(PhoneStep(words(what), changes), .done, left: 0))
  }

  private mutating func showChanged(_ call: Call) throws {
    if let open { try follow(open.phoneID, call) }
    try loadGateway(call)
  }

  // MARK: Schedules

  /// Forecasts phones with the schedule that they have and with another.
  mutating func weighAttaching(_ scheduleID: String?, _ ids: [String], _ call: Call) throws {
    let now = call.now
    let schedule = try scheduleID.map { try store.schedule(named: $0) }
    var courses: [PhoneCourse] = []
    for id in ids { courses.append(try course(of: id, now: now) { $0.schedule = schedule }) }
    call.post(.attachingWeighed(scheduleID: scheduleID, courses))
  }

  mutating func createSchedule(_ content: ScheduleContent, forPhones ids: [String], _ call: Call) throws {
    let schedule = try store.addSchedule(content, stamp: stamp(call.now))
    try loadGateway(call)
    call.post(.scheduleCreated(schedule, forPhones: ids))
  }

  // MARK: Importing

  /// What imports files.
  package var importer: FileImporter { FileImporter(store: store, isReadOnly: isReadOnly, stamp: stamp) }

  mutating func importFile(_ path: String, isDryRun: Bool, _ call: Call) throws {
    if let told = try importer.run(path, isDryRun: isDryRun, call) { try showImported(told, call) }
  }

  /// Shows what an import brought, as a sentence sums it up.
  package mutating func showImported(_ sentence: String, _ call: Call) throws {
    try loadGateway(call)
    call.post(.imported(sentence))
  }
}
