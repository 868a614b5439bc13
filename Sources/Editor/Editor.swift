import Canvas
import Scheduling

/// What does not change while the editor runs.
package struct EditorSettings: Sendable {
  package var glyphs: Glyphs
  /// 0 is Sunday.
  package var firstDayOfWeek: Int
  /// For a schedule that is started here.
  package var localTimeZone: String
  package var isReadOnly: Bool

  package init(
    glyphs: Glyphs = .unicode, firstDayOfWeek: Int = 1, localTimeZone: String = "UTC",
    isReadOnly: Bool = false
  ) {
    self.glyphs = glyphs
    self.firstDayOfWeek = firstDayOfWeek
    self.localTimeZone = localTimeZone
    self.isReadOnly = isReadOnly
  }
}

/// A line for the user, until the next key.
package struct Notice: Equatable, Sendable {
  package enum Kind: Equatable, Sendable { case info, good, warning, error }
  package var kind: Kind
  package var text: String
}

/// The whole editor as a value: events go in, effects and screens come out. It does no I/O and has no clock.
package struct Editor: Sendable {
  package let settings: EditorSettings
  package internal(set) var size: Size
  package internal(set) var now: Instant
  package internal(set) var gateway: Gateway?
  package internal(set) var phones = PhoneList()
  /// The phone that is open; nil in the phone list.
  package internal(set) var week: WeekState?
  package internal(set) var modal: Modal?
  package internal(set) var notice: Notice?
  var zones = ZoneTimelines()
  /// A day that was copied, as minutes of its Sunday.
  var copiedDay: WeekMinutes?
  var copiedName = ""
  var pendingSave: AfterSave?
  /// The draft as it was handed over to be saved; what is painted meanwhile is not in it.
  var submitted: Draft?
  var keptDraft: KeptDraft?
  /// What two people changed differently and is being asked about.
  var conflicts: [DraftMerge.Conflict] = []
  /// What waits until the question or the line that is there is done with.
  var waitingModals: [Modal] = []
  /// The phone that was asked for, and the keys that are meant for it.
  var opening: String?
  var held: [Key] = []
  /// How many phones have each schedule.
  var served: [String: Int] = [:]

  package init(settings: EditorSettings, size: Size, now: Instant) {
    self.settings = settings
    self.size = size
    self.now = now
  }

  package var glyphs: Glyphs { settings.glyphs }
  package static let smallest = Size(width: 60, height: 15)
  package var isTooSmall: Bool { size.width < Self.smallest.width || size.height < Self.smallest.height }

  var pane: Pane { week?.pane ?? .phones }

  /// Takes an event and says what is to be done about it.
  package mutating func handle(_ event: Event) -> [Effect] {
    defer { showWaiting() }
    switch event {
    case .key(let key): return press(key)
    case .paste(let text): return paste(text)
    case .mouse(let mouse): return point(mouse)
    case .resize(let size):
      self.size = size
      return settle()
    case .interrupt:
      if modal != nil { return press(.escape) }
      say(.info, "q leaves; unsaved work is asked about")
      return []
    case .suspend: return [.suspend]
    case .tick, .wake, .resumed, .hangup, .terminate: return []
    }
  }

  /// The time is now another one.
  package mutating func advance(to now: Instant) -> [Effect] {
    let minute = { (instant: Instant) in floorDivide(instant, by: .minute).quotient }
    let isNewMinute = minute(now) != minute(self.now)
    self.now = now
    guard isNewMinute else { return [] }
    refreshForecasts()
    phones.askAgain()
    return settle()
  }

  /// Takes what came of an effect.
  package mutating func receive(_ outcome: Outcome) -> [Effect] {
    defer { showWaiting() }
    switch outcome {
    case .gateway(let gateway): receive(gateway)
    case .outlooks(let outlooks): phones.take(outlooks)
    case .opened(let opened): return receive(opened)
    case .followed(let opened):
      // The phone may have been left while the answer was on its way.
      if week?.phone.id == opened.phone.id { return receive(opened) }
    case .queue(let phoneID, let queue, let previous):
      guard week?.phone.id == phoneID else { break }
      receive(queue, previous: previous)
    case .texts(let texts): week?.list.texts.merge(texts) { $1 }
    case .found(let phoneID, let keys):
      guard week?.phone.id == phoneID else { break }
      showFound(keys)
    case .saved(let opened, let note): return receiveSaved(opened, note)
    case .overtaken(let opened, let current, let base): return receiveOvertaken(opened, current, base)
    case .phoneGone(let phoneID): return receiveGone(phoneID)
    case .outlooksGivenUp(let ids): phones.forget(ids)
    case .revisions(let rows):
      if rows.isEmpty {
        say(.info, "No revision of this schedule is kept")
      } else {
        present(.revisions(RevisionList(rows: rows)))
      }
    case .keptElsewhere(let kept): offerToOpen(kept)
    case .done(let text): say(.good, text)
    case .attached(let text):
      phones.marked.removeAll()
      say(.good, text)
    case .saveFailed(let text):
      pendingSave = nil
      submitted = nil
      say(.error, text)
    case .failed(let text):
      (opening, held) = (nil, [])
      say(.error, text)
    }
    return settle()
  }

  /// Shows something over the screen, after what is there already.
  mutating func present(_ modal: Modal) {
    if self.modal == nil { self.modal = modal } else { waitingModals.append(modal) }
  }

  private mutating func showWaiting() {
    if modal == nil, !waitingModals.isEmpty { modal = waitingModals.removeFirst() }
  }

  mutating func say(_ kind: Notice.Kind, _ text: String) { notice = Notice(kind: kind, text: text) }

  /// What has to be fetched for the screen as it is now.
  mutating func settle() -> [Effect] {
    guard !isTooSmall else { return [] }
    if week != nil { return settleWeek() }
    phones.settle(rows: phoneRowsOnScreen)
    let wanted = phones.wantedOutlooks(rows: phoneRowsOnScreen)
    guard !wanted.isEmpty else { return [] }
    return [.loadOutlooks(phoneIDs: wanted)]
  }
}
