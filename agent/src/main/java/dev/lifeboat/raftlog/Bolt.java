package dev.lifeboat.raftlog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Reads single entries of a bbolt file without reading the file: a page for each level of its
/// tree.
///
/// Nobody may write to it meanwhile. The format is that of go.etcd.io/bbolt, version 2.
final class Bolt {
  /*
   *   page    = id u64, flags u16, count u16, overflow u32, elements…       little endian
   *   meta    = page, magic u32, version u32, page size u32, flags u32,
   *             root page u64, sequence u64, free list u64, high page u64, txid u64, checksum u64
   *   branch  = position u32, key size u32, page u64
   *   leaf    = flags u32, position u32, key size u32, value size u32
   *
   * Positions count from the element itself. Two meta pages are written in turn; the whole one with
   * the higher txid counts. The value of a bucket is its root page and a sequence; with root 0 the
   * page itself follows.
   */
  private static final int MAGIC = 0xED0CDAED;
  private static final int VERSION = 2;
  private static final int HEADER = 16;
  private static final int ELEMENT = 16;
  private static final int BUCKET = 16;
  private static final int CHECKED = 56;
  private static final int BRANCH_PAGE = 0x01;
  private static final int LEAF_PAGE = 0x02;
  private static final int BUCKET_LEAF = 0x01;
  private static final int DEPTH_MAX = 32;
  private static final int PAGE_MAX = 1 << 16;
  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final Pages file;
  private final int pageBytes;
  private final long root;

  private Bolt(Pages file, int pageBytes, long root) {
    this.file = file;
    this.pageBytes = pageBytes;
    this.root = root;
  }

  record Item(byte[] key, byte[] value) {}

  private record Meta(int pageBytes, long root, long txid) {}

  static Bolt open(Pages file) throws InterruptedException {
    Optional<Meta> first = meta(file.read(0, 1));
    Optional<Meta> second = second(file, first);
    Meta newest =
        first
            .filter(one -> second.isEmpty() || one.txid() > second.get().txid())
            .or(() -> second)
            .orElseThrow(
                () -> new RaftLogException("it is no bbolt file, or both heads are broken"));
    return new Bolt(file, newest.pageBytes(), newest.root());
  }

  /// It is behind a page whose size the first one says; when that is broken, any may be right.
  private static Optional<Meta> second(Pages file, Optional<Meta> first)
      throws InterruptedException {
    int from = first.map(Meta::pageBytes).orElse(Pages.BYTES);
    int to = first.map(Meta::pageBytes).orElse(PAGE_MAX);
    for (int bytes = from; bytes <= to; bytes *= 2) {
      Optional<Meta> second = meta(file.read(bytes / Pages.BYTES, 1));
      if (second.isPresent() && second.get().pageBytes() == bytes) {
        return second;
      }
    }
    return Optional.empty();
  }

