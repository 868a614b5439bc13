import Scheduling

/// How long a forecast takes for queues of different sizes.
enum ForecastBenchmark {
  static func run(_ arguments: [String]) {
    let clock = ContinuousClock()
    for count in [1_000, 1_000_000] {
      let queue = SendQueue(keys: Array(1...Int64(count)), ready: Array(repeating: 0, count: count))
      let rules = ForecastRules(now: 0, previous: nil, rate: Rate(messagesPerMinute: 60), hours: .always)
      var last: Instant?
      let time = clock.measure { last = Forecast(queue: queue, rules: rules).lastSendAt }
      print(count, time, last ?? 0)
    }
  }
}
