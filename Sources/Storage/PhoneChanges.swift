import Scheduling

/// What came of changes of several phones.
package struct PhoneChangeResult: Equatable, Sendable {
  /// What was changed, with each phone as it was before and is now.
  package var done: [PhoneChange] = []
  /// What was left: somebody else changed the same since, or the phone is gone.
  package var left: [PhoneChange] = []
  /// How many waiting messages went with phones that were removed.
  package var messagesRemoved = 0

  package init() {}
}

extension Store {
  /// Makes changes of phones in one transaction. Those of settings that somebody else changed since they were
  /// looked at are left.
  ///
  /// A phone is removed with its messages; with `keepsMessages` one that has any is left.
  package func change(_ changes: [PhoneChange], keepsMessages: Bool = false, stamp: Stamp) throws
    -> PhoneChangeResult
  {
    let worker = PendingWorker(engine.presence)
    let (result, removals) = try write { session in
      let stamp = try stamp.settled(in: session)
      var result = PhoneChangeResult()
      var removals: [PhoneRemoval] = []
      for change in changes {
        let key = try session.integer("SELECT key FROM phone WHERE id = ?1", [.text(change.phoneID)])
        let made: PhoneChange? =
          if let key {
            try Self.change(session, key: key, change, keepsMessages: keepsMessages, stamp) { phone in
              let removed = try Self.remove(session, key: key, phone, worker, stamp)
              result.messagesRemoved += removed.waiting
              removals += removed.rest.map { [$0] } ?? []
            }
          } else {
            try Self.add(session, change, stamp)
          }
        if let made { result.done.append(made) } else { result.left.append(change) }
      }
      return (result, removals)
    }
    finishRemovals(removals, worker)
    return result
  }

  /// Adds the phone that a change adds; nil for any other, and where its number is taken.
  private static func add(_ session: any Session, _ change: PhoneChange, _ stamp: Stamp) throws
    -> PhoneChange?
  {
    guard change.before == nil, var phone = change.after,
      try phoneKey(session, named: phone.number) == nil
    else { return nil }
    // Its schedule may have been deleted since it was removed.
    let schedule = "SELECT 1 FROM schedule WHERE id = ?1"
    if let id = phone.scheduleID, try !session.exists(schedule, [.text(id)]) { phone.scheduleID = nil }
    try check(session, phone)
    try insertPhone(session, phone)
    let wasHere = "SELECT 1 FROM phone_revision WHERE phone_id = ?1"
    let isBack = try session.exists(wasHere, [.text(phone.id)])
    try PhoneRevision.note(session, phone, isBack ? .restore : .add, isBack ? "restored" : "added", stamp)
    return PhoneChange(before: nil, after: phone)
  }

  /// Changes or removes a phone that is there; nil if it is not as the change expects it.
  private static func change(
    _ session: any Session, key: Int64, _ change: PhoneChange, keepsMessages: Bool, _ stamp: Stamp,
    remove: (Phone) throws -> Void
  ) throws -> PhoneChange? {
    let current = try phone(session, id: change.phoneID).phone
    guard change.before != nil else { return nil }
    guard change.after != nil else {
      let keys = MessageKey.range(ofPhone: key)
      let message = "SELECT 1 FROM message WHERE key >= ?1 AND key < ?2"
      if keepsMessages,
        try session.exists(message, [.integer(keys.lowerBound), .integer(keys.upperBound)])
      {
        return nil
      }
      try remove(current)
      return PhoneChange(before: current, after: nil)
    }
    guard let phone = change.applied(to: current) else { return nil }
    if phone == current { return PhoneChange(before: current, after: phone) }
    try savePhone(session, phone, over: current, key: key, stamp: stamp)
    return PhoneChange(before: current, after: phone)
  }
}
