import CNcurses
import Canvas
import Glibc

/// The terminal on standard input and output, from opening it to giving it back.
///
/// It belongs to the main thread. Whatever way the program leaves, the terminal is as it was: ``close()``,
/// an exit, and a crash restore it.
package final class Terminal {
  package private(set) var size: Size
  /// Unicode where the locale and the options allow it.
  package let glyphs: Glyphs
  /// Something about the terminal that the user should read once, as a type that is unknown here.
  package let notice: String?

  private var painter: Painter
  private var input: EventSource
  private let modes: ModeStrings
  private var isOpen = true
  /// The size changed, and no event has said so yet.
  private var isResizeNews = false

  /// Takes the terminal over; the environment says its type (`TERM`), its encoding, and `ESCDELAY`.
  package init(options: TerminalOptions, environment: [String: String]) throws(TerminalError) {
    if isatty(STDIN_FILENO) == 0 { throw .notATerminal(stream: "input") }
    if isatty(STDOUT_FILENO) == 0 { throw .notATerminal(stream: "output") }
    let isASCII = !Terminal.setUpEncoding(environment) || options.ascii
    let term = environment["TERM"] ?? ""
    guard let type = TerminalType.choose(term: term, isKnown: { cn_knows_terminal($0) }) else {
      throw .unusable(term: term)
    }
    let signals = cn_catch_signals()
    guard signals >= 0 else { throw .system("pipe") }
    guard cn_open(type.name) else {
      cn_release_signals()
      throw .unusable(term: term)
    }
    let isPlain = options.noColor || options.monochrome
    painter = Painter(palette: Palette(colors: isPlain ? 0 : Int(cn_color_count())), isASCII: isASCII)
    let escapeDelay = environment["ESCDELAY"].flatMap { Int($0) } ?? 25
    input = EventSource(signals: signals, escapeDelay: min(max(escapeDelay, 1), 1000))
    modes = ModeStrings(mouse: options.mouse)
    glyphs = isASCII ? .ascii : .unicode
    notice = type.notice
    size = Terminal.currentSize()
    cn_resize(Int32(size.width), Int32(size.height))
    enterModes()
  }

  deinit { close() }

  /// Gives the terminal back; more calls do nothing.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    leaveModes()
    cn_close()
    cn_release_signals()
  }

  /// Shows a canvas: only the cells that changed are sent, in one go.
  package func draw(_ canvas: Canvas) {
    guard isOpen else { return }
    painter.paint(canvas, on: size)
    let cursor = canvas.cursor.flatMap { isInside($0) ? $0 : nil }
    let isVisible = cursor.map { !isDrawn($0, on: canvas) } ?? false
    cn_refresh(Int32(cursor?.row ?? -1), Int32(cursor?.column ?? 0), isVisible)
  }

  private func isInside(_ cursor: Point) -> Bool {
    (0..<size.height).contains(cursor.row) && (0..<size.width).contains(cursor.column)
  }

  /// Whether a cell is drawn as the cursor already: the terminal's would reverse it, and hide it. It stands there all
  /// the same, for who follows it without seeing.
  private func isDrawn(_ cursor: Point, on canvas: Canvas) -> Bool {
    let role = canvas[cursor.row, cursor.column].style.role
    return role == .cursor || role == .pen
  }

  /// Clears the terminal and draws all of the last canvas again, for `^L`.
  package func redraw() {
    guard isOpen else { return }
    cn_redraw()
    cn_refresh(-1, 0, false)
  }

  /// Whether ``nextEvent(timeoutMilliseconds:wakeOn:)`` returns at once with input that came already, so that
  /// drawing can wait.
  package var hasPendingInput: Bool { input.hasPendingInput }

  /// Waits for the next event, asleep; `.tick` when the time is up, nil waits for ever.
  ///
  /// `.wake` says that one of the file descriptors is readable; reading it is the caller's. After `.hangup`
  /// there is nothing more to come but `.hangup`.
  package func nextEvent(timeoutMilliseconds: Int?, wakeOn descriptors: [Int32] = []) -> Event {
    if isResizeNews { return takeResize() }
    while true {
      let event = input.next(timeoutMilliseconds: timeoutMilliseconds, wakeOn: descriptors)
      switch event {
      case .resize:
        adoptSize()
        guard isResizeNews else { continue }
        return takeResize()
      case .resumed:
        comeBack()
        return .resumed
      default: return event
      }
    }
  }

  /// Stops the program as the shell's `^Z` does, and takes the terminal again when it goes on.
  ///
  /// Without job control (a login shell, an SSH command) it goes on at once. If the size changed meanwhile,
  /// the next event says so.
  package func suspend() {
    guard isOpen else { return }
    leaveModes()
    cn_leave()
    cn_stop()
    input.dropContinue()
    comeBack()
  }

  private func comeBack() {
    cn_return()
    adoptSize()
    enterModes()
    cn_refresh(-1, 0, false)
  }

  /// Follows the size that the terminal has now.
  private func adoptSize() {
    let now = Terminal.currentSize()
    guard now != size else { return }
    size = now
    isResizeNews = true
    cn_resize(Int32(now.width), Int32(now.height))
    painter.forget()
  }

  private func takeResize() -> Event {
    isResizeNews = false
    return .resize(size)
  }

  private func enterModes() {
    cn_prepare_restore(modes.restore, true)
    cn_send(modes.enter)
  }

  private func leaveModes() {
    cn_prepare_restore("", false)
    cn_send(modes.leave)
  }

  /// Nobody has a larger terminal; who claims so must not make us allocate it.
  private static let largest = Size(width: 1000, height: 500)

  private static func currentSize() -> Size {
    var (columns, rows): (Int32, Int32) = (0, 0)
    cn_terminal_size(&columns, &rows)
    if columns <= 0 || rows <= 0 { cn_screen_size(&columns, &rows) }
    return Size(
      width: min(max(Int(columns), 1), largest.width), height: min(max(Int(rows), 1), largest.height))
  }

  /// Whether text can be drawn in UTF-8.
  private static func setUpEncoding(_ environment: [String: String]) -> Bool {
    guard wantsUTF8(environment) else { return false }
    return cn_set_locale("") || cn_set_locale("C.UTF-8")
  }
}
