import Canvas
import Scheduling

/// The whole editor as a value: events go in, effects and screens come out. It does no I/O and has no clock.
package struct Editor: Sendable {
  package internal(set) var context: Context
  package internal(set) var phones = PhonesScreen()
  /// The phone that is open; nil in the phone list.
  package internal(set) var week: WeekScreen?
  /// What lies over the screen.
  package internal(set) var modal: (any Modal)?
  /// The phone that was asked for, and the keys that are meant for it.
  private var opening: String?
  /// The message that is to be shown when its phone is open.
  var opensMessage: FoundMessageRow?
  private var keysForOpening: [Key] = []
  /// Whether the user does not want to see how far it is what lasts.
  var hidesUnderWay = false

  package init(settings: EditorSettings, size: Size, now: Instant) {
    context = Context(settings: settings, size: size, now: now)
  }

  package var size: Size { context.size }
  package var now: Instant { context.now }
  package var notice: Notice? { context.notice }

  /// The phones that are on the screen; none where one of them is open.
  package var shownPhones: [String] {
    week == nil ? phones.list.visibleRows(PhonesScreen.rows(size)).map(\.phone.id) : []
  }

  package static let smallest = Size(width: 60, height: 15)
  var isTooSmall: Bool { size.width < Self.smallest.width || size.height < Self.smallest.height }

  var pane: Pane { week?.pane ?? .phones }

  /// Takes an event and says what is to be done about it.
  package mutating func handle(_ event: Event) -> [Effect] {
    switch event {
    case .key(let key): press(key)
    case .paste(let text): paste(text)
    case .mouse(let mouse): point(mouse)
    case .resize(let size): context.size = size
    case .interrupt:
      if modal != nil { press(.escape) } else { context.say(.info, "q quits; unsaved work is asked about") }
    case .suspend: context.perform(.suspend)
    case .tick, .wake, .resumed, .hangup, .terminate: break
    }
    return finish()
  }

  /// The time is now another one; nil if nothing on the screen changes by that.
  package mutating func advance(to now: Instant) -> [Effect]? {
    // A clock that is set back may stay before the next change for long.
    let isChange = now >= nextChange || floorDivide(now, by: .minute).quotient < minute
    context.now = now
    guard isChange else { return nil }
    week?.refreshForecasts(context)
    phones.list.askAgain()
    phones.list.forgetOpenings()
    return finish()
  }

  private var minute: Int64 { floorDivide(now, by: .minute).quotient }

  /// The next moment at which something on the screen changes by itself: a minute begins, or a hold ends.
  package var nextChange: Instant {
    let nextMinute = (minute + 1) * .minute
    let holdEnd =
      week.map { ($0.previewedHold ?? $0.phone.hold)?.until ?? .max } ?? phones.list.nextHoldEnd
    return holdEnd > now ? min(holdEnd, nextMinute) : nextMinute
  }

  /// The screen of this state.
  package func render() -> Canvas {
    var canvas = Canvas(size: size)
    if isTooSmall {
      drawTooSmall(on: &canvas)
      return canvas
    }
    if let week { week.draw(on: &canvas, context) } else { phones.draw(on: &canvas, context) }
    if let modal {
      // The cursor is where the work is, and that is not under something else; nor does a sign point there.
      canvas.cursor = nil
      if !(modal is Prompt) { canvas.erasePointers(context.glyphs) }
      modal.draw(on: &canvas, context)
    }
    return canvas
  }

  private func drawTooSmall(on canvas: inout Canvas) {
    let lines = [
      "too small: \(size.width)x\(size.height)",
      "needs \(Self.smallest.width)x\(Self.smallest.height)", "nothing is lost",
    ]
    let top = max(0, (size.height - lines.count) / 2)
    for (index, line) in lines.enumerated() {
      let column = max(0, (size.width - columns(of: line)) / 2)
      canvas.write(line, row: top + index, column: column, style: Style(index == 0 ? .strong : .dim))
    }
  }

  // MARK: After each event

  /// Goes where a screen asked to go, and shows what it asked to show.
  mutating func attend() {
    while let destination = context.destination {
      context.destination = nil
      follow(destination)
    }
    if modal == nil, !context.modals.isEmpty { modal = context.modals.removeFirst() }
    // A question that is not answered yet gives way to a newer one about the same.
    if let topic = (modal as? Question)?.topic,
      let newer = context.modals.firstIndex(where: { ($0 as? Question)?.topic == topic })
    {
      modal = context.modals.remove(at: newer)
    }
  }

  /// What an event led to: all that was asked for on the way, and what the screen as it is now lacks.
  mutating func finish() -> [Effect] {
    attend()
    prepareScreen()
    return context.takeEffects()
  }

  /// Scrolls to where the work is, and asks for what is to be drawn and is not here.
  private mutating func prepareScreen() {
    guard !isTooSmall else { return }
    if week != nil { week?.prepare(&context) } else { phones.prepare(&context) }
  }

  // MARK: Going

  /// `q`: from a phone to the list, from there out.
  mutating func back() { leave(to: week == nil ? .quit : .phones) }

  /// Leaves the phone that is open, after asking about unsaved work.
  mutating func leave(to destination: Destination) {
    guard let week, week.isChanged else { return follow(destination) }
    context.present(week.questionOnLeaving(to: destination, context))
  }

  /// Goes where the user wanted to go, now that nothing is unsaved.
  private mutating func follow(_ destination: Destination) {
    switch destination {
    case .quit: context.perform(.quit)
    case .phones: closeWeek()
    case .open(let phoneID):
      phones.list.select(phoneID)
      startOpening(phoneID)
    }
  }

  /// Shows the phone list in place of the phone.
  mutating func closeWeek() {
    if let id = week?.phone.id { phones.list.select(id) }
    week = nil
    context.perform(.loadGateway)
  }

  private mutating func startOpening(_ phoneID: String) {
    opening = phoneID
    context.perform(.open(phoneID: phoneID))
  }

  /// The keys after the one that opens a phone are meant for that phone.
  mutating func keepsForOpening(_ key: Key) -> Bool {
    guard opening != nil else { return false }
    if keysForOpening.count < 200 { keysForOpening.append(key) }
    return true
  }

  /// Nothing is being opened any more; the keys that were meant for it.
  @discardableResult
  mutating func endOpening() -> [Key] {
    defer { (opening, keysForOpening) = (nil, []) }
    return keysForOpening
  }
}
