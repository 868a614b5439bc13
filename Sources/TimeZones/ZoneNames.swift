/// Which names the database in a directory has.
struct ZoneNames: Sendable {
  /// In alphabetical order: what has a file and is listed in `tzdata.zi`, or is by its content a zone.
  let all: [String]
  private let listed: Set<String>
  /// Where links of `tzdata.zi` lead, by their names.
  private let targets: [String: String]

  init(directory: String) {
    (listed, targets) = Self.list(directory + "/tzdata.zi")
    var found: [String] = []
    var folders = [""]
    while let folder = folders.popLast() {
      for entry in SystemFile.names(in: directory + "/" + folder) {
        let name = folder + entry.name
        guard Self.isName(name) else { continue }
        if entry.isDirectory {
          // Zones are never deeper than America/Argentina/Ushuaia: links that go round end here.
          if name.utf8.lazy.filter({ $0 == UInt8(ascii: "/") }).count < 3 { folders.append(name + "/") }
        } else if listed.contains(name) || SystemFile.isZone(directory + "/" + name) {
          found.append(name)
        }
      }
    }
    all = found.sorted()
  }

  /// Whether the database says that there is such a zone, whatever its file says.
  func lists(_ name: String) -> Bool { listed.contains(name) }

  /// The zone that a link stands for.
  func target(of name: String) -> String? { targets[name] }

  /// Whether a text can be a name of IANA's: no path, and nothing of what systems put beside the zones.
  static func isName(_ name: String) -> Bool {
    guard name.utf8.count <= 64, !name.isEmpty, name.utf8.allSatisfy(isNameByte) else { return false }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0.first != "-" && $0.first != "+" }) else { return false }
    // Copies of the database with and without leap seconds, and what the machine is set to.
    return !["posix", "right", "posixrules", "localtime"].contains(parts[0])
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "/"):
      true
    default: false
    }
  }

  /// The zones and links of the source that Debian and others install beside the files: lines such as
  /// `Z Europe/Berlin 0:53:28 - LMT …` and `L Europe/Berlin Europe/Oslo`.
  private static func list(_ path: String) -> (names: Set<String>, targets: [String: String]) {
    guard let text = SystemFile.text(path) else { return ([], [:]) }
    var names: Set<String> = []
    var targets: [String: String] = [:]
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      guard let first = line.first.map({ $0 | 0x20 }),
        first == UInt8(ascii: "z") || first == UInt8(ascii: "l")
      else { continue }
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 3).map { String(Substring($0)) }
      if first == UInt8(ascii: "z"), fields.count > 1, "zone".hasPrefix(fields[0].lowercased()) {
        names.insert(fields[1])
      } else if fields.count > 2, "link".hasPrefix(fields[0].lowercased()) {
        names.insert(fields[2])
        targets[fields[2]] = fields[1]
      }
    }
    return (names, targets)
  }
}
