import Foundation

/// The fields that an import knows, of phones, schedules and messages alike. All others are ignored.
enum ImportField: UInt8, CaseIterable {
  case id, phoneNumber, label, messagesPerMinute, sim, scheduleID, maxSendAttempts
  case name, timeZone, isActive, windows
  case owner, contact, content, status, type, requestReceivedAt, createdAt, scheduledSendTime, exact
  case lastAttemptedAt, sentAt, sendAttemptCount, leaseExpiresAt, failureReason
  /// As `queue add` calls contact, content and scheduled_send_time.
  case to, text, sendAt

  /// As the formats spell it.
  var name: StaticString {
    switch self {
    case .id: "id"
    case .phoneNumber: "phone_number"
    case .label: "label"
    case .messagesPerMinute: "messages_per_minute"
    case .sim: "sim"
    case .scheduleID: "message_send_schedule_id"
    case .maxSendAttempts: "max_send_attempts"
    case .name: "name"
    case .timeZone: "timezone"
    case .isActive: "is_active"
    case .windows: "windows"
    case .owner: "owner"
    case .contact: "contact"
    case .content: "content"
    case .status: "status"
    case .type: "type"
    case .requestReceivedAt: "request_received_at"
    case .createdAt: "created_at"
    case .scheduledSendTime: "scheduled_send_time"
    case .exact: "exact"
    case .lastAttemptedAt: "last_attempted_at"
    case .sentAt: "sent_at"
    case .sendAttemptCount: "send_attempt_count"
    case .leaseExpiresAt: "lease_expires_at"
    case .failureReason: "failure_reason"
    case .to: "to"
    case .text: "text"
    case .sendAt: "send_at"
    }
  }

  /// The field of this name.
  static func named(_ name: UnsafeBufferPointer<UInt8>) -> ImportField? {
    guard (2...24).contains(name.count) else { return nil }
    var slot = slot(of: name)
    while let field = table[slot] {
      if name.equals(field.name) { return field }
      slot = (slot + 1) & 63
    }
    return nil
  }

  /// Fields by the hash of their names; less than half of it is taken, so a search ends soon.
  private static let table: [ImportField?] = {
    var table = [ImportField?](repeating: nil, count: 64)
    for field in allCases {
      field.name.withUTF8Buffer { name in
        var slot = slot(of: name)
        while table[slot] != nil { slot = (slot + 1) & 63 }
        table[slot] = field
      }
    }
    return table
  }()

  /// A hash of the length and some letters, 0 to 63.
  private static func slot(of name: UnsafeBufferPointer<UInt8>) -> Int {
    let letters = Int(name[0]) &* 31 &+ Int(name[name.count / 2]) &* 7 &+ Int(name[name.count - 2])
    return (letters &+ name.count &* 13) & 63
  }
}
