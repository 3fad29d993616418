package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.store.S3Config.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A KMS that nobody answers for.
class RunKeysTest {
  private static final BackupId ID = new BackupId("20261122T020001Z-1f2e3d4c");

  @TempDir Path folder;
  private final RecipientIdentity escrow = RecipientIdentity.generate("escrow");

  @Test
  void a_key_that_is_not_required_is_left_out_and_the_recipients_remain() throws IOException {
    try (DataKey key = DataKey.generate()) {
      RunKeys.Wrapped wrapped = keys(false).wrap(key, "cluster", ID);

      assertEquals(
          List.of(escrow.recipient().id()),
          wrapped.keys().stream().map(WrappedKey::recipient).toList());
      assertEquals(Set.of("kms.away"), wrapped.leftOut().keySet());
    }
  }

  @Test
  void without_a_required_key_there_is_no_backup() throws IOException {
    RunKeys keys = keys(true);
    try (DataKey key = DataKey.generate()) {
      var e = assertThrows(KeyException.class, () -> keys.wrap(key, "cluster", ID));

      assertEquals(KeyException.Reason.KMS, e.reason());
      assertTrue(String.valueOf(e.getMessage()).contains("away"), e.getMessage());
    }
  }

  private RunKeys keys(boolean required) throws IOException {
    Path secret =
        Files.createFile(
            folder.resolve("secret"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, "lab-only");
    var source = new SecretSource.FromFile(secret);
    int closed;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    var kms =
        new KmsConfig(
            "away",
            "alias/away",
            Optional.of("eu-central-1"),
            Optional.of(URI.create("http://127.0.0.1:" + closed)),
            Optional.empty(),
            new Credentials.Files(source, source, Optional.empty()),
            required,
            Optional.empty());
    SigningKey signing = SigningKey.generate("node-1");
    return new RunKeys(
        List.of(escrow.recipient()),
        List.of(kms),
        signing,
        TrustedSigners.of(List.of(signing.signer())));
  }
}
