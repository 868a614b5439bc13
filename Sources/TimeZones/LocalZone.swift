import Glibc
import Scheduling

extension TimeZoneDatabase {
  /// The zone of the machine, or of the user who set `$TZ`, for schedules that are new; UTC if none has a name.
  package func localZone(environment: [String: String]) -> String {
    let told = environment["TZ"].map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 }
    let candidates = [
      told.map(name(ofPath:)), Self.target(of: "/etc/localtime").map(name(ofPath:)),
      SystemFile.text("/etc/timezone").map {
        $0.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
      },
    ]
    // Who sets TZ to a rule such as EST5 or to nothing has no zone with a name.
    let relevant = told == nil ? candidates[1...] : candidates[...0]
    return relevant.lazy.compactMap { $0 }.first { isKnown($0) } ?? "UTC"
  }

  /// The name in `/usr/share/zoneinfo/Europe/Tallinn`; a name stays as it is.
  private func name(ofPath path: String) -> String {
    for directory in [directory, "/usr/share/zoneinfo"] where path.hasPrefix(directory + "/") {
      return String(path.dropFirst(directory.utf8.count + 1))
    }
    // Links are often written from where they stand: ../usr/share/zoneinfo/Europe/Tallinn.
    let parts = path.split(separator: "/").map(String.init)
    guard let place = parts.lastIndex(of: "zoneinfo"), path.contains("/") else { return path }
    return parts[(place + 1)...].joined(separator: "/")
  }

  private static func target(of link: String) -> String? {
    var characters = [CChar](repeating: 0, count: 4096)
    let count = readlink(link, &characters, characters.count)
    return count > 0
      ? String(decoding: characters[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }
}
