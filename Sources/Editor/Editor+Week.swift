import Canvas
import Scheduling

/// The week on the screen: its clock, its geometry, its forecasts.
extension Editor {
  /// The clock by which the grid is drawn: the draft's time zone.
  mutating func timeline() -> ZoneTimeline {
    guard let week else { return .utc }
    return zones.timeline(week.draft.timeZone, now: now) ?? .utc
  }

  mutating func dates() -> WeekDates {
    WeekDates(
      now: now, timeline: timeline(), firstDayOfWeek: settings.firstDayOfWeek,
      offset: week?.weekOffset ?? 0)
  }

  /// Computes the forecasts again: of the draft, and of what is saved if that or the time changed too.
  mutating func refreshForecasts(draftOnly: Bool = false) {
    guard var week, let queue = week.queue else { return }
    let saved = week.saved
    let moment = draftOnly ? week.savedForecast?.rules.now ?? now : now
    let forecast = { (draft: Draft, zones: inout ZoneTimelines, now: Instant) in
      Forecast(
        queue: queue,
        rules: ForecastRules(
          now: now, previous: week.previous, rate: Rate(messagesPerMinute: draft.messagesPerMinute),
          hours: draft.hours(timeline: zones.timeline(draft.timeZone, now: now))))
    }
    if !draftOnly || week.savedForecast == nil { week.savedForecast = forecast(saved, &zones, moment) }
    week.forecast = week.draft == saved ? week.savedForecast : forecast(week.draft, &zones, moment)
    week.counts = nil
    self.week = week
  }

  /// The queue as it is now; the message that was selected stays selected, wherever it went.
  mutating func receive(_ queue: SendQueue, previous: Instant?) {
    let selected = week?.forecast.flatMap { forecast in
      forecast.entry(at: week?.list.selected ?? 0).map { forecast.queue.key(of: $0.message) }
    }
    week?.queue = queue
    week?.previous = previous
    refreshForecasts()
    // At the top the list stays there, and shows what goes out next.
    guard var week, week.list.top > 0, let selected, let forecast = week.forecast else { return }
    let index =
      queue.keys.firstIndex(of: selected).map(QueueIndex.ordinary)
      ?? queue.exactKeys.firstIndex(of: selected).map(QueueIndex.exact)
    guard let position = index.flatMap({ forecast.entry(of: $0) })?.position else { return }
    week.list.top += position - week.list.selected
    week.list.selected = position
    self.week = week
  }

  /// Brings scroll positions in line and asks for what the screen lacks.
  mutating func settleWeek() -> [Effect] {
    guard week != nil else { return [] }
    let layout = weekLayout()
    week?.firstMinute = layout.grid.firstMinute
    settleCounts()
    return settleList(rows: layout.listRows)
  }

  private mutating func settleCounts() {
    guard let week, week.overlay == .load, let forecast = week.forecast else { return }
    let dates = dates()
    let key = CountsKey(dates: dates, slotMinutes: week.slotMinutes, timeZone: week.draft.timeZone)
    if week.counts != nil, week.countsKey == key { return }
    let counts = SlotCounts(
      forecast: forecast, week: dates, timeline: timeline(), slotMinutes: week.slotMinutes)
    self.week?.counts = counts
    self.week?.countsKey = key
  }

  private mutating func settleList(rows: Int) -> [Effect] {
    guard var week, let forecast = week.forecast, rows > 0 else { return [] }
    week.list.selected = min(max(0, week.list.selected), max(0, forecast.count - 1))
    let selected = week.list.selected
    week.list.top = min(max(week.list.top, selected - rows + 1), selected)
    week.list.top = max(0, min(week.list.top, forecast.count - rows))
    let keys = forecast.entries(week.list.top..<week.list.top + rows).map {
      forecast.queue.key(of: $0.message)
    }
    let wanted = keys.filter { week.list.texts[$0] == nil && !week.list.asked.contains($0) }
    if week.list.texts.count > 4_000 {
      week.list.texts.removeAll()
      week.list.asked.removeAll()
    }
    week.list.asked.formUnion(wanted)
    self.week = week
    return wanted.isEmpty ? [] : [.loadTexts(keys: wanted)]
  }

  /// Changes the draft, computes the forecast again, and keeps the draft.
  mutating func edit(recording: Bool = true, _ change: (inout Draft) -> Void) -> [Effect] {
    guard !refusesToEdit(), var week else { return [] }
    let didChange = week.change(recording: recording, change)
    self.week = week
    return didChange ? draftChanged() : settle()
  }

  /// What follows any change of the draft.
  mutating func draftChanged() -> [Effect] {
    refreshForecasts(draftOnly: true)
    guard let week else { return [] }
    let keep: Effect =
      week.isChanged
      ? .keepDraft(
        KeptDraft(
          phoneID: week.phone.id, draft: week.draft, phone: week.phone, schedule: week.schedule, keptAt: now))
      : .dropDraft(phoneID: week.phone.id)
    return [keep] + settle()
  }

  /// Whether nothing may be changed here; says so.
  mutating func refusesToEdit() -> Bool {
    if settings.isReadOnly { say(.warning, "Read only: nothing can be changed") }
    return settings.isReadOnly
  }

  /// The phones that have a schedule.
  package func phonesSharing(_ scheduleID: String?) -> [Phone] {
    guard let scheduleID else { return [] }
    return gateway?.phones.map(\.phone).filter { $0.scheduleID == scheduleID } ?? []
  }
}

/// What the counts of the load overlay were made for.
struct CountsKey: Equatable, Sendable {
  var dates: WeekDates
  var slotMinutes: Int
  var timeZone: String
}

extension SendQueue {
  /// The store's integer for a message.
  package func key(of message: QueueIndex) -> Int64 {
    switch message {
    case .ordinary(let index): keys[index]
    case .exact(let index): exactKeys[index]
    }
  }
}
