extension [UInt8] {
  /// Whether the bytes of `run` stand somewhere in these, one after the other.
  func containsRun(_ run: [UInt8]) -> Bool {
    guard let first = run.first, run.count <= count else { return run.isEmpty }
    for start in 0...count - run.count where self[start] == first {
      if run.indices.allSatisfy({ self[start + $0] == run[$0] }) { return true }
    }
    return false
  }
}
