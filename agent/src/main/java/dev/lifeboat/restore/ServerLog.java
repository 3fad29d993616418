package dev.lifeboat.restore;

import dev.lifeboat.machine.Machine.Ran;
import dev.lifeboat.machine.MachineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What a server has said of its storage within the last hour.
///
/// @param read whether its log could be read at all
/// @param lines that speak of its storage, the oldest first, each once
record ServerLog(boolean read, List<Line> lines) {
  private static final Duration READING = Duration.ofSeconds(30);
  private static final int LINE_MAX = 240;
  private static final int LINES_MAX = 20;

  /// Printed by both products when a process has got so far that its storage is open.
  private static final Pattern STARTED = Pattern.compile("==> .{1,20} server configuration:");

  /*
   * What OpenBao 2.7.2 and Vault 1.21.0 said of files that were damaged for the purpose
   * (docs/restore.md, "Is it damaged?"), and what the kernel says of a disk, through them.
   */
  private static final Pattern DAMAGE =
      pattern(
          "message authentication failed",
          "invalid database",
          "failed to open bolt file",
          "failed to get all reachable pages",
          "panic: .*\\bpage\\b",
          "page \\d+ already freed",
          "unrecognized log type",
          "SIGBUS",
          "unexpected fault address",
          "checksum",
          "failed to (proto decode|decode|validate) (stored keys|barrier|keyring|seal)",
          "input/output error",
          "structure needs cleaning");

  /// What a new copy of the data does not mend.
  private static final Pattern DISK =
      pattern("no space left on device", "read-only file system", "\\.db: permission denied");

  ServerLog {
    lines = List.copyOf(lines);
  }

  /// @param ofDisk whether it is the disk or its rights, and not the data
  /// @param before whether the server was started anew since
  record Line(String text, boolean ofDisk, boolean before) {}

  private static Pattern pattern(String... any) {
    return Pattern.compile(String.join("|", any), Pattern.CASE_INSENSITIVE);
  }

  static ServerLog of(Node node) throws InterruptedException {
    try {
      Ran ran = node.machine().run(node.config().log(), new byte[0], READING);
      return ran.good() ? of(ran.text() + "\n" + ran.err()) : new ServerLog(false, List.of());
    } catch (MachineException e) {
      return new ServerLog(false, List.of());
    }
  }

  static ServerLog of(String text) {
    Set<Line> lines = new LinkedHashSet<>();
    for (String line : text.lines().toList()) {
      if (STARTED.matcher(line).find()) {
        List<Line> before =
            lines.stream().map(each -> new Line(each.text(), each.ofDisk(), true)).toList();
        lines.clear();
        lines.addAll(before);
      }
      boolean disk = DISK.matcher(line).find();
      if (disk || DAMAGE.matcher(line).find()) {
        lines.add(new Line(shortened(line.strip()), disk, false));
      }
    }
    List<Line> all = new ArrayList<>(lines);
    return new ServerLog(true, all.subList(Math.max(0, all.size() - LINES_MAX), all.size()));
  }

  private static String shortened(String line) {
    return line.length() > LINE_MAX ? line.substring(0, LINE_MAX) + "…" : line;
  }

  /// The newest word of damaged data.
  ///
  /// @param open whether the server is open now: what it said before its last start is past then
  Optional<String> damage(boolean open) {
    return newest(false, open);
  }

  /// The newest word of a disk that is full or must not be written to.
  Optional<String> disk(boolean open) {
    return newest(true, open);
  }

  private Optional<String> newest(boolean ofDisk, boolean open) {
    return lines.reversed().stream()
        .filter(line -> line.ofDisk() == ofDisk && !(open && line.before()))
        .map(Line::text)
        .findFirst();
  }
}
