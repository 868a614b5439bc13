import Formats
import Scheduling

/// 128 bits that stand for the words of a row of CSV, in all processes and for ever.
struct RowFingerprint: Hashable {
  let high: Int64
  let low: Int64

  init(high: Int64, low: Int64) { (self.high, self.low) = (high, low) }

  /// The fingerprint of the n-th (from 0) row of a file that says just this; `phone` is its phone's number without the `+`.
  ///
  /// Local times count as they are written, so that another time zone of the schedule makes no new row.
  init(_ row: CSVMessage, phone: UInt64, occurrence: Int) {
    var hash = SipHash128()
    hash.add(phone)
    switch row.sendTime {
    case .none: hash.add(0)
    case .instant(let instant):
      hash.add(1)
      hash.add(UInt64(bitPattern: instant))
    case .local(let local):
      hash.add(2)
      hash.add(UInt64(bitPattern: local))
    }
    hash.add(UInt64(occurrence))
    hash.add(row.to)
    hash.add(row.content)
    let (high, low) = hash.finish()
    self.high = Int64(bitPattern: high)
    self.low = Int64(bitPattern: low)
  }
}

extension SipHash128 {
  /// 128 bits that stand for a text.
  static func of(_ text: String) -> (UInt64, UInt64) {
    var hash = SipHash128()
    hash.add(text)
    return hash.finish()
  }

  /// 64 bits that stand for all that an import says of a message, but for its id.
  static func words(of message: Message, sendTime: Instant?) -> Int64 {
    var hash = SipHash128()
    for text in [message.owner, message.contact, message.content, message.status.rawValue] { hash.add(text) }
    let numbers = [
      message.queuedAt, message.sendAt, message.retryAt, message.expiresAt, message.lastAttemptedAt,
      message.sentAt,
      sendTime, message.leaseExpiresAt, Int64(message.sendAttemptCount),
      message.maxSendAttempts.map(Int64.init),
      message.isExact ? 1 : 0,
    ]
    for number in numbers { hash.add(UInt64(bitPattern: number ?? -1)) }
    return Int64(bitPattern: hash.finish().0)
  }
}

/// SipHash-2-4 with 128 bits (Aumasson, Bernstein) over words, under a fixed key.
///
/// Swift's own hashing has another key in each process; these have to be the same for ever.
struct SipHash128 {
  private var v0: UInt64 = 0x736f_6d65_7073_6575 ^ 0x0706_0504_0302_0100
  private var v1: UInt64 = 0x646f_7261_6e64_6f6d ^ 0x0f0e_0d0c_0b0a_0908 ^ 0xEE
  private var v2: UInt64 = 0x6c79_6765_6e65_7261 ^ 0x0706_0504_0302_0100
  private var v3: UInt64 = 0x7465_6462_7974_6573 ^ 0x0f0e_0d0c_0b0a_0908
  private var count: UInt64 = 0

  @inline(__always)
  mutating func add(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
    count &+= 8
  }

  /// A text: its length, and its bytes in words, the last one filled up with zeros.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
    add(UInt64(text.count))
    let raw = UnsafeRawBufferPointer(text)
    var index = 0
    while index + 8 <= raw.count {
      add(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
      index += 8
    }
    guard index < raw.count else { return }
    var last: UInt64 = 0
    for offset in index..<raw.count { last |= UInt64(raw[offset]) << UInt64((offset - index) * 8) }
    add(last)
  }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add($0) }
  }

  /// The same of a number.
  mutating func add(_ number: NumberText) {
    add(UInt64(number.count))
    add(UInt64(littleEndian: number.words.x))
    if number.count > 8 { add(UInt64(littleEndian: number.words.y)) }
  }

  mutating func finish() -> (UInt64, UInt64) {
    add(count << 56)
    v2 ^= 0xEE
    for _ in 0..<4 { round() }
    let first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xDD
    for _ in 0..<4 { round() }
    return (first, v0 ^ v1 ^ v2 ^ v3)
  }

  @inline(__always)
  private mutating func round() {
    v0 = v0 &+ v1
    v1 = (v1 << 13 | v1 >> 51) ^ v0
    v0 = v0 << 32 | v0 >> 32
    v2 = v2 &+ v3
    v3 = (v3 << 16 | v3 >> 48) ^ v2
    v0 = v0 &+ v3
    v3 = (v3 << 21 | v3 >> 43) ^ v0
    v2 = v2 &+ v1
    v1 = (v1 << 17 | v1 >> 47) ^ v2
    v2 = v2 << 32 | v2 >> 32
  }
}
