import Canvas
import Scheduling

/// What is typed on the `:` line, for the marked phones or else the selected one.
extension PhonesScreen {
  /// The phones that are meant; nil where nothing may be changed or there is none, which is said.
  private func meant(_ context: inout Context) -> [Phone]? {
    context.refusesToEdit() ? nil : chosen(&context)?.map(\.phone)
  }

  func hold(_ text: String, _ context: inout Context) throws(Problem) {
    if let phones = meant(&context) { try hold(phones, text, &context) }
  }

  func release(_ context: inout Context) throws(Problem) {
    guard let phones = meant(&context) else { return }
    let now = context.now
    let held = phones.filter { $0.hold?.isActive(at: now) ?? false }
    guard !held.isEmpty else {
      throw Problem(phones.count == 1 ? "this phone is not held" : "none of these phones is held")
    }
    context.perform(.release(phoneIDs: held.map(\.id)))
  }

  /// Shows what the schedule would do to them, and asks.
  func attach(_ schedule: Schedule?, _ context: inout Context) {
    guard let phones = meant(&context) else { return }
    context.perform(.weighAttaching(scheduleID: schedule?.id, phoneIDs: phones.map(\.id)))
  }

  /// `rate 12`, `per-day 200`, `label Front desk`, `sim SIM2`.
  func set(_ name: String, _ text: String, _ context: inout Context) throws(Problem) {
    guard let phones = meant(&context) else { return }
    let setting = try Self.setting(name, text)
    if name == "label", phones.count > 1 { throw Problem("a label is for one phone: Esc drops the marks") }
    let changes = phones.map { phone in
      var after = phone
      setting(&after)
      return PhoneChange(before: phone, after: after)
    }
    try change(changes.filter { $0.before != $0.after }, name, &context)
  }

  /// What a setting says then: `7 a minute`.
  private static func words(_ name: String, _ phone: Phone) -> String {
    switch name {
    case "rate": Words.rate(phone.messagesPerMinute)
    case "per-day": Words.perDay(phone.messagesPerDay)
    case "label": phone.label.isEmpty ? "none" : "“\(harmless(phone.label))”"
    default: phone.sim.rawValue
    }
  }

  private static func setting(_ name: String, _ text: String) throws(Problem)
    -> @Sendable (inout Phone) -> Void
  {
    switch name {
    case "label":
      guard !text.isEmpty else { throw Problem("expected a label, or none to take it off") }
      let text = text.lowercased() == "none" ? "" : text
      guard NameRule.acceptsLabel(text) else { throw Problem("expected \(NameRule.expectedLabel)") }
      return { $0.label = text }
    case "sim":
      guard let sim = SIM(rawValue: text.uppercased()) else { throw Problem("expected SIM1 or SIM2") }
      return { $0.sim = sim }
    default:
      guard let number = Int(text), (0...Int(Int32.max)).contains(number) else {
        throw Problem("expected \(name == "rate" ? "messages a minute" : "messages a day"), 0 for no limit")
      }
      return { phone in
        if name == "rate" { phone.messagesPerMinute = number } else { phone.messagesPerDay = number }
      }
    }
  }

  private func change(_ changes: [PhoneChange], _ name: String, _ context: inout Context) throws(Problem) {
    guard let first = changes.first?.after else { throw Problem("nothing would change") }
    let who = changes.count == 1 ? first.number : Words.count(changes.count, "phone")
    let words = "\(who): \(name == "per-day" ? "day's limit" : name) \(Self.words(name, first))"
    context.perform(.changePhones(PhoneStep(words, changes), .done))
  }

  /// Adds a phone with the settings of a new one.
  func add(_ text: String, _ context: inout Context) throws(Problem) {
    guard !context.refusesToEdit() else { return }
    let number = try context.phoneNumber(text)
    let phone = Phone(id: "", number: number)
    context.perform(
      .changePhones(PhoneStep("\(number) added", [PhoneChange(before: nil, after: phone)]), .done))
  }
}

extension Context {
  /// A number as people write it, with blanks and the like between the digits; none that another phone has.
  func phoneNumber(_ text: String, except id: String? = nil) throws(Problem) -> String {
    let bare = String(text.filter { !$0.isWhitespace && !"-().\u{A0}/".contains($0) })
    guard let number = PhoneNumber.e164(bare.hasPrefix("00") ? "+" + bare.dropFirst(2) : bare) else {
      throw Problem("expected a number with its country code, such as +15550100100")
    }
    if let other = gateway?.phones.first(where: { $0.phone.number == number && $0.phone.id != id }) {
      throw Problem(
        "\(number) is there already\(other.phone.label.isEmpty ? "" : ": “\(harmless(other.phone.label))”")")
    }
    return number
  }
}
