import Scheduling

/// What one save does about the schedule of a phone.
package enum ScheduleSave: Equatable, Sendable {
  /// The phone gets a schedule that is there already, or none.
  case attach(id: String?)
  /// A new revision, for every phone that has the schedule.
  case update(id: String, content: ScheduleContent, basedOn: Int)
  /// A new schedule for this phone.
  case create(ScheduleContent)
}

extension Store {
  /// Saves a phone's schedule, rate and day's limit in one transaction: all of it, or nothing.
  ///
  /// Of `rate` and `perDay` nil leaves the number alone; `attachedBefore` is the schedule that the phone was seen
  /// to have. Throws ``StoreError/stale(current:)`` or ``StoreError/stalePhone(current:)`` if somebody was faster.
  @discardableResult
  package func save(
    phone name: String, schedule: ScheduleSave, attachedBefore: String?, rate: (from: Int, to: Int)? = nil,
    perDay: (from: Int, to: Int)? = nil, stamp: Stamp
  ) throws -> (phone: Phone, schedule: Schedule?) {
    try write { session in
      let stamp = try stamp.settled(in: session)
      var (key, phone) = try Self.phone(session, named: name)
      let before = phone
      let saved = try save(session, schedule, stamp: stamp)
      guard before.scheduleID == attachedBefore || before.scheduleID == saved?.id else {
        throw StoreError.stalePhone(current: before)
      }
      phone.scheduleID = saved?.id
      for (change, field) in [(rate, \Phone.messagesPerMinute), (perDay, \Phone.messagesPerDay)] {
        guard let change else { continue }
        guard phone[keyPath: field] == change.from || phone[keyPath: field] == change.to else {
          throw StoreError.stalePhone(current: before)
        }
        phone[keyPath: field] = change.to
      }
      if phone != before { try Self.savePhone(session, phone, over: before, key: key, stamp: stamp) }
      return (phone, saved)
    }
  }

  private func save(_ session: any Session, _ schedule: ScheduleSave, stamp: Stamp) throws -> Schedule? {
    switch schedule {
    case .attach(nil): return nil
    case .attach(let id?):
      guard let found = try Self.schedule(session, id: id, path: path) else {
        throw StoreError.stale(current: nil)
      }
      return found
    case .update(let id, let content, let revision):
      let current = try Self.schedule(session, id: id, path: path)
      guard let current, current.revision == revision else { throw StoreError.stale(current: current) }
      return try saveSchedule(session, current, content, action: .save, stamp: stamp)
    case .create(let content):
      try check(content)
      try Self.checkName(session, content.name, exceptFor: nil)
      return try Self.insertSchedule(
        session, id: NewID.make(at: stamp.at), content, action: .add, stamp: stamp)
    }
  }
}
