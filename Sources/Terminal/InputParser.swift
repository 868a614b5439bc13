import Canvas

/// Turns the bytes that a terminal sends into events.
///
/// Escape sequences of all common terminals are understood without asking terminfo; unknown ones are
/// swallowed. An escape that nothing follows in time is the escape key, as is one before an ordinary
/// character: Alt is never needed, and fast typing is not taken for it.
struct InputParser {
  /// More pasted bytes than this are left out.
  static let longestPaste = 1 << 20

  private var bytes: [UInt8] = []
  private var events: [Event] = []
  private var handedOut = 0
  /// What was pasted so far, while a paste goes on.
  private var paste: [UInt8]?

  /// Whether the last bytes may be the beginning of something longer.
  var isUnfinished: Bool { !bytes.isEmpty || paste != nil }

  /// How long to wait for the rest before ``finish()``, for an escape delay in milliseconds.
  func patience(escapeDelay: Int) -> Int {
    if paste != nil { return 1000 }
    return bytes.count == 1 ? escapeDelay : max(4 * escapeDelay, 100)
  }

  var hasEvents: Bool { handedOut < events.count }

  mutating func next() -> Event? {
    guard hasEvents else { return nil }
    handedOut += 1
    let event = events[handedOut - 1]
    if handedOut == events.count {
      events.removeAll(keepingCapacity: true)
      handedOut = 0
    }
    return event
  }

  mutating func feed(_ new: some Sequence<UInt8>) {
    bytes.append(contentsOf: new)
    parse(isFinal: false)
  }

  /// Nothing more came in time: what is unfinished is taken for what it is.
  mutating func finish() {
    parse(isFinal: true)
    bytes.removeAll()
    if paste != nil { endPaste() }
  }

  private mutating func parse(isFinal: Bool) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let used = paste == nil ? parseOne(rest, isFinal) : parsePaste(rest, isFinal)
      if used == 0 { break }
      rest = rest.dropFirst(used)
    }
    bytes = Array(rest)
  }

  /// Reads one event or sequence; returns the bytes used, 0 if there have to be more.
  private mutating func parseOne(_ rest: ArraySlice<UInt8>, _ isFinal: Bool) -> Int {
    guard let first = rest.first else { return 0 }
    switch first {
    case 0x1B: return parseEscape(rest, isFinal)
    case 0x20...0x7E:
      events.append(.key(.character(Character(Unicode.Scalar(first)))))
      return 1
    case 0x00...0x1F, 0x7F:
      events.append(controlEvent(first))
      return 1
    default: return parseUTF8(rest, isFinal)
    }
  }

  private func controlEvent(_ byte: UInt8) -> Event {
    switch byte {
    case 0x03: .interrupt
    case 0x1A: .suspend
    case 0x08, 0x7F: .key(.backspace)
    case 0x09: .key(.tab)
    case 0x0A, 0x0D: .key(.enter)
    case 0x01...0x1A: .key(.control(Character(Unicode.Scalar(byte + 0x60))))
    default: .key(.control(Character(Unicode.Scalar(byte + 0x40))))
    }
  }

  /// One character of several bytes; a wrong byte is left out.
  private mutating func parseUTF8(_ rest: ArraySlice<UInt8>, _ isFinal: Bool) -> Int {
    let first = rest[rest.startIndex]
    let count = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1
    if count == 1 { return 1 }
    let found = rest.prefix(count)
    let isBroken = found.dropFirst().contains { $0 & 0xC0 != 0x80 }
    if found.count < count && !isBroken { return isFinal ? found.count : 0 }
    guard !isBroken, let text = String(validating: found, as: UTF8.self),
      let scalar = text.unicodeScalars.first
    else { return 1 }
    if scalar.value >= 0xA0 { events.append(.key(.character(Character(scalar)))) }
    return count
  }

  // MARK: Escape sequences

  private mutating func parseEscape(_ rest: ArraySlice<UInt8>, _ isFinal: Bool) -> Int {
    switch EscapeSequence.read(rest) {
    case .complete(let meaning, let count):
      act(on: meaning)
      return count
    case .none:
      events.append(.key(.escape))
      return 1
    case .incomplete:
      guard isFinal else { return 0 }
      if rest.count > 2 { return rest.count }
      // The escape key, and perhaps one of the keys that begin a sequence soon after it.
      events.append(.key(.escape))
      return 1 + (rest.count == 2 ? parseOne(rest.dropFirst(), true) : 0)
    }
  }

  private mutating func act(on meaning: EscapeSequence.Meaning) {
    switch meaning {
    case .key(let key): events.append(.key(key))
    case .mouse(let mouse): events.append(.mouse(mouse))
    case .pasteBegins: paste = []
    case .nothing: break
    }
  }

  // MARK: Paste

  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  private mutating func parsePaste(_ rest: ArraySlice<UInt8>, _ isFinal: Bool) -> Int {
    guard let escape = rest.firstIndex(of: 0x1B) else { return take(rest) }
    if escape > rest.startIndex { return take(rest[..<escape]) }
    if rest.starts(with: InputParser.pasteEnd) {
      endPaste()
      return InputParser.pasteEnd.count
    }
    let mayBeEnd = rest.count < InputParser.pasteEnd.count && InputParser.pasteEnd.starts(with: rest)
    return mayBeEnd && !isFinal ? 0 : take(rest.prefix(1))
  }

  private mutating func take(_ pasted: ArraySlice<UInt8>) -> Int {
    let room = InputParser.longestPaste - (paste?.count ?? 0)
    paste?.append(contentsOf: pasted.prefix(max(0, room)))
    return pasted.count
  }

  private mutating func endPaste() {
    let text = String(decoding: paste ?? [], as: UTF8.self)
    paste = nil
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\r\n" || $0 == "\r" || $0 == "\n" }
    events.append(.paste(lines.joined(separator: "\n")))
  }
}
