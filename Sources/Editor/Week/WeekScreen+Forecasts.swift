import Scheduling

/// When the messages go out, as saved and under the draft.
extension WeekScreen {
  /// Computes both forecasts again, as the time or what is stored changed.
  mutating func refreshForecasts(_ context: Context) {
    forecast.saved = forecast(of: saved, now: context.now, context)
    refreshDraftForecast(context)
  }

  /// Computes the draft's forecast again, from the same moment as the one that it is compared with.
  mutating func refreshDraftForecast(_ context: Context) {
    let moment = forecast.saved?.rules.now ?? context.now
    if forecast.saved == nil { forecast.saved = forecast(of: saved, now: moment, context) }
    forecast.draft =
      isShownAsSaved ? forecast.saved : forecast(of: shown, now: moment, context, hold: previewedHold)
    (grid.counts, forecast.warnings) = (nil, nil)
  }

  /// Whether the grid and the forecast show what is saved.
  var isShownAsSaved: Bool { shown == saved && previewedHold == nil }

  /// The forecast of a draft; with a hold that is not the phone's yet, if one is given.
  func forecast(of draft: Draft, now: Instant, _ context: Context, hold: Hold? = nil) -> Forecast? {
    forecast.queue.map { queue in
      let hours = draft.hours(context)
      return Forecast(
        queue: queue,
        rules: ForecastRules(
          now: now, previous: forecast.previous, rate: Rate(messagesPerMinute: draft.messagesPerMinute),
          hours: hours, heldUntil: (hold ?? phone.hold)?.until, messagesPerDay: draft.messagesPerDay,
          sentOn: forecast.sends.onDates(of: hours.timeline, now: now)))
    }
  }

  /// The queue as it is now; the message that was selected stays selected, wherever it went.
  mutating func receive(
    _ queue: SendQueue, previous: Instant?, _ sends: RecentSends, _ context: inout Context
  ) {
    let selected = forecast.draft.flatMap { draft in
      draft.entry(at: forecast.selected).flatMap { draft.queue.key(of: $0.message) }
    }
    (forecast.queue, forecast.previous, forecast.sends) = (queue, previous, sends)
    if !queue.isWhole { context.perform(.loadQueue(phoneID: phone.id)) }
    grid.askForPastAgain()
    context.perform(.countArrivals(phoneID: phone.id))
    if let group = forecast.others?.group { context.perform(.listMessages(phoneID: phone.id, group)) }
    refreshForecasts(context)
    // At the top the list stays there, and shows what goes out next.
    guard forecast.top > 0, let selected, let index = queue.index(of: selected),
      let position = forecast.draft?.entry(of: index)?.position
    else { return }
    forecast.top += position - forecast.selected
    forecast.selected = position
  }

  /// How many messages wait in a queue of which nothing can be said before it is read.
  mutating func receive(waiting: Int, _ context: inout Context) {
    guard forecast.queue == nil else { return }
    forecast.waiting = waiting
    context.perform(.loadQueue(phoneID: phone.id))
  }

  /// How many messages came in the last seven days, for the warning that the queue grows.
  mutating func receive(arrivals: Int) {
    guard arrivals != forecast.arrivals else { return }
    (forecast.arrivals, forecast.warnings) = (arrivals, nil)
  }
}
