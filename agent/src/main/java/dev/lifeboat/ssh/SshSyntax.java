package dev.lifeboat.ssh;

import dev.lifeboat.config.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/// Reads the keys of a block that say how to log in.
final class SshSyntax {
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252})|[0-9a-fA-F:]+");
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}");
  private static final Pattern HOST_KEY =
      Pattern.compile(
          "(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,3}( .*)?");
  private static final int PORT = 22;
  private static final int PORT_MAX = 65_535;
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final Path NOWHERE = Path.of("/");

  private SshSyntax() {}

  static SshLogin read(Section block, Duration stall) {
    return new SshLogin(
        matching(block, "host", HOST, "a name or an address, the port apart"),
        block.has("port") ? block.number("port", 1, PORT_MAX) : PORT,
        matching(block, "user", USER, "a user of that machine"),
        hostKey(block),
        block.path("private-key-file"),
        block.optionalSecret("passphrase"),
        block.optionalPath("certificate-file"),
        block.has("connect-timeout")
            ? block.duration("connect-timeout", SHORTEST, LONGEST)
            : CONNECT,
        block.has("stall-timeout") ? block.duration("stall-timeout", SHORTEST, LONGEST) : stall);
  }

  private static String matching(Section block, String key, Pattern pattern, String hint) {
    String text = block.text(key);
    // The placeholder of a missing key is empty, and was reported.
    if (!text.isEmpty() && !pattern.matcher(text).matches()) {
      block.problem(key, "'%s' is no %s".formatted(text, key), hint);
    }
    return text;
  }

  private static HostKey hostKey(Section block) {
    boolean file = block.has("known-hosts-file");
    boolean line = block.has("host-key");
    if (file && line) {
      block.problem(
          "host-key",
          "has no effect beside known-hosts-file",
          "give one of the two: the file, or the key itself");
    }
    if (file) {
      String ignored = line ? block.text("host-key") : "";
      return new HostKey.KnownHosts(block.path("known-hosts-file"));
    }
    if (line) {
      return new HostKey.Pinned(
          matching(block, "host-key", HOST_KEY, "type and key, such as ssh-ed25519 AAAA…"));
    }
    block.problem(
        "host-key",
        "is required, or known-hosts-file: nothing else tells the server from an impostor",
        "ssh-keyscan prints it; compare it with the key files on the server");
    return new HostKey.KnownHosts(NOWHERE);
  }
}
