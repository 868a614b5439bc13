import GRDB
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
  /// Saves a phone's schedule and rate in one transaction: all of it, or nothing.
  ///
  /// `rate` is the new one and the one that was seen before, nil to leave it; `attachedBefore` is the schedule
  /// that the phone was seen to have. Throws
  /// ``StoreError/stale(current:)`` or ``StoreError/stalePhone(current:)`` if somebody was faster.
  @discardableResult
  package func save(
    phone name: String, schedule: ScheduleSave, attachedBefore: String?, rate: (from: Int, to: Int)? = nil,
    stamp: Stamp
  ) throws -> (phone: Phone, schedule: Schedule?) {
    try write { db in
      var (key, phone) = try Self.phone(db, named: name)
      let before = phone
      let saved = try save(db, schedule, stamp: stamp)
      guard before.scheduleID == attachedBefore || before.scheduleID == saved?.id else {
        throw StoreError.stalePhone(current: before)
      }
      phone.scheduleID = saved?.id
      if let rate {
        guard phone.messagesPerMinute == rate.from || phone.messagesPerMinute == rate.to else {
          throw StoreError.stalePhone(current: before)
        }
        phone.messagesPerMinute = rate.to
      }
      if phone != before {
        try Self.check(db, phone)
        try Self.updatePhone(db, phone, key: key)
      }
      return (phone, saved)
    }
  }

  private func save(_ db: Database, _ schedule: ScheduleSave, stamp: Stamp) throws -> Schedule? {
    switch schedule {
    case .attach(nil): return nil
    case .attach(let id?):
      guard let found = try Self.schedule(db, id: id, path: path) else {
        throw StoreError.stale(current: nil)
      }
      return found
    case .update(let id, let content, let revision):
      let current = try Self.schedule(db, id: id, path: path)
      guard let current, current.revision == revision else { throw StoreError.stale(current: current) }
      return try saveSchedule(db, current, content, action: .save, stamp: stamp)
    case .create(let content):
      try check(content)
      try Self.checkName(db, content.name, exceptFor: nil)
      return try Self.insertSchedule(db, id: NewID.make(at: stamp.at), content, action: .add, stamp: stamp)
    }
  }
}
