package dev.lifeboat.raftlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.raftlog.BoltFile.Child;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LastEntryTest {
  private static final int PAGE = Pages.BYTES;
  private static final byte[] LOG = BoltFile.log(PAGE, 5, 4711);
  private static final byte[] EMPTY = log(new BoltFile(PAGE), List.of());

  private static Pages pages(byte[] file) {
    return (first, count) -> {
      int from = (int) Math.min(first * PAGE, file.length);
      return Arrays.copyOfRange(file, from, Math.min(file.length, from + count * PAGE));
    };
  }

  private static Optional<LastEntry> of(byte[] log) throws InterruptedException {
    return LastEntry.of(Optional.of(pages(log)), Optional.empty());
  }

  private static String refusal(byte[] log) {
    return String.valueOf(assertThrows(RaftLogException.class, () -> of(log)).getMessage());
  }

  /// A `raft.db` whose bucket `logs` is one page.
  private static byte[] log(BoltFile file, List<BoltFile.Item> entries) {
    return file.finish(file.leaf(List.of(BoltFile.paged("logs", file.leaf(entries)))));
  }

  private static byte[] applied(byte[] indexes) {
    BoltFile file = new BoltFile(PAGE);
    byte[] name = "latest_indexes".getBytes(StandardCharsets.UTF_8);
    return file.finish(
        file.leaf(List.of(BoltFile.inline("config", List.of(BoltFile.item(name, indexes))))));
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 16384, 65536})
  void the_last_entry_of_a_log_of_several_pages_is_found(int pageBytes) throws Exception {
    byte[] log = BoltFile.log(pageBytes, 5, 4711);

    assertEquals(Optional.of(new LastEntry(5, 4711)), of(log));
  }

  @Test
  void an_entry_that_overflows_its_page_is_read_whole() throws Exception {
    byte[] big = Arrays.copyOf(BoltFile.entry(9, 3), 5 * PAGE);

    byte[] log = log(new BoltFile(PAGE), List.of(BoltFile.item(BoltFile.key(9), big)));

    assertEquals(Optional.of(new LastEntry(3, 9)), of(log));
  }

  @Test
  void an_empty_log_is_none_and_what_is_applied_counts() throws Exception {
    assertEquals(Optional.empty(), of(EMPTY));
    assertEquals(
        Optional.of(new LastEntry(4, 1234567)),
        LastEntry.of(Optional.of(pages(EMPTY)), Optional.of(pages(BoltFile.applied(4, 1234567)))));
  }

  @Test
  void without_a_log_what_is_applied_counts_and_without_either_nothing() throws Exception {
    assertEquals(
        Optional.of(new LastEntry(4, 300)),
        LastEntry.of(Optional.empty(), Optional.of(pages(BoltFile.applied(4, 300)))));
    assertEquals(Optional.empty(), LastEntry.of(Optional.empty(), Optional.empty()));
    assertEquals(Optional.empty(), LastEntry.of(Optional.empty(), Optional.of(pages(EMPTY))));
  }

  @ParameterizedTest
  @CsvSource({"5, 4700, 5, 4711", "4, 9000, 5, 4711", "5, 4712, 5, 4712", "6, 1, 6, 1"})
  void whichever_of_the_two_goes_further_counts(
      long term, long index, long expectedTerm, long expectedIndex) throws Exception {
    assertEquals(
        Optional.of(new LastEntry(expectedTerm, expectedIndex)),
        LastEntry.of(Optional.of(pages(LOG)), Optional.of(pages(BoltFile.applied(term, index)))));
  }

  @Test
  void the_term_decides_before_the_index() {
    assertTrue(new LastEntry(4, 10).compareTo(new LastEntry(3, 999)) > 0);
    assertTrue(new LastEntry(4, 10).compareTo(new LastEntry(4, 11)) < 0);
  }

  @Test
  void the_newer_head_counts_wherever_it_is() throws Exception {
    BoltFile file = new BoltFile(PAGE);
    long older =
        file.leaf(
            List.of(
                BoltFile.paged(
                    "logs",
                    file.leaf(List.of(BoltFile.item(BoltFile.key(1), BoltFile.entry(1, 1)))))));
    long newer =
        file.leaf(
            List.of(
                BoltFile.paged(
                    "logs",
                    file.leaf(List.of(BoltFile.item(BoltFile.key(2), BoltFile.entry(2, 1)))))));

    assertEquals(Optional.of(new LastEntry(1, 2)), of(file.finish(newer, 12, older, 11)));
    assertEquals(Optional.of(new LastEntry(1, 2)), of(file.finish(older, 12, newer, 13)));
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 16384, 65536})
  void either_head_suffices_when_the_other_is_broken(int pageBytes) throws Exception {
    for (int head : new int[] {0, pageBytes}) {
      byte[] log = BoltFile.log(pageBytes, 5, 4711);
      log[head + 40] ^= 1;

      assertEquals(Optional.of(new LastEntry(5, 4711)), of(log), "head at " + head);
    }
  }

  @Test
  void a_file_without_a_whole_head_is_refused() {
    byte[] both = LOG.clone();
    both[40] ^= 1;
    both[PAGE + 40] ^= 1;
    byte[] other = LOG.clone();
    // A version of tomorrow, and another magic.
    other[20] = 3;
    other[PAGE + 16] = 1;

    assertEquals("it is no bbolt file, or both heads are broken", refusal(both));
    assertEquals("it is no bbolt file, or both heads are broken", refusal(other));
    assertEquals("it is no bbolt file, or both heads are broken", refusal(new byte[0]));
  }

  @Test
  void a_page_that_is_not_where_it_should_be_is_refused() {
    byte[] log = log(new BoltFile(PAGE), List.of(BoltFile.item(BoltFile.key(1), new byte[1])));
    log[3 * PAGE] = 99;

    assertEquals("page 3 is not where it should be", refusal(log));
    assertEquals("page 4 is not where it should be", refusal(Arrays.copyOf(log, 4 * PAGE + 5)));
  }

  @Test
  void a_file_that_is_cut_is_refused() {
    byte[] big = Arrays.copyOf(BoltFile.entry(9, 3), 5 * PAGE);
    BoltFile file = new BoltFile(PAGE);
    long top = file.leaf(List.of(BoltFile.paged("logs", 4)));
    long entries = file.leaf(List.of(BoltFile.item(BoltFile.key(9), big)));
    assertEquals(List.of(3L, 4L), List.of(top, entries));

    assertEquals("a page is cut", refusal(Arrays.copyOf(file.finish(top), 5 * PAGE)));
  }

  @Test
  void a_page_that_says_it_is_endless_is_refused() {
    byte[] log = log(new BoltFile(PAGE), List.of());
    ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN).putInt(3 * PAGE + 12, 1 << 20);

    assertEquals("page 3 is said to be 1048576 pages long", refusal(log));
  }

  @Test
  void a_page_of_no_kind_and_a_tree_that_bites_its_tail_are_refused() {
    byte[] log = last(BoltFile.entry(1, 1));
    log[3 * PAGE + 8] = 16;
    assertEquals("a page is neither branch nor leaf", refusal(log));

    BoltFile file = new BoltFile(PAGE);
    long self = file.branch(List.of(new Child(new byte[0], 3)));
    byte[] endless = file.finish(file.leaf(List.of(BoltFile.paged("logs", self))));
    assertEquals("a page is neither branch nor leaf", refusal(endless));
  }

  @Test
  void a_key_that_reaches_beyond_its_page_is_refused() {
    byte[] log =
        log(new BoltFile(PAGE), List.of(BoltFile.item(BoltFile.key(1), BoltFile.entry(1, 1))));
    ByteBuffer page = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
    page.putInt(3 * PAGE + 16 + 8, -1);
    assertEquals("a page is cut", refusal(log));

    page.putInt(3 * PAGE + 16 + 8, 8).putInt(3 * PAGE + 16 + 4, 1 << 30);
    assertEquals("a page is cut", refusal(log));
  }

  @Test
  void an_entry_that_is_no_entry_is_refused() {
    byte[] noTerm = {(byte) 0x81, (byte) 0xa5, 'I', 'n', 'd', 'e', 'x', 1};
    byte[] cut = Arrays.copyOf(BoltFile.entry(1, 1), 10);

    assertEquals("the last entry of the log names no term", refusal(last(noTerm)));
    assertEquals("the last entry of the log cannot be read", refusal(last(cut)));
    assertEquals("the last entry of the log cannot be read", refusal(last(new byte[] {1})));
    assertEquals(
        "the log has a key that is no index",
        refusal(
            log(
                new BoltFile(PAGE),
                List.of(BoltFile.item(new byte[] {1, 2}, BoltFile.entry(1, 1))))));
  }

  private static byte[] last(byte[] entry) {
    return log(new BoltFile(PAGE), List.of(BoltFile.item(BoltFile.key(1), entry)));
  }

  @Test
  void a_bucket_is_found_behind_a_branch_and_a_value_is_none() throws Exception {
    BoltFile file = new BoltFile(PAGE);
    long logs = file.leaf(List.of(BoltFile.item(BoltFile.key(8), BoltFile.entry(8, 2))));
    byte[] a = "a".getBytes(StandardCharsets.UTF_8);
    byte[] l = "logs".getBytes(StandardCharsets.UTF_8);
    long left = file.leaf(List.of(BoltFile.item(a, new byte[3])));
    long right = file.leaf(List.of(BoltFile.paged("logs", logs)));
    long root = file.branch(List.of(new Child(a, left), new Child(l, right)));
    assertEquals(Optional.of(new LastEntry(2, 8)), of(file.finish(root)));

    BoltFile value = new BoltFile(PAGE);
    assertEquals(
        Optional.empty(), of(value.finish(value.leaf(List.of(BoltFile.item(l, new byte[16]))))));

    BoltFile cut = new BoltFile(PAGE);
    byte[] file2 = cut.finish(cut.leaf(List.of(new BoltFile.Item(l, new byte[8], true))));
    assertEquals("a bucket is cut", refusal(file2));
  }

  @Test
  void what_is_applied_is_read_as_it_is_written_and_nothing_else() {
    byte[] endless = new byte[12];
    Arrays.fill(endless, (byte) 0x80);
    endless[0] = 8;

    assertEquals("latest_indexes is cut", refusalOfApplied(new byte[] {8, (byte) 0x80}));
    assertEquals("latest_indexes is not what it was", refusalOfApplied(new byte[] {8 | 2, 1, 1}));
    assertEquals("latest_indexes has a number that does not end", refusalOfApplied(endless));
  }

  private static String refusalOfApplied(byte[] indexes) {
    return String.valueOf(
        assertThrows(
                RaftLogException.class,
                () -> LastEntry.of(Optional.empty(), Optional.of(pages(applied(indexes)))))
            .getMessage());
  }

  @Test
  void a_field_of_tomorrow_beside_the_indexes_is_passed_over() throws Exception {
    byte[] more = {8, 3, 16, 9, 24, 1};

    assertEquals(
        Optional.of(new LastEntry(3, 9)),
        LastEntry.of(Optional.empty(), Optional.of(pages(applied(more)))));
  }
}
