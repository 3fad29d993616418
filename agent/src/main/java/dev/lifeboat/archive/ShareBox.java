package dev.lifeboat.archive;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.DataKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One encrypted share: the cipher of [Container], with the associated data `lifeboat share 1 ID`,
/// so that a share that is moved under another's name does not open.
public final class ShareBox {
  private ShareBox() {}

  /// @param key of this share alone
  public static byte[] seal(Secret share, DataKey key, String id) {
    byte[] plain = share.revealBytes();
    var box = new ByteArrayOutputStream();
    try (WritableByteChannel encrypting =
        Container.encryptingChannel(new StoredOutput(box), key, associatedData(id))) {
      Container.writeFully(encrypting, ByteBuffer.wrap(plain));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
    return box.toByteArray();
  }

  /// [ArchiveException] when a byte of it is another one.
  public static Secret open(byte[] box, DataKey key, String id) {
    var source = new StoredInput(new ByteArrayInputStream(box));
    try {
      ReadableByteChannel decrypting = Container.decryptingChannel(source, key, associatedData(id));
      ByteBuffer plain = ByteBuffer.allocate(box.length);
      int count = Container.readFully(decrypting, plain, source, id);
      return new Secret(new String(plain.array(), 0, count, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] associatedData(String id) {
    return ("lifeboat share 1 " + id).getBytes(StandardCharsets.UTF_8);
  }
}
