package dev.lifeboat.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.archive.ArchiveException.Reason;
import dev.lifeboat.keys.DataKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ContainerTest {
  private static final String ID = "20261122T020000Z-1f2e3d4c";
  private static final int SEGMENT = 64 << 10;

  private final DataKey key = DataKey.generate();

  private record File(byte[] bytes, Container.Written written) {}

  @Test
  void what_was_sealed_opens_to_the_same_bytes() {
    for (byte[] snap : List.of(Snaps.openbao(), Snaps.vault(), large())) {
      File file = seal(snap);
      var plain = new ByteArrayOutputStream();

      Container.Sealed opened =
          Container.open(new ByteArrayInputStream(file.bytes()), plain, key, ID);

      assertArrayEquals(snap, plain.toByteArray());
      assertEquals(prove(file.bytes(), file.written()), opened);
      assertEquals(file.bytes().length, opened.storedBytes());
      assertEquals(Snaps.sha256(file.bytes()), opened.storedSha256());
      assertEquals(Snaps.sha256(snap), opened.facts().plainSha256());
    }
  }

  @Test
  void two_containers_of_one_snapshot_differ() {
    assertTrue(
        !Arrays.equals(seal(Snaps.openbao()).bytes(), seal(Snaps.openbao()).bytes()),
        "salt and nonce are random");
  }

  @Test
  void progress_only_grows_and_ends_at_the_whole() {
    byte[] snap = large();
    var told = new ArrayList<Long>();

    Container.seal(
        new ByteArrayInputStream(snap), OutputStream.nullOutputStream(), key, ID, told::add);

    assertEquals(told.stream().sorted().toList(), told);
    assertEquals(snap.length, told.getLast());
  }

  @Test
  void a_truncated_source_leaves_a_file_that_does_not_decrypt() {
    byte[] snap = large();
    for (int length : new int[] {0, 1, 500, SEGMENT, 2 * SEGMENT + 1, snap.length - 1}) {
      var file = new ByteArrayOutputStream();

      var e =
          assertThrows(
              ArchiveException.class,
              () ->
                  Container.seal(
                      new ByteArrayInputStream(snap, 0, length), file, key, ID, bytes -> {}));

      assertSame(Reason.TRUNCATED, e.reason());
      assertSame(Reason.DECRYPTION, refuseToOpen(file.toByteArray(), key, ID).reason());
    }
  }

  @Test
  void a_damaged_source_is_refused_while_it_streams() {
    byte[] snap = large();
    snap[10 + 5 + 512] ^= 1;

    var e = assertThrows(ArchiveException.class, () -> seal(snap));

    assertSame(Reason.CHECKSUM, e.reason(), e.getMessage());
  }

  @Test
  void a_failing_source_and_a_full_disk_are_told_as_such() {
    InputStream failing = Snaps.failing("connection reset");
    var source = new SequenceInputStream(new ByteArrayInputStream(Snaps.openbao(), 0, 99), failing);
    var reset =
        assertThrows(
            UncheckedIOException.class,
            () -> Container.seal(source, OutputStream.nullOutputStream(), key, ID, bytes -> {}));
    assertEquals("connection reset", cause(reset));

    var full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    var noSpace =
        assertThrows(
            UncheckedIOException.class,
            () -> Container.seal(new ByteArrayInputStream(large()), full, key, ID, bytes -> {}));
    assertEquals("No space left on device", cause(noSpace));

    File file = seal(Snaps.openbao());
    var cut = new SequenceInputStream(new ByteArrayInputStream(file.bytes(), 0, 999), failing);
    var unread =
        assertThrows(
            UncheckedIOException.class,
            () -> Container.open(cut, OutputStream.nullOutputStream(), key, ID));
    assertEquals("connection reset", cause(unread));
    assertThrows(
        UncheckedIOException.class,
        () -> Container.open(new ByteArrayInputStream(file.bytes()), full, key, ID));
  }

  @Test
  void a_failing_listener_ends_the_call() {
    assertThrows(
        IllegalCallerException.class,
        () ->
            Container.seal(
                new ByteArrayInputStream(large()),
                OutputStream.nullOutputStream(),
                key,
                ID,
                bytes -> {
                  throw new IllegalCallerException();
                }));
  }

  @Test
  void an_interrupted_thread_stops_and_stays_interrupted() {
    Thread.currentThread().interrupt();

    var e = assertThrows(UncheckedIOException.class, () -> seal(large()));

    assertTrue(Thread.interrupted());
    assertTrue(e.getCause() instanceof InterruptedIOException, e.toString());
  }

  @Test
  void no_flipped_bit_opens() {
    File file = seal(Snaps.openbao());
    for (int at = 0; at < file.bytes().length; at = at < 60 ? at + 1 : at + 97) {
      byte[] changed = file.bytes().clone();
      changed[at] ^= (byte) (1 << at % 8);

      assertSame(Reason.DECRYPTION, refuseToOpen(changed, key, ID).reason(), "at " + at);
      assertSame(Reason.DECRYPTION, refuseToProve(changed, file.written()).reason());
    }
    byte[] lastByte = file.bytes().clone();
    lastByte[lastByte.length - 1] ^= 1;
    assertSame(Reason.DECRYPTION, refuseToOpen(lastByte, key, ID).reason());
  }

  @Test
  void a_cut_file_does_not_open() {
    File file = seal(large());
    var lengths = new ArrayList<Integer>(List.of(0, 1, 39, 40, 41, 56, file.bytes().length - 1));
    for (int boundary = SEGMENT; boundary < file.bytes().length; boundary += SEGMENT) {
      lengths.addAll(List.of(boundary - 1, boundary, boundary + 1, boundary + 16));
    }
    for (int length : lengths) {
      byte[] cut = Arrays.copyOf(file.bytes(), length);

      assertSame(Reason.DECRYPTION, refuseToOpen(cut, key, ID).reason(), "cut at " + length);
      assertSame(Reason.DECRYPTION, refuseToProve(cut, file.written()).reason());
    }
  }

  @Test
  void segments_have_their_places() {
    File file = seal(large());
    byte[] swapped = file.bytes().clone();
    System.arraycopy(file.bytes(), SEGMENT, swapped, 2 * SEGMENT, SEGMENT);
    System.arraycopy(file.bytes(), 2 * SEGMENT, swapped, SEGMENT, SEGMENT);
    assertSame(Reason.DECRYPTION, refuseToOpen(swapped, key, ID).reason());

    byte[] longer = Arrays.copyOf(file.bytes(), file.bytes().length + 20);
    assertSame(Reason.DECRYPTION, refuseToOpen(longer, key, ID).reason());

    byte[] spliced = seal(large()).bytes();
    System.arraycopy(file.bytes(), SEGMENT, spliced, SEGMENT, SEGMENT);
    assertSame(Reason.DECRYPTION, refuseToOpen(spliced, key, ID).reason());
  }

  @Test
  void another_key_and_another_backup_do_not_open_it() {
    byte[] file = seal(Snaps.openbao()).bytes();

    assertSame(Reason.DECRYPTION, refuseToOpen(file, DataKey.generate(), ID).reason());
    assertSame(Reason.DECRYPTION, refuseToOpen(file, key, "20261122T020000Z-00000000").reason());
  }

  @Test
  void proving_compares_size_and_sum() {
    File vault = seal(Snaps.vault());
    File openbao = seal(Snaps.openbao());
    assertSame(Reason.CHECKSUM, refuseToProve(vault.bytes(), openbao.written()).reason());

    byte[] other = Snaps.openbao();
    other[4] ^= 1;
    assertSame(Reason.CHECKSUM, refuseToProve(seal(other).bytes(), openbao.written()).reason());
  }

  @Test
  void warming_up_can_be_repeated() {
    Container.warmUp();
    Container.warmUp();

    assertEquals(37, ((SnapshotFacts) seal(Snaps.openbao()).written().facts()).raftIndex());
  }

  /// More than the belt of buffers holds.
  private static byte[] large() {
    byte[] state = new byte[(2 << 20) + 12345];
    new Random(5).nextBytes(state);
    return Snaps.of(Snaps.around(Snaps.meta(state.length), state));
  }

  private static String cause(UncheckedIOException e) {
    return String.valueOf(Objects.requireNonNull(e.getCause()).getMessage());
  }

  private File seal(byte[] snap) {
    var file = new ByteArrayOutputStream();
    Container.Written written =
        Container.seal(new ByteArrayInputStream(snap), file, key, ID, bytes -> {});
    return new File(file.toByteArray(), written);
  }

  private Container.Sealed prove(byte[] file, Container.Written written) {
    return Container.prove(new ByteArrayInputStream(file), key, ID, written);
  }

  private ArchiveException refuseToProve(byte[] file, Container.Written written) {
    return assertThrows(ArchiveException.class, () -> prove(file, written));
  }

  private static ArchiveException refuseToOpen(byte[] file, DataKey key, String id) {
    return assertThrows(
        ArchiveException.class,
        () ->
            Container.open(
                new ByteArrayInputStream(file), OutputStream.nullOutputStream(), key, id));
  }
}
