import ArgumentParser
import Canvas
import Formats
import Scheduling
import Storage

struct Preview: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "preview", "Show when each waiting message of a phone would go out.",
    discussion: """
      With other settings (--windows, --rate, --per-day, --time-zone, --hold-until) it shows when they would go out \
      then, with --compare beside what is saved; nothing is saved. --explain says why a message goes out when it \
      does, --week counts what goes out in each hour of a week.
      """)
  static let examples = [
    "preview +18005550199 --limit 20", "preview +18005550199 --summary --json",
    "preview +18005550199 --windows 'mon-fri 8-20' --rate 12 --compare",
    "preview +18005550199 --explain 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60",
    "preview +18005550199 --week 2026-12-21 --load --json",
  ]
  @Argument(help: "The phone's number or id.") var phone: String
  @Flag(help: "Only totals.") var summary = false
  @Option(parsing: .unconditional, help: "Only the first messages.") var limit: Int?
  @OptionGroup(title: "What if") var whatIf: WhatIf
  @Flag(help: "Print what is saved beside it.") var compare = false
  @Option(help: ArgumentHelp("Say why this message goes out when it does.", valueName: "id")) var explain:
    String?
  @Option(help: ArgumentHelp("The week of this date, hour by hour.", valueName: "date")) var week: String?
  @Flag(help: "How many messages go out in each hour of the week; needs --week.") var load = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit: expected a number of messages") }
    if compare, whatIf.isEmpty {
      throw ValidationError("--compare: expected other settings beside it, such as --rate 12")
    }
    if load, week == nil { throw ValidationError("--load: expected --week DATE beside it") }
    if [summary, explain != nil, week != nil].filter({ $0 }).count > 1 {
      throw ValidationError("expected one of --summary, --explain and --week")
    }
    if let week, CivilDate(text: week) == nil {
      throw ValidationError("--week: expected a date such as 2026-12-24")
    }
  }

  func run(_ store: Store) throws {
    let now = shared.moment
    if !summary, explain == nil, week == nil, whatIf.isEmpty { return try printRows(store, now: now) }
    if summary || week != nil { return try printTotals(store, now: now) }
    let (state, forecast) = try store.forecast(of: phone, now: now)
    let saved = PhoneForecast(state: state, forecast: forecast)
    let shown = whatIf.isEmpty ? saved : try changed(saved, store, now: now)
    if let explain {
      return try MessageExplanation(shown, store: store, now: now).print(explain, json: shared.json)
    }
    if compare && !shared.json { try printSummary(saved.summary, shown.summary, now: now) }
    let zone = Words.zone(of: shown.state.schedule, now: now)
    var rows = ForecastRows(saved: compare ? saved : nil, zone: zone, json: shared.json)
    try rows.print(shown, store, limit: limit)
  }

  /// The forecast as it is saved, message by message.
  private func printRows(_ store: Store, now: Instant) throws {
    let zone = Words.zone(of: try store.state(of: phone, now: now).schedule, now: now)
    var rows = ForecastRows(saved: nil, zone: zone, json: shared.json)
    try rows.printSaved(phone, store, limit: limit, now: now)
  }

  /// What needs no look at each message.
  private func printTotals(_ store: Store, now: Instant) throws {
    let (state, queue) = try store.outline(of: phone, now: now)
    let totals = { (state: PhoneState) in
      let rules = try store.rules(for: state, now: now)
      return ForecastSummary(state: state, rules: rules, totals: queue.totals(rules))
    }
    let saved = try totals(state)
    let shown = whatIf.isEmpty ? saved : try totals(whatIf.applied(to: state, store, now: now))
    if summary { return try printSummary(saved, shown, now: now) }
    if let week, let date = CivilDate(text: week) {
      try WeekLoad(shown, date: date, byHour: load).print(json: shared.json)
    }
  }

  /// The forecast under other settings.
  private func changed(_ saved: PhoneForecast, _ store: Store, now: Instant) throws -> PhoneForecast {
    let state = try whatIf.applied(to: saved.state, store, now: now)
    let forecast = Forecast(queue: saved.forecast.queue, rules: try store.rules(for: state, now: now))
    return PhoneForecast(state: state, forecast: forecast)
  }

  private func printSummary(_ saved: ForecastSummary, _ shown: ForecastSummary, now: Instant) throws {
    guard shared.json else {
      return try compare
        ? saved.print(comparedWith: shown, now: now) : shown.print(comparedWith: nil, now: now)
    }
    if compare { try Output.shared.json { $0.summary(saved) } }
    try Output.shared.json { $0.summary(shown) }
  }
}

extension CivilDate {
  /// The date of `2026-12-24`; nil of anything else.
  init?(text: String) {
    guard case .day(let date)? = ExceptionDate(text) else { return nil }
    self = date
  }
}
