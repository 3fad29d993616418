package dev.lifeboat.raftlog;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Optional;

/// The last entry that a server of raft has: of two servers that with the higher term has more,
/// with the same term that with the higher index. That is also how raft itself decides who may
/// lead.
public record LastEntry(long term, long index) implements Comparable<LastEntry> {
  /*
   * Both products keep their log in `raft/raft.db`, bucket `logs`: the index, big endian, and the
   * entry as MessagePack, a map with `Index` and `Term`. What is applied lies in `vault.db`, and
   * where it ends in bucket `config`, key `latest_indexes`, a message of Protocol Buffers: field 1
   * the term, field 2 the index. A server that has just taken over a snapshot of the leader has an
   * empty log; one with the write-ahead log (`raft_wal`) has no raft.db at all.
   */
  private static final int VARINT = 0;
  private static final int TERM = 1;
  private static final int INDEX = 2;

  @Override
  public int compareTo(LastEntry other) {
    return Comparator.comparingLong(LastEntry::term)
        .thenComparingLong(LastEntry::index)
        .compare(this, other);
  }

  /// Of a server that does not run.
  ///
  /// @param log `raft/raft.db` below its storage folder; empty when there is none
  /// @param applied `vault.db` there; likewise
  /// @return empty when neither says anything
  public static Optional<LastEntry> of(Optional<Pages> log, Optional<Pages> applied)
      throws InterruptedException {
    Optional<LastEntry> logged = log.isPresent() ? logged(log.get()) : Optional.empty();
    Optional<LastEntry> done = applied.isPresent() ? applied(applied.get()) : Optional.empty();
    return logged.isPresent() && (done.isEmpty() || logged.get().compareTo(done.get()) > 0)
        ? logged
        : done;
  }

  private static Optional<LastEntry> logged(Pages file) throws InterruptedException {
    Optional<Bolt.Item> last = Bolt.open(file).last("logs");
    if (last.isEmpty()) {
      return Optional.empty();
    }
    if (last.get().key().length != Long.BYTES) {
      throw new RaftLogException("the log has a key that is no index");
    }
    long index = ByteBuffer.wrap(last.get().key()).getLong();
    return Optional.of(new LastEntry(termOf(last.get().value()), index));
  }

  private static long termOf(byte[] entry) {
    return MessagePackMap.number(entry, "Term")
        .orElseThrow(() -> new RaftLogException("the last entry of the log names no term"));
  }

  private static Optional<LastEntry> applied(Pages file) throws InterruptedException {
    return Bolt.open(file).get("config", "latest_indexes").map(LastEntry::indexes);
  }

  private static LastEntry indexes(byte[] message) {
    long term = 0;
    long index = 0;
    ByteBuffer in = ByteBuffer.wrap(message);
    while (in.hasRemaining()) {
      long tag = varint(in);
      if ((tag & 7) != VARINT) {
        throw new RaftLogException("latest_indexes is not what it was");
      }
      long value = varint(in);
      if (tag >> 3 == TERM) {
        term = value;
      } else if (tag >> 3 == INDEX) {
        index = value;
      }
    }
    return new LastEntry(term, index);
  }

  static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (!in.hasRemaining()) {
        throw new RaftLogException("latest_indexes is cut");
      }
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new RaftLogException("latest_indexes has a number that does not end");
  }
}
