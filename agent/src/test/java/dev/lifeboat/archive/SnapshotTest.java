package dev.lifeboat.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.archive.ArchiveException.Reason;
import dev.lifeboat.archive.Snaps.Member;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  @Test
  void a_real_snapshot_of_openbao_is_whole() {
    SnapshotFacts facts = Snapshot.verify(new ByteArrayInputStream(Snaps.openbao()));

    assertEquals(
        new SnapshotFacts(
            37,
            3,
            "bolt-snapshot",
            1,
            15725,
            Snaps.openbao().length,
            Snaps.sha256(Snaps.openbao())),
        facts);
  }

  @Test
  void a_real_snapshot_of_vault_is_whole() {
    SnapshotFacts facts = Snapshot.verify(new ByteArrayInputStream(Snaps.vault()));

    assertEquals(48, facts.raftIndex());
    assertEquals(15405, facts.stateBytes());
    assertEquals(Snaps.sha256(Snaps.vault()), facts.plainSha256());
  }

  @Test
  void a_source_that_gives_one_byte_at_a_time_makes_no_difference() {
    var trickle =
        new InputStream() {
          private final InputStream whole = new ByteArrayInputStream(Snaps.openbao());

          @Override
          public int read() throws IOException {
            return whole.read();
          }

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            return whole.read(buffer, offset, Math.min(1, length));
          }
        };

    assertEquals(37, Snapshot.verify(trickle).raftIndex());
  }

  @Test
  void every_prefix_is_truncated() {
    byte[] stored = Snaps.openbao();
    for (int length = 0; length < stored.length; length++) {
      byte[] prefix = Arrays.copyOf(stored, length);
      assertSame(Reason.TRUNCATED, refuse(prefix).reason(), "cut at " + length);
    }
    byte[] compressed = Snaps.vault();
    for (int cut = 1; cut < compressed.length; cut += cut < 100 ? 1 : 13) {
      byte[] prefix = Arrays.copyOf(compressed, compressed.length - cut);
      assertSame(Reason.TRUNCATED, refuse(prefix).reason(), "without the last " + cut);
    }
  }

  /// A server that fails in mid-stream may close its gzip properly.
  @Test
  void every_prefix_of_the_tar_in_a_whole_gzip_is_refused() {
    byte[] tar = Snaps.gunzip(Snaps.openbao());
    for (int length = 0; length < tar.length; length += 64) {
      Reason reason = refuse(Snaps.gzip(Arrays.copyOf(tar, length))).reason();

      assertSame(Reason.TRUNCATED, reason, "cut at " + length);
    }
  }

  /// MTIME, XFL and OS of the gzip header say nothing of the content, and FTEXT is a hint.
  @Test
  void no_flipped_bit_passes_but_in_the_meaningless_fields_of_the_gzip_header() {
    byte[] snap = Snaps.openbao();
    var passed = new TreeSet<Integer>();
    for (int at = 0; at < snap.length; at = at < 1100 || at > 19000 ? at + 1 : at + 7) {
      byte[] changed = snap.clone();
      changed[at] ^= (byte) (1 << at % 8);
      if (passes(changed)) {
        passed.add(at);
      }
    }

    assertEquals(Set.of(4, 5, 6, 7, 8, 9), passed);
  }

  @Test
  void a_repacked_snapshot_with_a_pax_header_and_other_compression_is_whole() {
    List<Member> members = new ArrayList<>(Snaps.members(Snaps.openbao()));
    members.add(
        1,
        new Member(
            "pax",
            "18 path=state.bin\n14 mtime=1234\n".getBytes(StandardCharsets.UTF_8),
            (byte) 'x'));

    byte[] snap = Snaps.gzip(Snaps.tar(members), Deflater.BEST_COMPRESSION, /* FTEXT */ 1);

    assertEquals(37, Snapshot.verify(new ByteArrayInputStream(snap)).raftIndex());
  }

  @Test
  void spaces_around_the_metadata_are_accepted() {
    byte[] state = {1, 2, 3};
    byte[] meta = ("  " + text(Snaps.meta(3)) + " \n\n ").getBytes(StandardCharsets.UTF_8);

    SnapshotFacts facts = verify(Snaps.of(Snaps.around(meta, state)));

    assertEquals(3, facts.stateBytes());
  }

  @Test
  void the_members_are_exactly_four() {
    List<Member> good = Snaps.members(Snaps.openbao());
    assertEquals(37, verify(Snaps.of(good)).raftIndex());

    for (int i = 0; i < 4; i++) {
      int member = i;
      var without = edit(good, list -> list.remove(member));
      assertEquals(
          "member %s is missing".formatted(good.get(i).name()), refuse(without).getMessage());

      var twice = edit(good, list -> list.add(list.get(member)));
      assertEquals(
          "member %s is there twice".formatted(good.get(i).name()), refuse(twice).getMessage());

      var renamed =
          edit(good, list -> list.set(member, new Member("nope", list.get(member).body())));
      assertSame(Reason.MEMBERS, refuse(renamed).reason());
    }
    var extra = edit(good, list -> list.add(new Member("extra", "x")));
    assertEquals(
        "unknown member 'extra', expected only meta.json, state.bin, SHA256SUMS,"
            + " SHA256SUMS.sealed",
        refuse(extra).getMessage());
  }

  @Test
  void only_regular_files_are_members() {
    List<Member> good = Snaps.members(Snaps.openbao());
    for (byte type :
        new byte[] {
          TarConstants.LF_SYMLINK,
          TarConstants.LF_LINK,
          TarConstants.LF_DIR,
          TarConstants.LF_FIFO,
          TarConstants.LF_GNUTYPE_LONGNAME,
          TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER
        }) {
      var snap = edit(good, list -> list.add(0, new Member("meta.json", new byte[0], type)));

      ArchiveException refused = refuse(snap);

      assertSame(Reason.MEMBERS, refused.reason(), refused.getMessage());
      assertTrue(message(refused).contains("no regular file"), refused.getMessage());
    }
  }

  @Test
  void small_members_are_small() {
    List<Member> good = Snaps.members(Snaps.openbao());
    assertSame(Reason.METADATA, refuse(resized(good, 0, (8 << 10) + 1)).reason());
    assertSame(Reason.CHECKSUM, refuse(resized(good, 2, (64 << 10) + 1)).reason());
    assertSame(Reason.MEMBERS, refuse(resized(good, 3, (1 << 20) + 1)).reason());
    assertEquals(
        "SHA256SUMS.sealed is empty; the server could not seal its sums",
        refuse(resized(good, 3, 0)).getMessage());
    var pax = edit(good, list -> list.add(0, new Member("pax", new byte[9 << 10], (byte) 'x')));
    assertSame(Reason.MEMBERS, refuse(pax).reason());
  }

  @Test
  void every_sum_must_be_right_and_there_must_be_two() {
    byte[] state = {1, 2, 3};
    byte[] meta = Snaps.meta(3);
    String metaLine = Snaps.sha256(meta) + "  meta.json\n";
    String stateLine = Snaps.sha256(state) + "  state.bin\n";
    assertEquals(3, verify(withSums(meta, state, metaLine + stateLine)).stateBytes());

    for (String sums :
        List.of(
            metaLine,
            stateLine,
            "",
            "\n",
            metaLine + stateLine + "\n",
            metaLine + stateLine + stateLine,
            metaLine + metaLine,
            metaLine + stateLine.strip(),
            metaLine.replace("\n", "\r\n") + stateLine,
            metaLine.replace("  ", " ") + stateLine,
            metaLine + stateLine + Snaps.sha256(state) + "  SHA256SUMS.sealed\n",
            Snaps.sha256(meta) + "  state.bin\n" + Snaps.sha256(state) + "  meta.json\n",
            metaLine + stateLine.replaceFirst("^..", "zz"))) {
      assertSame(Reason.CHECKSUM, refuse(withSums(meta, state, sums)).reason(), sums);
    }
    String message =
        refuse(withSums(meta, new byte[] {1, 2, 4}, metaLine + stateLine)).getMessage();
    assertEquals(
        "state.bin has the SHA-256 %s, SHA256SUMS says %s\nhint: the content was changed on its"
                .formatted(Snaps.sha256(new byte[] {1, 2, 4}), Snaps.sha256(state))
            + " way; take the snapshot again",
        message);
  }

  @Test
  void the_metadata_must_say_what_is_there() {
    byte[] state = {1, 2, 3};
    assertTrue(
        message(refuse(Snaps.of(Snaps.around(Snaps.meta(4), state))))
            .startsWith("state.bin has 3 bytes, meta.json says 4"));
    for (String meta :
        List.of(
            "",
            "{",
            "[]",
            "null",
            "{}",
            text(Snaps.meta(3)).replace("37", "-1"),
            text(Snaps.meta(3)).replace("37", "\"37\""),
            text(Snaps.meta(3)).replace("37", "37.5"),
            text(Snaps.meta(3)).replace("37", "18446744073709551615"),
            text(Snaps.meta(3)).replace("bolt-snapshot", ""),
            text(Snaps.meta(3)).replace("{", "{\"Index\":36,"),
            text(Snaps.meta(3)) + "{}")) {
      byte[] snap = Snaps.of(Snaps.around(meta.getBytes(StandardCharsets.UTF_8), state));

      assertSame(Reason.METADATA, refuse(snap).reason(), meta);
    }
  }

  @Test
  void nothing_may_follow() {
    byte[] snap = Snaps.openbao();
    byte[] tar = Snaps.gunzip(snap);
    assertSame(Reason.TRAILER, refuse(join(snap, new byte[1])).reason());
    assertSame(Reason.TRAILER, refuse(join(snap, snap)).reason());
    assertSame(Reason.TRAILER, refuse(join(snap, Snaps.gzip(new byte[0]))).reason());
    assertSame(Reason.TRAILER, refuse(Snaps.gzip(join(tar, tar))).reason());
    assertSame(Reason.TRAILER, refuse(Snaps.gzip(join(tar, new byte[] {1}))).reason());
    assertEquals(37, verify(Snaps.gzip(join(tar, new byte[9000]))).raftIndex());
  }

  @Test
  void something_else_is_no_snapshot() {
    var reasons = EnumSet.noneOf(Reason.class);
    for (byte[] other :
        List.of(
            "{\"errors\":[\"permission denied\"]}".getBytes(StandardCharsets.UTF_8),
            "<html>".getBytes(StandardCharsets.UTF_8),
            Snaps.gunzip(Snaps.openbao()),
            Snaps.gzip(new byte[4096 - 1]),
            Snaps.gzip("no tar ".repeat(500).getBytes(StandardCharsets.UTF_8)))) {
      reasons.add(refuse(other).reason());
    }

    assertFalse(reasons.contains(Reason.CHECKSUM), reasons.toString());
    assertTrue(reasons.contains(Reason.NOT_A_SNAPSHOT));
  }

  @Test
  void optional_fields_of_the_gzip_header_are_read() {
    byte[] plain = Snaps.openbao();
    byte[] named = Arrays.copyOf(plain, 10);
    named[3] = 4 | 8 | 16;
    byte[] fields = {2, 0, 7, 7, 'x', 0, 'y', 0};
    byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);

    assertEquals(37, verify(join(join(named, fields), rest)).raftIndex());

    named[3] |= 2;
    ArchiveException refused = refuse(join(join(named, join(fields, new byte[] {1, 1})), rest));
    assertTrue(message(refused).contains("header has the checksum"), refused.getMessage());
    named[3] = (byte) 0x20;
    assertSame(Reason.NOT_A_SNAPSHOT, refuse(join(named, rest)).reason());
  }

  /// 32 MiB of zeros in 32 KiB of gzip, read with the buffers of any other snapshot.
  @Test
  void a_member_that_inflates_a_thousandfold_costs_time_only() {
    byte[] state = new byte[32 << 20];
    byte[] snap =
        Snaps.gzip(
            Snaps.tar(Snaps.around(Snaps.meta(state.length), state)), Deflater.BEST_COMPRESSION, 0);

    assertTrue(snap.length < 100_000);
    assertEquals(state.length, verify(snap).stateBytes());
  }

  @Test
  void a_failure_of_the_source_is_told_as_such() {
    InputStream failing = Snaps.failing("connection reset");

    var e = assertThrows(UncheckedIOException.class, () -> Snapshot.verify(failing));

    assertEquals("java.io.IOException: connection reset", e.getMessage());
  }

  /// A tar that is changed and then packed again has right gzip sums. Header fields that say
  /// nothing of the content may then differ, the content may not.
  @Test
  void random_damage_is_refused_and_never_a_bug() {
    var random = new Random(20261122);
    byte[] snap = Snaps.vault();
    byte[] tar = Snaps.gunzip(Snaps.openbao());
    SnapshotFacts whole = verify(Snaps.openbao());
    for (int i = 0; i < 1500; i++) {
      byte[] bad = damaged(snap, random);
      assertTrue(Arrays.equals(snap, bad) || !passes(bad));

      byte[] repacked = Snaps.gzip(damaged(tar, random));
      if (passes(repacked)) {
        SnapshotFacts facts = verify(repacked);
        assertEquals(whole.raftIndex(), facts.raftIndex());
        assertEquals(whole.stateBytes(), facts.stateBytes());
      }
    }
  }

  /// Changed where it matters: within the headers and small members, or in the state.
  private static byte[] damaged(byte[] bytes, Random random) {
    byte[] bad = bytes.clone();
    for (int j = 0; j <= random.nextInt(4); j++) {
      int at = 10 + random.nextInt(Math.min(bad.length, 1500) - 10);
      bad[at] = (byte) (bad[at] ^ 1 + random.nextInt(255));
    }
    return bad;
  }

  private static SnapshotFacts verify(byte[] snap) {
    return Snapshot.verify(new ByteArrayInputStream(snap));
  }

  private static ArchiveException refuse(byte[] snap) {
    return assertThrows(ArchiveException.class, () -> verify(snap));
  }

  private static String message(ArchiveException e) {
    return String.valueOf(e.getMessage());
  }

  private static boolean passes(byte[] snap) {
    try {
      return verify(snap).plainBytes() > 0;
    } catch (ArchiveException e) {
      return false;
    }
  }

  private static byte[] withSums(byte[] meta, byte[] state, String sums) {
    return edit(Snaps.around(meta, state), list -> list.set(2, new Member("SHA256SUMS", sums)));
  }

  private static byte[] resized(List<Member> members, int member, int size) {
    return edit(
        members, list -> list.set(member, new Member(list.get(member).name(), new byte[size])));
  }

  private static byte[] edit(List<Member> members, Consumer<List<Member>> edit) {
    var list = new ArrayList<>(members);
    edit.accept(list);
    return Snaps.of(list);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
