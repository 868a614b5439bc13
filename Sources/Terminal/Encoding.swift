/// Whether the user's terminal takes UTF-8, as the environment names it.
///
/// The first of LC_ALL, LC_CTYPE and LANG that is set decides, as in the C library. A locale that names
/// UTF-8 counts even where the machine lacks it (SSH sends the client's). `C`, `POSIX` and names with
/// another codeset, or with none, ask for ASCII. With nothing set at all, UTF-8 is by far the likelier.
func wantsUTF8(_ environment: [String: String]) -> Bool {
  let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
  guard let name = names.first(where: { !$0.isEmpty }) else { return true }
  let parts = name.split(separator: ".", maxSplits: 1)
  guard parts.count == 2 else { return false }
  let codeset = parts[1].prefix { $0 != "@" }.lowercased()
  return codeset == "utf-8" || codeset == "utf8"
}
