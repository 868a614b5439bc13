import ArgumentParser
import Formats
import Scheduling
import Storage

struct PhoneCommands: ParsableCommand {
  static let configuration = CommandConfiguration.group(
    "phones", "The sending phones.",
    [
      PhoneList.self, PhoneShow.self, PhoneAdd.self, PhoneSet.self, PhoneRemove.self, PhoneHold.self,
      PhoneRelease.self,
    ])
}

struct PhoneAdd: StoreCommand {
  static let configuration = CommandConfiguration.command("add", of: "phones", "Add a phone.")
  static let examples = [
    "phones add +18005550199", "phones add +18005550199 --label \"Front desk\" --rate 10 --schedule Office",
  ]
  static let access = Store.Access.create
  @Argument(help: "Its number in E.164, such as +18005550199.") var number: String
  @Option(help: "Its id at the gateway; a new one unless told.") var id: String?
  @OptionGroup var settings: PhoneSettings
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if PhoneNumber.e164(number) == nil {
      throw ValidationError("“\(number)”: expected a number in E.164, such as +18005550199")
    }
  }

  func run(_ store: Store) throws {
    let id = id ?? NewID.make(at: shared.moment)
    var phone = Phone(id: id, number: PhoneNumber.e164(number) ?? number)
    try settings.apply(to: &phone, scheduleID: try settings.scheduleID(store))
    try store.addPhone(phone, stamp: shared.stamp)
    try report(phone, "added phone \(phone.number)", json: shared.json)
  }
}

struct PhoneSet: StoreCommand {
  static let configuration = CommandConfiguration.command("set", of: "phones", "Change a phone.")
  static let examples = [
    "phones set +18005550199 --rate 10", "phones set +18005550199 --schedule Office --label \"Front desk\"",
    "phones set +18005550199 --no-schedule",
  ]
  static let access = Store.Access.write
  @Argument(help: "Its number or id.") var phone: String
  @OptionGroup var settings: PhoneSettings
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if settings.isEmpty { throw ValidationError("nothing to change: say what, such as --rate 10") }
  }

  func run(_ store: Store) throws {
    let scheduleID = try settings.scheduleID(store)
    let (changed, failed) = try store.changePhone(phone, stamp: shared.stamp) {
      try settings.apply(to: &$0, scheduleID: scheduleID)
    }
    let words =
      failed == 0
      ? ""
      : "; \(Words.count(failed, "waiting message")) had no attempts left and \(failed == 1 ? "has" : "have") failed"
    try report(changed, "changed phone \(changed.number)\(words)", json: shared.json)
  }
}

struct PhoneRemove: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "remove", of: "phones", "Remove a phone with all its messages.")
  static let examples = ["phones remove +18005550199", "phones remove +18005550199 --yes"]
  static let access = Store.Access.write
  @Argument(help: "Its number or id.") var phone: String
  @Flag(help: "Do not ask.") var yes = false
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let state = try store.state(of: phone, now: shared.moment)
    try Confirmation.require(
      "removes phone \(Self.name(state.phone)) with all its messages, \(state.waiting) of them waiting",
      yes: yes)
    let (phone, waiting) = try store.removePhone(phone, stamp: shared.stamp)
    let lost = waiting == 0 ? "" : " and \(Words.count(waiting, "waiting message"))"
    try report(phone, "removed phone \(phone.number)\(lost)", json: shared.json)
  }

  private static func name(_ phone: Phone) -> String {
    phone.label.isEmpty ? phone.number : "\(phone.number) (\(phone.label))"
  }
}

private func report(_ phone: Phone, _ sentence: String, json: Bool) throws {
  if json { try Output.shared.json { $0.phone(phone) } } else { try Output.shared.line(sentence) }
}
