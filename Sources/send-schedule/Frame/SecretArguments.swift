import Glibc

/// Passwords on the command line, which everybody on the machine could read in the list of processes.
enum SecretArguments {
  /// Overwrites the passwords of connection strings in this process's arguments, as others see them.
  ///
  /// To be called once the arguments were read.
  static func hide() {
    // The 48th and 49th fields of /proc/PID/stat say where the arguments are, see proc(5).
    guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let name = text.lastIndex(of: ")")
    else { return }
    let fields = text[text.index(after: name)...].split(separator: " ")
    guard fields.count > 46, let start = UInt(fields[45]), let end = UInt(fields[46]), start < end,
      let base = UnsafeMutablePointer<UInt8>(bitPattern: start)
    else { return }
    let memory = UnsafeMutableBufferPointer(start: base, count: Int(end - start))
    for place in places(in: memory) { memory[place] = UInt8(ascii: "x") }
  }

  /// Where passwords stand in arguments that end with zeros.
  static func places(in bytes: some RandomAccessCollection<UInt8>) -> [Int] {
    var places: [Int] = []
    var start = 0
    for argument in bytes.split(separator: 0, omittingEmptySubsequences: false) {
      let words = Array(argument)
      places += self.places(ofArgument: words).map { start + $0 }
      start += words.count + 1
    }
    return places
  }

  private static func places(ofArgument bytes: [UInt8]) -> [Int] {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("postgresql://") || text.contains("postgres://") || text.contains("service="),
      text.utf8.count == bytes.count
    else { return [] }
    var places: [Int] = []
    if let scheme = bytes.firstRange(of: Array("://".utf8)) {
      let authority = bytes[scheme.upperBound...].prefix {
        $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?")
      }
      if let at = authority.lastIndex(of: UInt8(ascii: "@")),
        let colon = authority[..<at].firstIndex(of: UInt8(ascii: ":"))
      {
        places += Array(colon + 1..<at)
      }
    }
    for found in bytes.ranges(of: Array("password=".utf8)) {
      let rest = bytes[found.upperBound...]
      // One with spaces stands in quotes; what follows of those is hidden with it.
      let separators = Set((rest.first == UInt8(ascii: "'") ? "&" : "& ").utf8)
      places += rest.prefix { !separators.contains($0) }.indices
    }
    return places
  }
}
