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
  /// Whether the database lets this account write, were it asked for.
  package var mayWrite = true
  /// Where the data is: a path, or a server's address.
  package var databaseName = ""
  /// Nothing that is done here is done to a gateway.
  package var isSample = false
  /// What a command needs to work on the same database, as ` --database FILE` in a shell; empty for the usual one.
  package var databaseOption = ""
  /// Names of files, for completing a path; nil where no file may be read.
  package var files: (any FileNames)?
  /// The clocks of the time zones.
  package let zones: any TimeZoneSource

  package init(
    zones: any TimeZoneSource, glyphs: Glyphs = .unicode, firstDayOfWeek: Int = 1,
    localTimeZone: String = "UTC",
    isReadOnly: Bool = false
  ) {
    self.zones = zones
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

/// Where the user goes, after unsaved work is saved or given up.
package enum Destination: Equatable, Sendable {
  case phones, quit
  case open(phoneID: String)
}

/// What the screens share, and what they ask of the editor that holds them.
package struct Context: Sendable {
  package let settings: EditorSettings
  package internal(set) var size: Size
  package internal(set) var now: Instant
  /// All phones and schedules; nil while they load.
  package private(set) var gateway: Gateway?
  package internal(set) var notice: Notice?
  /// The hours that `y` copied.
  var copiedDay: CopiedDay?
  /// Messages of all phones that were searched for.
  package internal(set) var search: MessageSearch?
  /// What was typed on the `:` line, the newest last.
  private(set) var commands: [String] = []
  /// How many phones have each schedule.
  private var servedPhones: [String: Int] = [:]

  /// How far retrying many messages is; what was done before cannot be undone meanwhile.
  var retrying: RetryStep?

  // What was asked for, until the editor sees to it.
  private var effects: [Effect] = []
  var modals: [any Modal] = []
  var destination: Destination?

  init(settings: EditorSettings, size: Size, now: Instant) {
    self.settings = settings
    self.size = size
    self.now = now
  }

  var glyphs: Glyphs { settings.glyphs }

  /// The clock of a time zone; nil if there is no such zone.
  func clock(_ timeZone: String) -> ZoneTimeline? { settings.zones.timeline(timeZone, now: now) }

  /// When a phone with such a schedule and day's limit may send.
  func hours(of schedule: ScheduleContent?, messagesPerDay: Int) -> OpenHours {
    settings.zones.hours(of: schedule, messagesPerDay: messagesPerDay, now: now)
  }

  /// How many phones have a schedule.
  func servedPhones(_ scheduleID: String?) -> Int { scheduleID.flatMap { servedPhones[$0] } ?? 0 }

  /// The phones that have a schedule.
  func phonesSharing(_ scheduleID: String?) -> [Phone] {
    guard let scheduleID else { return [] }
    return gateway?.phones.map(\.phone).filter { $0.scheduleID == scheduleID } ?? []
  }

  func phone(_ id: String) -> Phone? { gateway?.phones.first { $0.phone.id == id }?.phone }

  func schedule(_ id: String?) -> Schedule? { gateway?.schedules.first { $0.id == id } }

  mutating func take(_ gateway: Gateway) {
    self.gateway = gateway
    servedPhones = [:]
    for row in gateway.phones {
      if let id = row.phone.scheduleID { servedPhones[id, default: 0] += 1 }
    }
  }

  mutating func remember(command: String) {
    commands.removeAll { $0 == command }
    commands.append(command)
  }

  // MARK: Asking

  /// Shows a line until the next key.
  mutating func say(_ kind: Notice.Kind, _ text: String) { notice = Notice(kind: kind, text: text) }

  /// Whether nothing may be changed here; says so.
  mutating func refusesToEdit() -> Bool {
    if settings.isReadOnly {
      let reason = settings.mayWrite ? "nothing can be changed" : "this account may not write to the database"
      say(.warning, "Read only: \(reason)")
    }
    return settings.isReadOnly
  }

  /// Asks for something to be done outside of the editor.
  mutating func perform(_ effect: Effect) { effects.append(effect) }

  /// Shows something over the screen, after what is there already.
  mutating func present(_ modal: any Modal) {
    if let topic = (modal as? Question)?.topic { modals.removeAll { ($0 as? Question)?.topic == topic } }
    modals.append(modal)
  }

  /// Leaves the screen, nothing being unsaved any more.
  mutating func go(to destination: Destination) { self.destination = destination }

  /// The effects that were asked for, once.
  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }
}
