package dev.lifeboat.archive;

import dev.lifeboat.archive.ArchiveException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One pass over one snapshot: reads the members in whatever order they come, then compares what
/// they say of each other.
final class SnapshotReader {
  private static final String META = "meta.json";
  private static final String STATE = "state.bin";
  private static final String SUMS = "SHA256SUMS";
  private static final String SEALED = "SHA256SUMS.sealed";
  private static final List<String> ALL = List.of(META, STATE, SUMS, SEALED);

  /// As the servers themselves limit it.
  private static final int META_BYTES_MAX = 8 << 10;

  private static final int SUMS_BYTES_MAX = 64 << 10;
  private static final int SEALED_BYTES_MAX = 1 << 20;

  private static final Pattern SUMS_LINE = Pattern.compile("([0-9a-f]{64})  (\\S+)");

  private final byte[] buffer = new byte[64 << 10];
  private final Map<String, Long> sizes = new HashMap<>();
  private final Map<String, String> sha256 = new HashMap<>();
  private byte[] meta = {};
  private byte[] sums = {};

  private SnapshotReader() {}

  static SnapshotFacts read(InputStream snap) throws IOException {
    var hashed = new HashedInput(snap);
    var reader = new SnapshotReader();
    try (var gzip = new GzipMember(hashed)) {
      reader.readMembers(new TarMembers(gzip));
    }
    SnapshotMeta meta = reader.compare();
    return new SnapshotFacts(
        meta.index(),
        meta.term(),
        meta.id(),
        meta.version(),
        meta.size(),
        hashed.bytes(),
        hashed.sha256Hex());
  }

  private void readMembers(TarMembers tar) throws IOException {
    for (var next = tar.next(); next.isPresent(); next = tar.next()) {
      TarMembers.Member member = next.get();
      if (sizes.containsKey(member.name())) {
        throw members("member %s is there twice".formatted(member.name()));
      }
      switch (member.name()) {
        case META -> meta = readSmall(tar, member, META_BYTES_MAX, Reason.METADATA);
        case STATE -> hash(tar, member);
        case SUMS -> sums = readSmall(tar, member, SUMS_BYTES_MAX, Reason.CHECKSUM);
        case SEALED -> {
          byte[] sealed = readSmall(tar, member, SEALED_BYTES_MAX, Reason.MEMBERS);
          if (sealed.length == 0) {
            throw members(SEALED + " is empty; the server could not seal its sums");
          }
        }
        default ->
            throw members(
                "unknown member %s, expected only %s"
                    .formatted(quoted(member.name()), String.join(", ", ALL)));
      }
      sizes.put(member.name(), member.sizeBytes());
      if (sizes.size() == ALL.size()) {
        // Now, not at the end: a wrong sum names the member, the gzip trailer could not.
        var _ = compare();
      }
    }
    for (String name : ALL) {
      if (!sizes.containsKey(name)) {
        throw members("member %s is missing".formatted(name));
      }
    }
  }

  private byte[] readSmall(TarMembers tar, TarMembers.Member member, int bytesMax, Reason reason)
      throws IOException {
    if (member.sizeBytes() > bytesMax) {
      throw new ArchiveException(
          reason,
          "%s has %d bytes, at most %d are expected"
              .formatted(member.name(), member.sizeBytes(), bytesMax));
    }
    var bytes = new ByteArrayOutputStream((int) member.sizeBytes());
    MessageDigest digest = HashedInput.sha256();
    int count;
    while ((count = tar.read(buffer)) >= 0) {
      digest.update(buffer, 0, count);
      bytes.write(buffer, 0, count);
    }
    sha256.put(member.name(), HexFormat.of().formatHex(digest.digest()));
    return bytes.toByteArray();
  }

  private void hash(TarMembers tar, TarMembers.Member member) throws IOException {
    MessageDigest digest = HashedInput.sha256();
    int count;
    while ((count = tar.read(buffer)) >= 0) {
      digest.update(buffer, 0, count);
    }
    sha256.put(member.name(), HexFormat.of().formatHex(digest.digest()));
  }

  private SnapshotMeta compare() {
    Map<String, String> listed = parseSums();
    for (String name : List.of(META, STATE)) {
      String expected = listed.get(name);
      if (expected == null) {
        throw checksum("%s has no line for %s".formatted(SUMS, name));
      }
      if (!expected.equals(sha256.get(name))) {
        throw checksum(
            "%s has the SHA-256 %s, %s says %s".formatted(name, sha256.get(name), SUMS, expected));
      }
    }
    SnapshotMeta parsed = SnapshotMeta.parse(meta);
    if (parsed.size() != sizes.getOrDefault(STATE, -1L)) {
      throw checksum(
          "%s has %d bytes, %s says %d".formatted(STATE, sizes.get(STATE), META, parsed.size()));
    }
    return parsed;
  }

  /// The servers write the lines in random order.
  private Map<String, String> parseSums() {
    String text = new String(sums, StandardCharsets.ISO_8859_1);
    if (!text.endsWith("\n")) {
      throw checksum(SUMS + (text.isEmpty() ? " is empty" : " has no line end at its end"));
    }
    var listed = new HashMap<String, String>();
    var lines = new ArrayList<>(List.of(text.split("\n", -1)));
    lines.removeLast();
    for (String line : lines) {
      Matcher parts = SUMS_LINE.matcher(line);
      if (!parts.matches()) {
        throw checksum("%s has a line that is no sum: %s".formatted(SUMS, quoted(line)));
      }
      String name = parts.group(2);
      if (!name.equals(META) && !name.equals(STATE)) {
        throw checksum("%s has a line for the unknown %s".formatted(SUMS, quoted(name)));
      }
      if (listed.put(name, parts.group(1)) != null) {
        throw checksum("%s has two lines for %s".formatted(SUMS, name));
      }
    }
    return listed;
  }

  /// Text out of a file that may hold anything, short and printable.
  static String quoted(String text) {
    String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
    return "'" + shown.replaceAll("[^\\x20-\\x7e…]", "?") + "'";
  }

  private static ArchiveException members(String what) {
    return new ArchiveException(Reason.MEMBERS, what);
  }

  private static ArchiveException checksum(String what) {
    return new ArchiveException(
        Reason.CHECKSUM,
        what + "\nhint: the content was changed on its way; take the snapshot again");
  }
}
