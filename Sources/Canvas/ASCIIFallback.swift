/// A cell of text in printable ASCII, as many characters as the cell has columns.
///
/// Latin letters lose their accents, typographic signs get their typewriter forms, and what has neither
/// is `?`.
package func asciiFallback(of cell: String, columns: Int) -> String {
  guard columns == 1, let scalar = cell.unicodeScalars.first else {
    return String(repeating: "?", count: max(0, columns))
  }
  if (0x20...0x7E).contains(scalar.value) { return String(scalar) }
  return forms[scalar].map { String($0) } ?? "?"
}

private let forms: [Unicode.Scalar: Unicode.Scalar] = {
  let groups: [(Unicode.Scalar, String)] = [
    ("A", "ÀÁÂÃÄÅĀĂĄ"), ("C", "ÇĆĈĊČ"), ("D", "ĎĐÐ"), ("E", "ÈÉÊËĒĔĖĘĚ€"), ("G", "ĜĞĠĢ"), ("H", "ĤĦ"),
    ("I", "ÌÍÎÏĨĪĬĮİ"), ("J", "Ĵ"), ("K", "Ķ"), ("L", "ĹĻĽĿŁ"), ("N", "ÑŃŅŇ"), ("O", "ÒÓÔÕÖØŌŎŐ"),
    ("R", "ŔŖŘ"), ("S", "ŚŜŞŠȘ"), ("T", "ŢŤŦȚ"), ("U", "ÙÚÛÜŨŪŬŮŰŲ"), ("W", "Ŵ"), ("Y", "ÝŶŸ"),
    ("Z", "ŹŻŽ"), ("a", "àáâãäåāăąª"), ("c", "çćĉċč"), ("d", "ďđð"), ("e", "èéêëēĕėęě"), ("g", "ĝğġģ"),
    ("h", "ĥħ"), ("i", "ìíîïĩīĭįı"), ("j", "ĵ"), ("k", "ķ"), ("l", "ĺļľŀł"), ("n", "ñńņňŉ"),
    ("o", "òóôõöøōŏőº○°◌"), ("r", "ŕŗř"), ("s", "śŝşšșßſ"), ("t", "ţťŧț"), ("u", "ùúûüũūŭůűųµ"),
    ("w", "ŵ"), ("y", "ýÿŷ"), ("z", "źżž"), ("0", "⁰"), ("1", "¹"), ("2", "²╪"), ("3", "³"),
    (" ", "\u{A0}\u{2002}\u{2003}\u{2009}\u{202F}"), ("'", "‘’‚′´`"), ("\"", "“”„«»″"),
    ("-", "‐‑‒–—―−─"), ("~", "…"), ("*", "•●"), ("x", "×✗╳"), (":", "÷"), ("|", "│¦"),
    ("+", "┌┐└┘├┤┬┴┼✓"), ("#", "█"), ("%", "▒"), (">", "→▸›▐"), ("<", "←‹▌"), ("^", "↑▲␛"),
    ("v", "↓▼▾"), (".", "·␤"), ("!", "¡"),
  ]
  var forms: [Unicode.Scalar: Unicode.Scalar] = [:]
  for (form, scalars) in groups {
    for scalar in scalars.unicodeScalars { forms[scalar] = form }
  }
  return forms
}()
