/// What became of one phone's settings: nil before it was added, nil after it was removed.
package struct PhoneChange: Equatable, Sendable {
  package var before: Phone?
  package var after: Phone?

  package init(before: Phone?, after: Phone?) {
    self.before = before
    self.after = after
  }

  /// The phone's id; empty if it is of no phone at all.
  package var phoneID: String { after?.id ?? before?.id ?? "" }

  /// What undoes it.
  package var reversed: PhoneChange { PhoneChange(before: after, after: before) }

  /// A phone with what this changes of it, the rest as it is; nil if one of the settings that this changes is
  /// another by now than it was before.
  package func applied(to current: Phone) -> Phone? {
    guard let before, let after else { return nil }
    var phone = current
    let isTaken =
      take(\.number, before, after, &phone) && take(\.label, before, after, &phone)
      && take(\.sim, before, after, &phone) && take(\.messagesPerMinute, before, after, &phone)
      && take(\.messagesPerDay, before, after, &phone) && take(\.maxSendAttempts, before, after, &phone)
      && take(\.retryDelaySeconds, before, after, &phone)
      && take(\.pauseAfterFailures, before, after, &phone) && take(\.hold, before, after, &phone)
      && take(\.scheduleID, before, after, &phone)
    return isTaken ? phone : nil
  }

  private func take<Value: Equatable>(
    _ setting: WritableKeyPath<Phone, Value>, _ before: Phone, _ after: Phone, _ phone: inout Phone
  ) -> Bool {
    if before[keyPath: setting] == after[keyPath: setting] { return true }
    guard phone[keyPath: setting] == before[keyPath: setting] else { return false }
    phone[keyPath: setting] = after[keyPath: setting]
    return true
  }
}
