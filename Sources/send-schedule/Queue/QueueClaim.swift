import ArgumentParser
import Glibc
import Scheduling
import Storage

struct QueueClaim: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "claim", of: "queue", "Hand out the next message of a phone if it is due.",
    discussion: """
      Prints the message as JSON. If none is due, prints when to come back and ends with exit code 75. \
      A message on which neither sent nor failed is reported within its lease goes back to the queue.
      """)
  static let examples = [
    "queue claim +18005550199", "queue claim +18005550199 --wait --timeout 300 --lease 120",
  ]
  static let access = Store.Access.write
  @Argument(help: "The phone's number or id.") var phone: String
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long the message is handed out for.", valueName: "seconds")) var lease =
    QueueClaim.usual
  @Flag(help: "Wait until a message is due.") var wait = false
  @Option(parsing: .unconditional, help: ArgumentHelp("Wait no longer than this.", valueName: "seconds"))
  var timeout: Int?
  @OptionGroup var shared: SharedOptions

  /// How long a claim lasts unless told, in seconds.
  static let usual = Int(Claim.usualLease / .second)

  /// The longest lease and patience, in seconds: a year.
  static let longest = 31_536_000

  static func check(lease: Int) throws {
    if !(1...longest).contains(lease) {
      throw ValidationError("--lease: expected 1 to 31536000 seconds")
    }
  }

  func validate() throws {
    try Self.check(lease: lease)
    if let timeout, !(0...Self.longest).contains(timeout) {
      throw ValidationError("--timeout: expected 0 to 31536000 seconds")
    }
    if timeout != nil, !wait { throw ValidationError("--timeout: expected --wait beside it") }
  }

  func run(_ store: Store) throws {
    let request = ClaimRequest(phone: phone, lease: lease, wait: wait, timeout: timeout)
    try request.run(store, shared.plain)
  }
}

/// What a claim asks for; lengths of time are in seconds.
struct ClaimRequest {
  var phone: String
  var lease: Int
  var wait: Bool
  var timeout: Int?

  func run(_ store: Store, _ shared: PlainOptions) throws {
    let waiting = try ClaimWait(
      store: store, phone: phone, lease: Int64(lease) * .second, clock: Clock(fixedNow: shared.now),
      patience: wait ? timeout.map { Int64($0) * .second } ?? .max : 0)
    try waiting.run()
  }
}
