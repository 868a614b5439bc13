import TestSupport
import Testing

@testable import Scheduling

/// The bit set of a week's minutes against a plain set of numbers.
@Suite struct WeekMinutesTests {
  private struct Pair {
    var fast = WeekMinutes()
    var slow = Set<Int>()
  }

  private func range(_ random: inout SeededRandom) -> Range<Int> {
    let step = random.pick([1, 1, 64, 60, 1440])
    let a = Int.random(in: 0...10_080 / step, using: &random) * step
    let b = Int.random(in: 0...10_080 / step, using: &random) * step
    return min(a, b, 10_080)..<min(max(a, b), 10_080)
  }

  private func pair(_ random: inout SeededRandom) -> Pair {
    var pair = Pair()
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let range = range(&random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        pair.fast.insert(range)
        pair.slow.formUnion(range)
      case 2:
        pair.fast.remove(range)
        pair.slow.subtract(range)
      default:
        pair.fast.toggle(range)
        pair.slow.formSymmetricDifference(range)
      }
    }
    let minute = Int.random(in: 0..<10_080, using: &random)
    pair.fast[minute].toggle()
    pair.slow.formSymmetricDifference([minute])
    return pair
  }

  private func minutes(_ week: WeekMinutes) -> Set<Int> { Set((0..<10_080).filter { week[$0] }) }

  @Test func agreesWithASetOfNumbers() {
    var random = SeededRandom(seed: 2)
    for _ in 0..<25 * caseFactor {
      let a = pair(&random)
      let b = pair(&random)
      #expect(minutes(a.fast) == a.slow)
      #expect(a.fast.total == a.slow.count)
      #expect(a.fast.isEmpty == a.slow.isEmpty)
      #expect(minutes(a.fast.union(b.fast)) == a.slow.union(b.slow))
      #expect(minutes(a.fast.subtracting(b.fast)) == a.slow.subtracting(b.slow))
      #expect(minutes(a.fast.intersection(b.fast)) == a.slow.intersection(b.slow))
      #expect(minutes(a.fast.symmetricDifference(b.fast)) == a.slow.symmetricDifference(b.slow))
      let range = range(&random)
      #expect(a.fast.count(in: range) == range.filter(a.slow.contains).count)
      #expect(
        a.fast.next(true, from: range.lowerBound, to: range.upperBound) == range.first(where: a.slow.contains)
      )
      #expect(
        a.fast.next(false, from: range.lowerBound, to: range.upperBound)
          == range.first { !a.slow.contains($0) })
      checkRuns(a.fast.runs(in: range), of: a.slow.intersection(range))
      checkWindows(a.fast, a.slow)
      checkReplace(a, b, &random)
    }
  }

  private func checkRuns(_ runs: [Range<Int>], of minutes: Set<Int>) {
    #expect(Set(runs.joined()) == minutes)
    #expect(runs.allSatisfy { !$0.isEmpty })
    #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
  }

  private func checkWindows(_ week: WeekMinutes, _ minutes: Set<Int>) {
    let windows = week.windows
    #expect(windows == windows.sorted())
    #expect(minutes.isEmpty ? windows.isEmpty : Window.check(windows) == nil)
    #expect(Set(windows.map(\.minutesOfWeek).joined()) == minutes)
    #expect(WeekMinutes(windows) == week)
    for (a, b) in zip(windows, windows.dropFirst()) where a.day == b.day {
      #expect(a.endMinute < b.startMinute)
    }
  }

  private func checkReplace(_ a: Pair, _ b: Pair, _ random: inout SeededRandom) {
    let day = Int.random(in: 0..<7, using: &random)
    let other = Int.random(in: 0..<7, using: &random)
    var fast = a.fast
    fast.replace(day: day, with: b.fast, day: other)
    let expected = (0..<10_080).filter { minute in
      minute / 1440 == day ? b.slow.contains(other * 1440 + minute % 1440) : a.slow.contains(minute)
    }
    #expect(minutes(fast) == Set(expected))
  }

  @Test func theWholeWeekIsOneRun() {
    var week = WeekMinutes()
    week.insert(0..<10_080)
    #expect(week.runs() == [0..<10_080])
    #expect(week.windows.count == 7)
    #expect(week.next(false, from: 0) == nil)
    week.toggle(0..<10_080)
    #expect(week.isEmpty)
    #expect(week == WeekMinutes())
  }
}
