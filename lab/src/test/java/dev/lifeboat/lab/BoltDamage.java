package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Changes a byte of values in a file of bbolt, as a disk that lies does: all of its pages are
/// whole.
final class BoltDamage {
  private static final int PAGE = 4096;
  private static final int HEAD = 16;
  private static final int LEAF = 2;
  private static final int FLIP = 0x55;

  private BoltDamage() {}

  /// @return how many were changed
  static int flip(Path file, String keyBegins, String keyContains) {
    try {
      var bytes = Files.readAllBytes(file);
      var all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int changed = 0;
      for (int page = 0; page < all.limit(); page += PAGE) {
        if (all.getShort(page + 8) == LEAF) {
          changed += page(all, page, keyBegins, keyContains);
        }
      }
      Files.write(file, bytes);
      return changed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int page(ByteBuffer all, int page, String keyBegins, String keyContains) {
    int changed = 0;
    for (int element = 0; element < all.getShort(page + 10); element++) {
      int at = page + HEAD + element * HEAD;
      int start = at + all.getInt(at + 4);
      int keyLength = all.getInt(at + 8);
      int valueLength = all.getInt(at + 12);
      if (keyLength > 0 && valueLength > 0 && start + keyLength + valueLength <= all.limit()) {
        var name = new byte[keyLength];
        all.get(start, name);
        var key = new String(name, StandardCharsets.ISO_8859_1);
        if (key.startsWith(keyBegins) && key.contains(keyContains)) {
          int middle = start + keyLength + valueLength / 2;
          all.put(middle, (byte) (all.get(middle) ^ FLIP));
          changed++;
        }
      }
    }
    return changed;
  }
}