  private static Optional<Meta> meta(byte[] page) {
    if (page.length < HEADER + CHECKED + Long.BYTES) {
      return Optional.empty();
    }
    ByteBuffer meta = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).position(HEADER);
    if (meta.getInt() != MAGIC || meta.getInt() != VERSION) {
      return Optional.empty();
    }
    int bytes = meta.getInt();
    int ignored = meta.getInt();
    long root = meta.getLong();
    long sum = meta.getLong(HEADER + CHECKED);
    boolean whole = sum == fnv(Arrays.copyOfRange(page, HEADER, HEADER + CHECKED));
    boolean sane = bytes >= Pages.BYTES && bytes <= PAGE_MAX && bytes % Pages.BYTES == 0;
    return whole && sane
        ? Optional.of(new Meta(bytes, root, meta.getLong(HEADER + CHECKED - Long.BYTES)))
        : Optional.empty();
  }

  private static long fnv(byte[] bytes) {
    long hash = FNV_BASIS;
    for (byte each : bytes) {
      hash = (hash ^ (each & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  /// A bucket of the root; empty when there is none.
  Optional<Item> last(String bucket) throws InterruptedException {
    Optional<ByteBuffer> top = bucket(bucket);
    return top.isEmpty() ? Optional.empty() : last(top.get(), 0);
  }

  Optional<byte[]> get(String bucket, String key) throws InterruptedException {
    Optional<ByteBuffer> top = bucket(bucket);
    if (top.isEmpty()) {
      return Optional.empty();
    }
    return find(top.get(), bytes(key), 0).filter(item -> !item.nested()).map(Found::value);
  }

  private Optional<ByteBuffer> bucket(String name) throws InterruptedException {
    Optional<Found> found = find(page(root), bytes(name), 0).filter(Found::nested);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    byte[] value = found.get().value();
    if (value.length < BUCKET) {
      throw new RaftLogException("a bucket is cut");
    }
    long at = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Optional.of(
        at == 0
            ? ByteBuffer.wrap(Arrays.copyOfRange(value, BUCKET, value.length))
                .order(ByteOrder.LITTLE_ENDIAN)
            : page(at));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// With the pages that it overflows into.
  private ByteBuffer page(long id) throws InterruptedException {
    int parts = pageBytes / Pages.BYTES;
    byte[] first = file.read(id * parts, parts);
    ByteBuffer page = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
    if (first.length < HEADER || page.getLong(0) != id) {
      throw new RaftLogException("page %d is not where it should be".formatted(id));
    }
    int overflow = page.getInt(12);
    if (overflow == 0) {
      return page;
    }
    if (overflow < 0 || overflow > PAGE_MAX) {
      throw new RaftLogException("page %d is said to be %d pages long".formatted(id, overflow));
    }
    return ByteBuffer.wrap(file.read(id * parts, parts * (overflow + 1)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private record Found(byte[] value, boolean nested) {}

  private Optional<Item> last(ByteBuffer page, int depth) throws InterruptedException {
    try {
      int count = count(page);
      if (count == 0) {
        return Optional.empty();
      }
      if (isBranch(page, depth)) {
        return last(page(child(page, count - 1)), depth + 1);
      }
      return Optional.of(new Item(key(page, count - 1, false), value(page, count - 1)));
    } catch (IndexOutOfBoundsException e) {
      throw new RaftLogException("a page is cut", e);
    }
  }

  private Optional<Found> find(ByteBuffer page, byte[] key, int depth) throws InterruptedException {
    try {
      int count = count(page);
      if (isBranch(page, depth)) {
        int child = 0;
        while (child + 1 < count && compare(key(page, child + 1, true), key) <= 0) {
          child++;
        }
        return count == 0 ? Optional.empty() : find(page(child(page, child)), key, depth + 1);
      }
      for (int i = 0; i < count; i++) {
        if (Arrays.equals(key(page, i, false), key)) {
          boolean nested = (page.getInt(element(i)) & BUCKET_LEAF) != 0;
          return Optional.of(new Found(value(page, i), nested));
        }
      }
      return Optional.empty();
    } catch (IndexOutOfBoundsException e) {
      throw new RaftLogException("a page is cut", e);
    }
  }

  private static int compare(byte[] left, byte[] right) {
    return Arrays.compareUnsigned(left, right);
  }

  private static int count(ByteBuffer page) {
    return page.getShort(10) & 0xffff;
  }

  private static boolean isBranch(ByteBuffer page, int depth) {
    int flags = page.getShort(8);
    if ((flags & (BRANCH_PAGE | LEAF_PAGE)) == 0 || depth > DEPTH_MAX) {
      throw new RaftLogException("a page is neither branch nor leaf");
    }
    return (flags & BRANCH_PAGE) != 0;
  }

  private static int element(int index) {
    return HEADER + index * ELEMENT;
  }

  private static long child(ByteBuffer page, int index) {
    return page.getLong(element(index) + 8);
  }

  private static byte[] key(ByteBuffer page, int index, boolean branch) {
    int at = element(index);
    int position = at + page.getInt(branch ? at : at + 4);
    return slice(page, position, page.getInt(branch ? at + 4 : at + 8));
  }

  private static byte[] value(ByteBuffer page, int index) {
    int at = element(index);
    int position = at + page.getInt(at + 4) + page.getInt(at + 8);
    return slice(page, position, page.getInt(at + 12));
  }

  private static byte[] slice(ByteBuffer page, int position, int length) {
    if (length < 0) {
      throw new IndexOutOfBoundsException(length);
    }
    byte[] bytes = new byte[Math.min(length, page.capacity())];
    page.get(position, bytes);
    return bytes;
  }
}
