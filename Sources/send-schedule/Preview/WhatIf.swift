import ArgumentParser
import Scheduling
import Storage

/// Other settings than the saved ones, to be tried in a forecast.
struct WhatIf: ParsableArguments {
  @Option(help: ArgumentHelp("As if the week were this, such as 'mon-fri 9-17'.", valueName: "windows"))
  var windows: String?
  @Option(parsing: .unconditional, help: "As if so many messages a minute were allowed; 0 for no limit.")
  var rate: Int?
  @Option(parsing: .unconditional, help: "As if so many messages a day were allowed; 0 for no limit.")
  var perDay: Int?
  @Option(help: ArgumentHelp("As if the hours were on this clock.", valueName: "zone")) var timeZone: String?
  @Option(
    help: ArgumentHelp("As if the phone were held until then; 'now' for not held.", valueName: "moment"))
  var holdUntil: String?

  func validate() throws {
    _ = try windows.map { try Words.windows([$0]) }
    _ = try timeZone.map { try Words.timeZone($0) }
    if let rate, !(0...2_147_483_647).contains(rate) { throw ValidationError("--rate: expected 0 or more") }
    if let perDay, !(0...2_147_483_647).contains(perDay) {
      throw ValidationError("--per-day: expected 0 or more")
    }
  }

  var isEmpty: Bool {
    windows == nil && rate == nil && perDay == nil && timeZone == nil && holdUntil == nil
  }

  /// The phone as it would be.
  func applied(to state: PhoneState, _ store: Store, now: Instant) throws -> PhoneState {
    try store.state(state, now: now) { try change(&$0, now: now) }
  }

  private func change(_ state: inout PhoneState, now: Instant) throws {
    state.phone.messagesPerMinute = rate ?? state.phone.messagesPerMinute
    state.phone.messagesPerDay = perDay ?? state.phone.messagesPerDay
    if let windows {
      var content = state.schedule?.content ?? ScheduleContent(name: "what if", timeZone: "UTC", windows: [])
      content.windows = try Words.windows([windows])
      content.isActive = true
      state.schedule = Schedule(id: state.schedule?.id ?? "", content: content)
    }
    if let timeZone {
      guard state.schedule != nil else {
        throw Failure.usage(
          "--time-zone: phone \(state.phone.number) has no schedule, expected --windows beside it")
      }
      state.schedule?.content.timeZone = try Words.timeZone(timeZone)
    }
    if let holdUntil {
      let zone = Words.zone(of: state.schedule, now: now)
      let until = try Words.moment(holdUntil, option: "--hold-until", zone: zone, now: now)
      state.phone.hold = until > now ? Hold(until: until) : nil
    }
  }
}
