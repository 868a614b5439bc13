import TestSupport

@testable import Scheduling

extension SeededRandom {
  /// A valid week, often with awkward edges: touching windows, midnight, single minutes.
  mutating func windows() -> [Window] {
    var result: [Window] = []
    for day in 0..<7 where Int.random(in: 0..<3, using: &self) > 0 {
      var edges = Set<Int>()
      for _ in 0..<2 * Int.random(in: 1...3, using: &self) {
        let step = [1, 15, 30, 60, 120].randomElement(using: &self) ?? 1
        edges.insert(Int.random(in: 0...1440 / step, using: &self) * step)
      }
      let sorted = edges.sorted()
      var index = 0
      while index + 1 < sorted.count {
        result.append(Window(day: day, startMinute: sorted[index], endMinute: sorted[index + 1]))
        index += Bool.random(using: &self) ? 2 : 1
      }
    }
    return result.isEmpty ? [Window(day: 0, startMinute: 0, endMinute: 1)] : result.shuffled(using: &self)
  }
}
