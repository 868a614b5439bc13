import TestSupport
import Testing

@testable import Scheduling

/// Explanations, proposals and warnings on a phone with office hours in Berlin.
@Suite struct AdviceTests {
  /// Wednesday 2026-11-25T18:40:00+01:00.
  private static let now: Instant = 1_795_628_400_000
  private static let office = (1...5).map { Window(day: $0, startMinute: 540, endMinute: 1020) }

  private func plan(
    ready: [Instant], perMinute: Int = 1, perDay: Int = 0, exceptions: String = "", heldUntil: Instant? = nil,
    now: Instant = now
  ) throws -> Plan {
    let timeline = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: now))
    var content = ScheduleContent(name: "Office", timeZone: "Europe/Berlin", windows: Self.office)
    if !exceptions.isEmpty {
      content.exceptions = try ExceptionNotation.parse(exceptions, today: timeline.date(at: now))
    }
    let rules = ForecastRules(
      now: now, previous: nil, rate: Rate(messagesPerMinute: perMinute),
      hours: OpenHours(content, timeline: timeline), heldUntil: heldUntil, messagesPerDay: perDay)
    return Plan(
      queue: SendQueue(keys: Array(0..<Int64(ready.count)), ready: ready), rules: rules, schedule: content)
  }

  private func instant(_ text: String) throws -> Instant { try #require(Timestamp.parse(text)) }

  @Test func closedUntilTomorrow() throws {
    let plan = try plan(ready: Array(repeating: Self.now - .hour, count: 10))
    let explanation = try #require(plan.forecast.explanation(of: .ordinary(9)))
    let opening = try instant("2026-11-26T09:00:00+01:00")
    #expect(
      explanation.steps == [
        .ready(Self.now - .hour), .behind(count: 9, from: Self.now, last: opening + 8 * .minute),
        .closed(from: Self.now, until: opening, exceptions: []),
        .rate(gap: .minute, previous: opening + 8 * .minute),
      ])
    #expect(explanation.lines { Timestamp.utc($0) }.last == "It goes out 2026-11-26T08:09:00.000Z.")
    let proposals = plan.proposals(sooner: .ordinary(9))
    #expect(proposals.map(\.words) == ["with Wed 17:00-19:00 also open", "at 2 a minute", "marked exact"])
    #expect(proposals.map(\.at) == [Self.now + 9 * .minute, opening + 270_000, Self.now])
  }

  @Test func nightsOverMidnightAreWarnedOfToo() throws {
    let now = try instant("2026-03-26T09:00:00+01:00")
    let timeline = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: now))
    for (text, skipped) in [("daily 22:00-06:00", 0), ("daily 22:00-24:00, 02:00-03:00", 1)] {
      let content = ScheduleContent(
        name: "Nights", timeZone: "Europe/Berlin", windows: try WindowNotation.parse(text))
      let rules = ForecastRules(
        now: now, previous: nil, rate: Rate(messagesPerMinute: 1),
        hours: OpenHours(content, timeline: timeline))
      let plan = Plan(queue: SendQueue(keys: [1], ready: [now]), rules: rules, schedule: content)
      #expect(plan.warnings().count == skipped, "\(text)")
      #expect(plan.proposals(sooner: .ordinary(0)).contains { $0.words == "marked exact" })
    }
  }

  @Test func aQueueCanBeEmptyOnAnEarlierDate() throws {
    // A minute after midnight the clock of St. John's went back to 23:01.
    let now = try instant("2010-11-07T00:00:30-02:30")
    let timeline = try #require(ZoneTimeline(identifier: "America/St_Johns", around: now))
    let end = now + 10 * .minute
    #expect(timeline.day(at: end) < timeline.day(at: now))
    let content = ScheduleContent(name: "x", timeZone: "America/St_Johns", windows: Self.office)
    let rules = ForecastRules(
      now: now, previous: nil, rate: Rate(messagesPerMinute: 1), hours: OpenHours(content, timeline: timeline)
    )
    let plan = Plan(queue: SendQueue(keys: [1], ready: [now]), rules: rules, schedule: content)
    #expect(plan.emptying(by: end).late == 1)
  }

  @Test func theSmallestExtensionThatHelps() throws {
    // 25 minutes of sends do not fit into the half hour from 18:40 to 19:00.
    let plan = try plan(ready: Array(repeating: Self.now - .hour, count: 26))
    let proposal = try #require(plan.proposals(sooner: .ordinary(25)).first)
    #expect(proposal.words == "with Wed 17:00-19:30 also open")
    guard case .hours(let content) = proposal.change else { return #expect(Bool(false)) }
    #expect(WindowNotation.text(content.windows) == "mon,tue,thu,fri 09:00-17:00; wed 09:00-19:30")
  }

  @Test func anExceptionIsNamedAndExtended() throws {
    let now = try instant("2026-12-24T13:00:00+01:00")
    let plan = try plan(
      ready: [now], exceptions: "24 dec 9-12 Christmas Eve; every 25 dec closed", now: now)
    let explanation = try #require(plan.forecast.explanation(of: .ordinary(0)))
    let closed = try #require(
      explanation.steps.compactMap { step -> [ScheduleException]? in
        if case .closed(_, let until, let exceptions) = step,
          until == (try? instant("2026-12-28T09:00:00+01:00"))
        {
          return exceptions
        }
        return nil
      }.first)
    #expect(closed.map(\.note) == ["Christmas Eve", ""])
    let proposal = try #require(plan.proposals(sooner: .ordinary(0)).first)
    #expect(proposal.words == "with 24 Dec 2026 12:00-13:30 also open" && proposal.at == now)
  }

  @Test func holdAndDay() throws {
    let until = try instant("2026-11-26T10:00:00+01:00")
    let plan = try plan(
      ready: Array(repeating: Self.now, count: 5), perDay: 2, heldUntil: until)
    let explanation = try #require(plan.forecast.explanation(of: .ordinary(4)))
    #expect(explanation.steps.contains(.held(until: until)))
    let full = explanation.steps.filter { if case .full = $0 { true } else { false } }
    #expect(full.count == 2)
    let proposals = plan.proposals(sooner: .ordinary(4))
    #expect(proposals.map(\.words).contains("at 4 a day") && proposals.map(\.words).contains("marked exact"))
    #expect(plan.proposals(sooner: .ordinary(0)).map(\.words).contains("released now"))
  }

  @Test func expiresAndNever() throws {
    var plan = try plan(ready: [Self.now, Self.now])
    plan.queue.expires = [Self.now + .hour, .max]
    let explanation = try #require(plan.forecast.explanation(of: .ordinary(0)))
    let opening = try instant("2026-11-26T09:00:00+01:00")
    #expect(explanation.steps.contains(.expires(Self.now + .hour, earliest: opening)))
    #expect(plan.warnings() == [.expires(count: 1)])
    #expect(plan.forecast.explanation(of: .ordinary(7)) == nil)
  }

  @Test func emptyByAMoment() throws {
    let by = try instant("2026-11-26T18:00:00+01:00")
    // 481 minutes of sends, an opening of 480.
    let plan = try plan(ready: Array(repeating: Self.now, count: 481))
    #expect(!plan.isEmpty(by: by))
    let proposals = plan.emptying(by: by).proposals
    #expect(proposals.map(\.words) == ["with Thu 17:00-17:30 also open", "at 2 a minute"])
    for proposal in proposals { #expect(plan.changing(proposal.change).isEmpty(by: by) && proposal.at <= by) }
    #expect(try plan.emptying(by: instant("2026-11-27T09:00:00+01:00")).late == 0)
    #expect(plan.emptying(by: Self.now - 1).proposals.isEmpty)
  }

  @Test func whatIsNotReadyByThenIsNoMatterOfHours() throws {
    let by = try instant("2026-11-26T18:00:00+01:00")
    let later = try instant("2026-11-28T10:00:00+01:00")
    var plan = try plan(ready: Array(repeating: Self.now, count: 481) + [later, later + .minute])
    plan.queue.exactReady = [later + .hour]
    plan.queue.exactKeys = [1000]
    let emptying = plan.emptying(by: by)
    #expect(emptying.unready == 3 && emptying.lastReady == later + .hour && emptying.late == 1)
    #expect(emptying.proposals.map(\.words) == ["with Thu 17:00-17:30 also open", "at 2 a minute"])
    #expect(emptying.proposals.allSatisfy { $0.at <= by })
    plan.queue.ready = [later]
    plan.queue.keys = [1]
    #expect(plan.emptying(by: by).late == 0 && plan.emptying(by: by).proposals.isEmpty)
  }

  @Test func aHoldIsNamedAndItsEndProposedWhereItHelps() throws {
    let by = try instant("2026-11-26T12:00:00+01:00")
    let until = try instant("2026-11-26T13:00:00+01:00")
    let few = try plan(ready: [Self.now, Self.now], heldUntil: until).emptying(by: by)
    #expect(few.heldUntil == until && few.late == 2 && few.proposals.map(\.words) == ["released now"])
    let many = try plan(ready: Array(repeating: Self.now, count: 600), heldUntil: until).emptying(by: by)
    #expect(many.heldUntil == until && many.proposals.isEmpty && many.last == .ordinary(599))
  }

  @Test func whatNothingDoesAloneIsDoneTogether() throws {
    // On Wednesday evening nothing is open until midnight unless the hours are longer, and 600 take ten hours.
    let by = Self.now + 2 * .hour
    let plan = try plan(ready: Array(repeating: Self.now, count: 600))
    let proposals = plan.emptying(by: by).proposals
    #expect(proposals.map(\.words) == ["with Wed 17:00-20:00 also open, at 8 a minute"])
    for proposal in proposals { #expect(plan.changing(proposal.change).isEmpty(by: by) && proposal.at <= by) }
    // With a limit of a day, that is raised as well.
    let limited = try self.plan(ready: Array(repeating: Self.now, count: 600), perDay: 100).emptying(by: by)
    #expect(limited.proposals.map(\.words) == ["with Wed 17:00-20:00 also open, at 8 a minute, at 600 a day"])
  }

  @Test func longerHoursDoNotOutlastTheMoment() throws {
    // From 18:40 until 06:30 in the morning.
    let by = try instant("2026-11-27T06:30:00+01:00")
    let plan = try plan(ready: Array(repeating: Self.now, count: 900))
    #expect(plan.emptying(by: by).proposals.first?.words == "with Wed, Thu 17:00-21:30 also open")
    let morning = try instant("2026-11-26T08:59:00+01:00")
    let early = try self.plan(ready: [Self.now + 10 * .hour]).emptying(by: morning)
    #expect(early.proposals.first?.words == "with Thu 08:30-09:00 also open")
  }

  /// Whatever is proposed for emptying the queue does so, and a little less would not.
  @Test func proposalsAreTheSmallest() throws {
    var random = SeededRandom(seed: 51)
    for _ in 0..<60 {
      let count = random.pick([1, 30, 500, 3_000])
      let ready = (0..<count).map { _ in Self.now + Int64.random(in: -(.day)...2 * .day, using: &random) }
        .sorted()
      let plan = try plan(ready: ready, perMinute: random.pick([1, 3, 20]))
      let by = Self.now + Int64.random(in: 0...5 * .day, using: &random)
      for proposal in plan.emptying(by: by).proposals {
        #expect(plan.changing(proposal.change).isEmpty(by: by))
        if case .rate(let rate) = proposal.change { #expect(!plan.changing(.rate(rate - 1)).isEmpty(by: by)) }
      }
      let message = QueueIndex.ordinary(Int.random(in: 0..<count, using: &random))
      let goes = plan.forecast.entry(of: message)?.sendAt ?? .max
      for proposal in plan.proposals(sooner: message) where proposal.change != .exact {
        let sendAt = plan.changing(proposal.change).forecast.entry(of: message)?.sendAt
        #expect(sendAt == proposal.at && proposal.at < goes, "\(proposal.words)")
      }
    }
  }

  @Test func warnings() throws {
    let plan = try plan(
      ready: Array(repeating: Self.now, count: 3), perDay: 1, exceptions: "26 nov closed")
    #expect(
      plan.warnings(arrivals: 6) == [
        .waits(count: 3, longest: 5 * .day + 14 * .hour + 20 * .minute), .grows(arrivals: 6, capacity: 4),
      ])
    #expect(plan.rules.capacity(from: Self.now, to: Self.now + .week) == 4)
    let words = { (longest: Scheduling.Duration) in
      Warning.waits(count: 3, longest: longest).words { _ in "" }
    }
    #expect(words(25 * .hour) == "3 messages would wait longer than a day, up to 1 day 1 h")
    #expect(words(.day + 40 * .minute) == "3 messages would wait longer than a day")
    let closed = try self.plan(ready: [], exceptions: "25 nov - 20 jan closed")
    let opening = try instant("2027-01-21T09:00:00+01:00")
    #expect(closed.warnings() == [.staysClosed(until: opening)])
    let timeline = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: Self.now))
    let night = OpenHours(
      WeekMinutes([
        Window(day: 0, startMinute: 120, endMinute: 180), Window(day: 1, startMinute: 0, endMinute: 60),
      ]),
      timeline: timeline)
    let spring = try instant("2027-03-20T00:00:00Z")
    let skipped = night.windowsSkipped(in: spring..<spring + 5 * .week)
    #expect(skipped.count == 1)
    if case .windowSkipped(let date, let window, _) = skipped.first {
      #expect(date.text == "2027-03-28" && window == DayWindow(startMinute: 120, endMinute: 180))
    }
    for warning in plan.warnings() + skipped { #expect(!warning.words { Timestamp.utc($0) }.isEmpty) }
  }
}
