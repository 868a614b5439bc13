import Canvas
import Editor
import Effects
import Scheduling
import Storage
import Testing
import TimeZones

/// An editor on a gateway in memory: effects are performed at once.
struct World {
  var editor: Editor
  let store: Store
  private var performer: EffectPerformer
  /// Long queues are not read, as if that took long.
  var readsLongQueues = true
  /// Everything that was asked for, in order.
  private(set) var effects: [Effect] = []
  private(set) var hasQuit = false

  /// An editor on a new gateway, or as `name` on one that is there.
  init(
    settings: EditorSettings, size: Size, now: Instant, sample: Sample = Sample(), on store: Store? = nil,
    named name: String = "first", files: DraftFiles? = nil,
    reopen: @escaping @Sendable () throws -> Store = { throw StoreError.interrupted }
  ) throws {
    editor = Editor(settings: settings, size: size, now: now)
    self.store = try store ?? sample.store(now: now)
    let shelf = { @Sendable (store: Store) in
      DraftShelf(
        store: store, author: Self.author, editor: name, files: files,
        isRunning: { other, _ in other == name })
    }
    performer = EffectPerformer(
      store: self.store, drafts: shelf(self.store), isReadOnly: settings.isReadOnly,
      stamp: { Stamp(author: Self.author, at: $0) },
      reopen: {
        let store = try reopen()
        return (store, shelf(store))
      })
    perform([.loadGateway])
  }

  private static let author = "tester"

  mutating func open(_ number: String) { perform([.open(phoneID: number)]) }

  /// Opens a phone whose queue counts as long, with so many of its messages read at first.
  mutating func openLong(_ number: String, firstRead: Int) {
    (performer.mostAtOnce, performer.firstRead, readsLongQueues) = (0, firstRead, false)
    open(number)
  }

  /// Reads the whole queue of the phone that is open, as is asked for of a long one.
  mutating func readQueue() {
    readsLongQueues = true
    if let id = editor.week?.phone.id { perform([.loadQueue(phoneID: id)]) }
  }

  mutating func press(_ keys: [Key]) {
    for key in keys { perform(editor.handle(.key(key))) }
  }

  mutating func press(_ text: String) { press(KeyNotation.parse(text)) }

  mutating func perform(_ effects: [Effect]) {
    self.effects += effects
    for effect in effects {
      if effect == .quit { hasQuit = true }
      if case .loadQueue = effect, !readsLongQueues { continue }
      receive { try $0.perform(effect, $1) }
    }
  }

  /// The editor hears of what others wrote.
  mutating func refresh() {
    let phone = editor.week?.phone.id
    receive { try $0.refresh(openPhone: phone, evenIfUnwritten: false, $1) }
  }

  /// Asks for something of which nobody wants the answer any more when that was looked at so many times.
  mutating func performUnwanted(_ effect: Effect, after looks: Int = 0) {
    var looks = looks
    let isWanted = {
      looks -= 1
      return looks >= 0
    }
    receive(isWanted: isWanted) { try $0.perform(effect, $1) }
  }

  private mutating func receive(
    isWanted: @escaping () -> Bool = { true }, _ job: (inout EffectPerformer, Call) throws -> Void
  ) {
    let now = editor.now
    var outcomes: [Outcome] = []
    do {
      let take: (Outcome) -> Void = { outcomes.append($0) }
      try job(&performer, Call(clock: { now }, isWanted: isWanted, post: take))
    } catch {
      outcomes += [Outcome(of: error)].compactMap { $0 }
    }
    for outcome in outcomes { perform(editor.receive(outcome)) }
  }

  // MARK: What is stored

  func phones() throws -> [Phone] { try store.phones() }
  func phone(_ number: String) throws -> Phone { try store.phone(named: number) }
  func schedules() throws -> [Schedule] { try store.schedules() }
  func schedule(_ name: String) throws -> Schedule? { try schedules().first { $0.content.name == name } }

  /// The unsaved work that would be offered if this editor were gone.
  func kept() throws -> [String: KeptDraft] {
    let shelf = DraftShelf(store: store, author: Self.author, editor: "", isRunning: { _, _ in false })
    return Dictionary(try shelf.leftBehind().map { ($0.phoneID, $0) }) { newest, _ in newest }
  }

  /// Somebody else saves a schedule; the editor does not hear of it yet.
  func anna(saves name: String, _ change: (inout ScheduleContent) -> Void) throws {
    try store.changeSchedule(name, stamp: Stamp(author: "anna", at: editor.now), change)
  }
}
