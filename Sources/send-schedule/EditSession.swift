import Canvas
import Editor
import Glibc
import Scheduling
import Storage
import Terminal
import TimeZones

/// The event loop: events from the terminal and the database to the editor, its effects to them.
struct EditSession {
  private let store: Store
  private let phoneID: String?
  private let options: EditorOptions
  private let environment = Surroundings.environment

  init(store: Store, phoneID: String?, options: EditorOptions) {
    self.store = store
    self.phoneID = phoneID
    self.options = options
  }

  func run() throws {
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let terminal = try Terminal(
      options: TerminalOptions(ascii: options.isASCII, mouse: options.hasMouse, noColor: noColor),
      environment: environment)
    defer { terminal.close() }
    let worker = try EffectWorker(
      store: store, fixedNow: options.fixedNow, isReadOnly: options.isReadOnly)
    let watch = DatabaseWatch(path: store.path)
    var editor = Editor(settings: settings(terminal.glyphs), size: terminal.size, now: now)
    start(&editor, worker)
    if let notice = terminal.notice { _ = apply(editor.receive(.done(notice)), worker, terminal) }
    loop(&editor, terminal, worker, watch)
    // What was asked for last, as keeping a draft, is done before the program ends.
    worker.finish()
  }

  private var now: Instant { options.fixedNow ?? Moment.present() }

  private func settings(_ glyphs: Glyphs) -> EditorSettings {
    let locale =
      ["LC_ALL", "LC_TIME", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    return EditorSettings(
      zones: store.zones, glyphs: glyphs, firstDayOfWeek: FirstDayOfWeek.of(locale: locale),
      localTimeZone: TimeZoneDatabase.system.localZone(environment: environment),
      isReadOnly: options.isReadOnly)
  }

  /// Asks for the first screen's data, and waits the moment that a small database needs for it.
  private func start(_ editor: inout Editor, _ worker: EffectWorker) {
    // The phone comes before the list, so that nothing of a list is computed that is not shown.
    if let phoneID { worker.perform(.open(phoneID: phoneID)) }
    worker.perform(.loadGateway)
    if phoneID == nil { worker.offerDrafts() }
    _ = settle(&editor, worker, atMost: 30)
  }

  /// Takes outcomes as they come for some milliseconds, so that quick answers are on the same screen; returns
  /// the effects that are not the worker's.
  private func settle(_ editor: inout Editor, _ worker: EffectWorker, atMost milliseconds: Int32) -> [Effect]
  {
    let end = Moment.present() + Int64(milliseconds)
    var others: [Effect] = []
    while worker.isBusy {
      let left = end - Moment.present()
      guard left > 0, worker.wait(milliseconds: Int32(left)) else { break }
      for outcome in worker.take() {
        for effect in editor.receive(outcome) {
          if effect.isForTerminal { others.append(effect) } else { worker.perform(effect) }
        }
      }
    }
    return others
  }

  private func loop(
    _ editor: inout Editor, _ terminal: Terminal, _ worker: EffectWorker, _ watch: DatabaseWatch
  ) {
    var lastRefresh: Instant = 0
    var refreshAt: Instant?
    var looksLeft = 0
    while true {
      if let due = refreshAt, due <= Moment.present() {
        worker.refresh(openPhone: editor.week?.phone.id)
        lastRefresh = due
        refreshAt = looksLeft > 0 ? due + Self.refreshGap << (Self.looks - looksLeft) : nil
        looksLeft -= 1
      }
      if !terminal.hasPendingInput {
        terminal.draw(editor.render())
      }
      let event = terminal.nextEvent(
        timeoutMilliseconds: timeout(refreshAt, watch), wakeOn: [worker.descriptor] + watch.descriptors)
      switch event {
      case .hangup, .terminate: return
      case .tick:
        let before = editor.now
        if apply(editor.advance(to: now), worker, terminal) == .quit { return }
        if watch.descriptors.isEmpty { worker.refresh(openPhone: editor.week?.phone.id) }
        if editor.now / .minute != before / .minute, let id = editor.week?.phone.id {
          worker.refresh(openPhone: id, evenIfUnwritten: true)
        }
      case .wake:
        if watch.takeChange() {
          looksLeft = Self.looks
          refreshAt = min(refreshAt ?? .max, max(lastRefresh + Self.refreshGap, Moment.present()))
        }
        for outcome in worker.take() where apply(editor.receive(outcome), worker, terminal) == .quit {
          return
        }
      default:
        let effects = editor.advance(to: now) + editor.handle(event)
        if apply(effects, worker, terminal) == .quit { return }
        if effects.contains(where: \.isQuickRead),
          apply(settle(&editor, worker, atMost: 8), worker, terminal) == .quit
        {
          return
        }
      }
    }
  }

  /// The most often that changes by others are looked at, in milliseconds.
  private static let refreshGap: Duration = 400
  /// How often one looks again after a change, each time after twice as long: a writer's bytes are in the
  /// file before its transaction is, by as long as the disk needs.
  private static let looks = 3

  /// Until the clock on the screen changes, or changes by others are to be looked at.
  private func timeout(_ refreshAt: Instant?, _ watch: DatabaseWatch) -> Int? {
    let present = Moment.present()
    let refresh = refreshAt.map { Int(max(0, $0 - present)) }
    let minute =
      options.fixedNow == nil ? Int(.minute - floorDivide(present, by: .minute).remainder) + 1 : nil
    // Where nobody tells of changes, the database's version is asked for each second.
    return [refresh, minute, watch.descriptors.isEmpty ? 1_000 : nil].compactMap { $0 }.min()
  }

  private enum Next { case goOn, quit }

  private func apply(_ effects: [Effect], _ worker: EffectWorker, _ terminal: Terminal) -> Next {
    for effect in effects {
      switch effect {
      case .quit: return .quit
      case .redraw: terminal.redraw()
      case .suspend: terminal.suspend()
      default: worker.perform(effect)
      }
    }
    return .goOn
  }
}

extension Effect {
  /// Whether the event loop does it, not the worker.
  fileprivate var isForTerminal: Bool { self == .quit || self == .redraw || self == .suspend }

  /// Whether its answer is worth a moment's wait, to be on the same screen as the key.
  fileprivate var isQuickRead: Bool {
    switch self {
    case .loadTexts, .loadOutlooks, .open, .loadRevisions, .loadGateway: true
    default: false
    }
  }
}
