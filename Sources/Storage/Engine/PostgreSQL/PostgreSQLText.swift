/// How the engines' shared SQL and values are spelled for PostgreSQL.
enum PostgreSQLText {
  /// Parameters `?1` become `$1`; what stands in quotes or comments stays.
  static func statement(_ sql: String) -> String {
    var result: [UInt8] = []
    let bytes = Array(sql.utf8)
    result.reserveCapacity(bytes.count)
    var quote: UInt8?
    for (index, byte) in bytes.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      }
      let isParameter =
        quote == nil && byte == UInt8(ascii: "?") && index + 1 < bytes.count
        && (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[index + 1])
      result.append(isParameter ? UInt8(ascii: "$") : byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// An update of one row by values `?1` … as one of many rows, whose values come as lists of some types; nil for NULL in
  /// all rows.
  static func many(_ update: RowUpdate, _ types: [String?]) -> String {
    var (set, condition, lists, names) = (update.set, "key = ?1", [String](), [String]())
    for type in types.compactMap({ $0 }) {
      lists.append("CAST(?\(lists.count + 1) AS \(type)[])")
      names.append("v\(lists.count)")
    }
    var rest = names
    // From the last one on: `?1` begins `?10` as well.
    for (index, type) in types.enumerated().reversed() {
      let value = type == nil ? "NULL" : "each.\(rest.removeLast())"
      set = set.replacing("?\(index + 1)", with: value)
      condition = condition.replacing("?\(index + 1)", with: value)
    }
    return """
      UPDATE \(update.table) SET \(set) FROM unnest(\(lists.joined(separator: ", "))) AS each (\(names.joined(separator: ", ")))
      WHERE \(condition)
      """
  }
}

extension Value {
  /// The type's object identifier: int8, text, or 0 for the server to find out.
  var type: UInt32 {
    switch self {
    case .null: 0
    case .integer: 20
    case .text: 25
    }
  }

  /// Tells statements apart that were prepared for other types.
  var letter: UInt8 {
    switch self {
    case .null: UInt8(ascii: "n")
    case .integer: UInt8(ascii: "i")
    case .text: UInt8(ascii: "t")
    }
  }

  /// As it is sent; nil for NULL.
  var parameter: String? {
    switch self {
    case .null: nil
    case .integer(let value): String(value)
    case .text(let text): text
    }
  }
}

extension Value {
  /// The values of rows, column by column, each as a list and the name of its type; nil where all are NULL.
  static func columns(_ rows: [[Value]]) -> [(type: String, list: Value)?] {
    (0..<(rows.first?.count ?? 0)).map { column in
      let values = rows.map { $0[column] }
      let types = values.compactMap { value -> String? in
        switch value {
        case .null: nil
        case .integer: "BIGINT"
        case .text: "TEXT"
        }
      }
      return types.first.map { ($0, array(values)) }
    }
  }
}
