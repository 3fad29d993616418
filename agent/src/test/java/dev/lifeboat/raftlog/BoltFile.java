package dev.lifeboat.raftlog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A fake of what bbolt writes: as much of its format as a reader of it can meet, put together page
/// by page so that each can be made wrong. What the servers themselves write is read in `lab`.
public final class BoltFile {
  private static final int HEADER = 16;
  private static final int ELEMENT = 16;
  private static final int BRANCH = 1;
  private static final int LEAF = 2;
  private static final int META = 4;

  private final int pageBytes;
  private final ByteArrayOutputStream pages = new ByteArrayOutputStream();

  BoltFile(int pageBytes) {
    this.pageBytes = pageBytes;
    // Two for the heads, one for the list of free pages.
    pages.writeBytes(new byte[3 * pageBytes]);
  }

  /// @param bucket whether the value is the root of one
  record Item(byte[] key, byte[] value, boolean bucket) {}

  record Child(byte[] key, long page) {}

  static Item item(byte[] key, byte[] value) {
    return new Item(key, value, false);
  }

  static Item paged(String name, long root) {
    byte[] value = new byte[16];
    ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(root);
    return new Item(name.getBytes(StandardCharsets.UTF_8), value, true);
  }

  static Item inline(String name, List<Item> items) {
    byte[] page = leafPage(0, items);
    byte[] value = ByteBuffer.allocate(16 + page.length).put(new byte[16]).put(page).array();
    return new Item(name.getBytes(StandardCharsets.UTF_8), value, true);
  }

  /// @return its page
  long leaf(List<Item> items) {
    return add(leafPage(next(), items));
  }

  long branch(List<Child> children) {
    List<byte[]> keys = children.stream().map(Child::key).toList();
    byte[] whole = page(next(), BRANCH, children.size(), bytes(keys));
    ByteBuffer page = fields(whole);
    int at = HEADER + children.size() * ELEMENT;
    for (int i = 0; i < children.size(); i++) {
      int element = HEADER + i * ELEMENT;
      page.putInt(element, at - element).putInt(element + 4, keys.get(i).length);
      page.putLong(element + 8, children.get(i).page()).put(at, keys.get(i));
      at += keys.get(i).length;
    }
    return add(whole);
  }

  private static byte[] leafPage(long id, List<Item> items) {
    List<byte[]> parts = new ArrayList<>();
    items.forEach(item -> parts.addAll(List.of(item.key(), item.value())));
    byte[] whole = page(id, LEAF, items.size(), bytes(parts));
    ByteBuffer page = fields(whole);
    int at = HEADER + items.size() * ELEMENT;
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      int element = HEADER + i * ELEMENT;
      page.putInt(element, item.bucket() ? 1 : 0).putInt(element + 4, at - element);
      page.putInt(element + 8, item.key().length).putInt(element + 12, item.value().length);
      page.put(at, item.key()).put(at + item.key().length, item.value());
      at += item.key().length + item.value().length;
    }
    return whole;
  }

  private static int bytes(List<byte[]> parts) {
    return parts.stream().mapToInt(part -> part.length).sum();
  }

  private static byte[] page(long id, int kind, int count, int content) {
    byte[] page = new byte[HEADER + count * ELEMENT + content];
    fields(page).putLong(0, id).putShort(8, (short) kind).putShort(10, (short) count);
    return page;
  }

  private static ByteBuffer fields(byte[] page) {
    return ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
  }

  private long next() {
    return pages.size() / pageBytes;
  }

  /// With as many pages behind it as it needs.
  private long add(byte[] page) {
    long id = next();
    int overflow = (page.length - 1) / pageBytes;
    fields(page).putInt(12, overflow);
    pages.writeBytes(Arrays.copyOf(page, (overflow + 1) * pageBytes));
    return id;
  }

  /// With two heads, the second the newer one.
  byte[] finish(long root) {
    return finish(root, 7, root, 8);
  }

  byte[] finish(long first, long firstTxid, long second, long secondTxid) {
    byte[] file = pages.toByteArray();
    head(file, 0, first, firstTxid);
    head(file, pageBytes, second, secondTxid);
    return file;
  }

  private void head(byte[] file, int at, long root, long txid) {
    ByteBuffer meta = ByteBuffer.wrap(file, at, pageBytes).slice().order(ByteOrder.LITTLE_ENDIAN);
    meta.putLong(0, at / pageBytes).putShort(8, (short) META);
    meta.putInt(16, 0xED0CDAED).putInt(20, 2).putInt(24, pageBytes).putInt(28, 0);
    meta.putLong(32, root).putLong(40, 0).putLong(48, 2).putLong(56, next()).putLong(64, txid);
    long hash = 0xcbf29ce484222325L;
    for (int i = 16; i < 72; i++) {
      hash = (hash ^ (meta.get(i) & 0xff)) * 0x100000001b3L;
    }
    meta.putLong(72, hash);
  }

  /// A `raft.db` whose last entry this is, with one hundred before it, on several pages.
  public static byte[] log(int pageBytes, long term, long index) {
    BoltFile file = new BoltFile(pageBytes);
    List<Child> children = new ArrayList<>();
    for (long from = Math.max(1, index - 100); from <= index; from += 10) {
      List<Item> items = new ArrayList<>();
      for (long each = from; each < from + 10 && each <= index; each++) {
        items.add(item(key(each), entry(each, term)));
      }
      children.add(new Child(key(from), file.leaf(items)));
    }
    long root = file.branch(children);
    return file.finish(
        file.leaf(
            List.of(
                inline(
                    "conf",
                    List.of(item("CurrentTerm".getBytes(StandardCharsets.UTF_8), key(term)))),
                paged("logs", root))));
  }

  /// A `vault.db` in which all is applied up to this.
  public static byte[] applied(long term, long index) {
    BoltFile file = new BoltFile(4096);
    byte[] name = "latest_indexes".getBytes(StandardCharsets.UTF_8);
    return file.finish(
        file.leaf(
            List.of(
                inline("config", List.of(item(name, indexes(term, index)))),
                inline("data", List.of()))));
  }

  static byte[] indexes(long term, long index) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(1 << 3);
    varint(out, term);
    out.write(2 << 3);
    varint(out, index);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    for (long left = value; ; left >>>= 7) {
      if (left < 0x80) {
        out.write((int) left);
        return;
      }
      out.write((int) (left & 0x7f) | 0x80);
    }
  }

  static byte[] key(long index) {
    return ByteBuffer.allocate(Long.BYTES).putLong(index).array();
  }

  /// As raft writes an entry: a map, in any order.
  static byte[] entry(long index, long term) {
    ByteBuffer map = ByteBuffer.allocate(80);
    map.put((byte) 0x84);
    map.put(text("Data")).put((byte) 0xc4).put((byte) 20).put(new byte[20]);
    map.put(text("Index")).put((byte) 0xcf).putLong(index);
    map.put(text("Term")).put((byte) 0xcf).putLong(term);
    map.put(text("Type")).put((byte) 0);
    return Arrays.copyOf(map.array(), map.position());
  }

  private static byte[] text(String text) {
    byte[] bytes = new byte[text.length() + 1];
    bytes[0] = (byte) (0xa0 | text.length());
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, 1, text.length());
    return bytes;
  }
}
