import Glibc

/// One client of `queue serve`: the requests that come from it, and the answers on their way to it.
struct ServeClient {
  /// A claim that was handed out, as it has to be given back if nobody reads of it.
  struct Handed {
    var messageID: String
    var attempt: Int
    /// The number of its phone.
    var owner: String
  }

  private enum Kind { case pipe, socket, other }

  /// A client that reads so little that more than this waits for it gets no more until it reads.
  private static let heldBackAt = 64 << 10
  /// The longest line: the longest text that a message may have, escaped, and some more.
  private static let longestLine = 1 << 20

  let input: Int32
  let output: Int32
  private let kind: Kind
  private var received: [UInt8] = []
  /// How much of what was received has been taken, and how far the rest is known to hold no line end.
  private var taken = 0
  private var searched = 0
  private var isSkippingLine = false
  private var answers: [UInt8] = []
  /// Bytes of all answers ever, and of those that were written.
  private var answered = 0
  private var written = 0
  /// Claims that are not known to have been read, by the end of their answer in ``answered``.
  private var handed: [(end: Int, claim: Handed)] = []
  private var wasReset = false
  /// Whoever is on the other side may still read what was written.
  private var wasGivenUp = false

  /// No request comes any more.
  private(set) var hasEnded = false
  /// Nobody reads any more.
  private(set) var isGone = false
  /// The error's number where standard output can take no answers, which is not as if somebody had left.
  private(set) var failure: Int32?

  init(input: Int32, output: Int32) {
    self.input = input
    self.output = output
    var status = stat()
    fstat(output, &status)
    kind = status.st_mode & S_IFMT == S_IFSOCK ? .socket : status.st_mode & S_IFMT == S_IFIFO ? .pipe : .other
  }

  var hasAnswers: Bool { !answers.isEmpty }
  var isHeldBack: Bool { answers.count >= Self.heldBackAt }
  var wantsInput: Bool { !hasEnded && !isGone && !isHeldBack && received.count - taken < Self.longestLine }
  /// A request stands here that can be taken at once.
  var hasRequests: Bool { !isGone && !isHeldBack && received[max(taken, searched)...].contains(0x0A) }
  /// Nothing is under way for it any more, but for claims that wait.
  var isIdle: Bool { isGone || answers.isEmpty && taken == received.count }

  // MARK: - Requests

  /// Reads what has come, once ``poll`` said that there is something.
  mutating func receive() {
    let size = 64 << 10
    if taken > size {
      received.removeFirst(taken)
      searched -= taken
      taken = 0
    }
    let before = received.count
    received.append(contentsOf: repeatElement(0, count: size))
    let count = received.withUnsafeMutableBytes { read(input, $0.baseAddress.map { $0 + before }, size) }
    received.removeLast(size - max(0, count))
    if count == 0 { end() }
    guard count < 0, errno != EAGAIN, errno != EINTR else { return }
    wasReset = errno == ECONNRESET
    end()
    if kind == .socket { isGone = true }
  }

  /// No more is read. What came without a line end counts as a line.
  mutating func end() {
    guard !hasEnded else { return }
    hasEnded = true
    if received.count > taken, received.last != 0x0A { received.append(0x0A) }
  }

  /// The next whole line; nil if there is none yet. A line that is too long comes empty, once.
  mutating func nextLine() -> ArraySlice<UInt8>? {
    guard !isGone, !isHeldBack else { return nil }
    while let end = received[max(taken, searched)...].firstIndex(of: 0x0A) {
      let line = received[taken..<end]
      taken = end + 1
      searched = taken
      if isSkippingLine {
        isSkippingLine = false
      } else if !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
        return line
      }
    }
    searched = received.count
    guard received.count - taken >= Self.longestLine else { return nil }
    taken = received.count
    defer { isSkippingLine = true }
    return isSkippingLine ? nil : []
  }

  // MARK: - Answers

  /// Queues an answer, a whole line; `claim` is what it hands out.
  mutating func answer(_ line: [UInt8], claim: Handed? = nil) {
    answers += line
    answered += line.count
    if let claim { handed.append((answered, claim)) }
  }

  /// Writes as much as fits without waiting. Standard output belongs to others too and is not made one
  /// that does not wait; a pipe that has room takes 4,096 bytes at once.
  mutating func send() {
    while !answers.isEmpty, !isGone {
      var limit = answers.count
      if kind != .socket {
        var room = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
        guard poll(&room, 1, 0) > 0, room.revents & Int16(POLLOUT) != 0 else { return }
        limit = min(limit, 4096)
      }
      let count = answers.withUnsafeBytes { write(output, $0.baseAddress, limit) }
      if count > 0 {
        answers.removeFirst(count)
        written += count
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        if kind != .socket, errno != EPIPE { failure = errno }
        isGone = true
      }
    }
  }

  /// Nobody reads the answers any more.
  mutating func leave() {
    isGone = true
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    if kind == .socket, getsockopt(output, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code == ECONNRESET {
      wasReset = true
    }
  }

  /// Nobody waits for it to read any longer: it gets no more than was written so far.
  mutating func giveUp() {
    isGone = true
    wasGivenUp = true
  }

  /// Forgets the claims that are known to have been read.
  mutating func noteRead() {
    guard !handed.isEmpty, !isGone else { return }
    let read: Int
    switch kind {
    case .pipe: read = written - unreadBytes(UInt(FIONREAD))
    case .socket: read = unreadBytes(UInt(TIOCOUTQ)) == 0 ? written : 0
    case .other: read = written
    }
    handed.removeAll { $0.end <= read }
  }

  /// The claims that nobody can have read, to be given back once the client is gone.
  ///
  /// How much of a pipe was read is known to the byte. Of a socket it is known that the last answer was not
  /// read whole if it was closed with something unread.
  mutating func takeUnread() -> [Handed] {
    let read =
      switch kind {
      case _ where wasGivenUp: written
      case .pipe: written - unreadBytes(UInt(FIONREAD))
      case .socket: wasReset ? written - 1 : written
      case .other: written
      }
    defer { handed = [] }
    return handed.filter { $0.end > read }.map(\.claim)
  }

  private func unreadBytes(_ request: UInt) -> Int {
    var count: Int32 = 0
    return ioctl(output, request, &count) == 0 ? Int(count) : 0
  }
}
