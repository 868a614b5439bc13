import Editor
import Scheduling

/// Unsaved work, in a file that knows of no other drafts than an editor's.
enum KeptDraftFixture {
  static func make(of phone: Phone, at now: Instant) -> KeptDraft {
    KeptDraft(
      phoneID: phone.id, draft: Draft(phone: phone, schedule: nil, localTimeZone: "UTC"), phone: phone,
      schedule: nil,
      keptAt: now)
  }
}
