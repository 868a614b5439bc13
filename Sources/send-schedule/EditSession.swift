import Canvas
import Editor
import Effects
import Glibc
import Scheduling
import Storage
import Terminal
import TimeZones

/// The event loop: events from the terminal and the database to the editor, its effects to them.
struct EditSession {
  private let store: Store
  private let wait: LockWait
  private let phoneID: String?
  private let options: EditorOptions
  private let environment = Surroundings.environment

  /// `wait` is what `store` waits with.
  init(store: Store, wait: LockWait, phoneID: String?, options: EditorOptions) {
    self.store = store
    self.wait = wait
    self.phoneID = phoneID
    self.options = options
  }

  func run() throws {
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let terminal = try Terminal(
      options: TerminalOptions(ascii: options.isASCII, mouse: options.hasMouse, noColor: noColor),
      environment: environment)
    defer { terminal.close() }
    _ = try run(on: terminal)
  }

  private func run(on terminal: Terminal) throws -> End {
    let watch = DatabaseWatch(store)
    let worker = try EffectWorker(store: store, wait: wait, watch: watch, options: options)
    var editor = Editor(settings: settings(terminal.glyphs), size: terminal.size, now: options.now)
    start(&editor, worker)
    if let notice = terminal.notice { _ = apply(editor.receive(.done(notice)), worker, terminal) }
    let end = loop(&editor, terminal, worker, watch)
    // What was asked for last, as keeping a draft, is done before the program ends.
    worker.finish(patience: end == .lost ? Self.patienceWhenLost : nil)
    return end
  }

  /// Another editor on a sample of its own, on the same terminal, until it is left.
  private func showSample(on terminal: Terminal, _ worker: EffectWorker) -> End {
    do {
      return try SampleGateway.temporary(now: options.now) { sample, wait in
        var options = options
        options.isReadOnly = false
        options.databaseName = "a sample; q comes back"
        options.isSample = true
        return try EditSession(store: sample, wait: wait, phoneID: nil, options: options).run(on: terminal)
      }
    } catch {
      worker.report(error)
      return .quit
    }
  }

  private func settings(_ glyphs: Glyphs) -> EditorSettings {
    let locale =
      ["LC_ALL", "LC_TIME", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    var settings = EditorSettings(
      zones: store.zones, glyphs: glyphs, firstDayOfWeek: FirstDayOfWeek.of(locale: locale),
      localTimeZone: TimeZoneDatabase.system.localZone(environment: environment),
      isReadOnly: options.isReadOnly)
    settings.mayWrite = options.mayWrite
    settings.isSample = options.isSample
    settings.databaseName = options.databaseName ?? PathNames.abbreviated(store.path)
    let isUsual = (try? Surroundings.databasePath(option: nil)) == store.path
    settings.databaseOption = isUsual ? "" : "--database \(ShellWord.quoted(store.path))"
    settings.files = options.isReadOnly ? nil : PathNames()
    return settings
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

  /// How the loop ended: by the user's wish, or because there is no terminal any more, or no time.
  private enum End { case quit, lost }

  /// How long a lock may keep the end waiting when the line is lost, in milliseconds.
  private static let patienceWhenLost = 2_000

  private func loop(
    _ editor: inout Editor, _ terminal: Terminal, _ worker: EffectWorker, _ watch: DatabaseWatch
  ) -> End {
    var looks = ChangeLooks()
    // What is on the screen is not what the editor would draw.
    var isStale = true
    while true {
      if looks.isDue() {
        worker.refresh(openPhone: editor.week?.phone.id, shownPhones: editor.shownPhones)
      }
      if isStale, !terminal.hasPendingInput {
        terminal.draw(editor.render())
        isStale = false
      }
      let event = terminal.nextEvent(
        timeoutMilliseconds: timeout(editor, looks, watch, worker),
        wakeOn: [worker.descriptor] + (looks.isListening ? watch.descriptors : []))
      var effects: [Effect] = []
      // What is being answered is shown in one piece, as far as it does not take long.
      var isAnswered = false
      switch event {
      case .hangup, .terminate: return .lost
      case .tick:
        effects = tellWaiting(&editor, worker, &isStale)
        if let changes = editor.advance(to: options.now) {
          isStale = true
          effects += changes
          if let id = editor.week?.phone.id { worker.refresh(openPhone: id, evenIfUnwritten: true) }
        }
        if watch.descriptors.isEmpty {
          worker.refresh(openPhone: editor.week?.phone.id, shownPhones: editor.shownPhones)
        }
      case .wake:
        if watch.takeChange() { looks.noteChange() }
        for outcome in worker.take() {
          (isStale, isAnswered) = (true, true)
          effects += editor.receive(outcome)
        }
      case .interrupt, .key(.control("c")):
        isStale = true
        if worker.lockedMilliseconds != nil { worker.endWaiting() } else { effects = editor.handle(event) }
      default:
        isStale = true
        effects = (editor.advance(to: options.now) ?? []) + editor.handle(event)
      }
      if let end = apply(effects, worker, terminal) { return end }
      if isAnswered || effects.contains(where: \.isQuickRead),
        let end = apply(settle(&editor, worker, atMost: 8), worker, terminal)
      {
        return end
      }
    }
  }

  /// Says for how long a lock of somebody else has been in the way, where that is long.
  private func tellWaiting(_ editor: inout Editor, _ worker: EffectWorker, _ isStale: inout Bool) -> [Effect]
  {
    guard let milliseconds = worker.lockedMilliseconds, milliseconds >= 1_000 else { return [] }
    isStale = true
    return editor.receive(.waiting(seconds: Int(milliseconds / 1_000)))
  }

  /// Until something on the screen changes by itself, changes by others are to be looked at, or waiting is to be told.
  private func timeout(
    _ editor: Editor, _ looks: ChangeLooks, _ watch: DatabaseWatch, _ worker: EffectWorker
  ) -> Int? {
    let now = options.now
    // Not longer than a minute, also where the clock was set back.
    let change = options.fixedNow == nil ? Int(min(max(0, editor.nextChange - now), .minute)) + 1 : nil
    // Where nobody tells of changes, the database's version is asked for each second.
    return [
      looks.milliseconds, change, watch.descriptors.isEmpty ? 1_000 : nil, worker.isBusy ? 500 : nil,
    ].compactMap { $0 }.min()
  }

  /// Performs effects; says if the editor is to end by them.
  private func apply(_ effects: [Effect], _ worker: EffectWorker, _ terminal: Terminal) -> End? {
    for effect in effects {
      switch effect {
      case .quit: return .quit
      case .openSample: if showSample(on: terminal, worker) == .lost { return .lost }
      case .redraw: terminal.redraw()
      // Nobody else could write while a stopped program holds the lock.
      case .suspend: WritePause.during { terminal.suspend() }
      default: worker.perform(effect)
      }
    }
    return nil
  }
}

extension Effect {
  /// Whether the event loop does it, not the worker.
  fileprivate var isForTerminal: Bool { [.quit, .redraw, .suspend, .openSample].contains(self) }

  /// Whether its answer is worth a moment's wait, to be on the same screen as the key.
  fileprivate var isQuickRead: Bool {
    switch self {
    case .loadTexts, .loadOutlooks, .open, .loadRevisions, .loadGateway, .changePhones, .weighAttaching,
      .searchMessages, .createSchedule, .loadMessage, .listMessages, .loadMessages, .changeMessage,
      .loadPhoneRevisions, .loadDeletedSchedules, .weigh, .weighRetry, .retryMessages, .readHolidays:
      true
    default: false
    }
  }
}
