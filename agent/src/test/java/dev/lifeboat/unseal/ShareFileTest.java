package dev.lifeboat.unseal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.RecipientIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShareFileTest {
  @TempDir Path folder;

  private Path file(String name, String mode, String text) throws Exception {
    Path file = Files.writeString(folder.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private static String refused(Path file) {
    UnsealException refused =
        assertThrows(
            UnsealException.class, () -> new ShareFile(file).read(false, ShareFile.Key.NONE));
    return String.valueOf(refused.getMessage());
  }

  @Test
  void a_private_file_is_read() throws Exception {
    Path file = file("shares", "rw-------", ShareTextTest.share(1) + "\n");

    Share share = new ShareFile(file).read(false, ShareFile.Key.NONE).getFirst();

    assertEquals(file + " line 1", share.from());
  }

  @Test
  void one_that_others_can_read_is_refused_and_its_share_is_spent() throws Exception {
    Path file = file("shares", "rw-r-----", ShareTextTest.share(1) + "\n");

    String message = refused(file);

    assertTrue(message.contains("(mode rw-r-----)\nhint: chmod 600 " + file), message);
    assertTrue(message.contains("rekey"), message);
  }

  @Test
  void one_that_is_not_there_is_asked_for() {
    assertEquals(
        folder.resolve("usb") + ": no such file\nhint: is the medium mounted?",
        refused(folder.resolve("usb")));
  }

  @Test
  void one_that_is_much_too_large_is_not_read() throws Exception {
    Path file = file("image", "rw-------", "x".repeat(70_000));

    assertTrue(refused(file).contains("70000 bytes, too many for shares"));
  }

  @Test
  void what_gpg_does_not_open_says_so_in_its_words() throws Exception {
    Path file = file("share.gpg", "rw-r--r--", "no message of gpg");

    String message = refused(file);

    assertTrue(message.contains("gpg"), message);
    assertTrue(message.contains("share.gpg"), message);
  }

  @Test
  void one_that_rekey_has_encrypted_opens_with_the_key_of_its_recipient() throws Exception {
    RecipientIdentity ann = RecipientIdentity.generate("ann");
    Secret text = new Secret(ShareTextTest.share(1));
    String sealed =
        SealedShare.seal(text, Share.Kind.RECOVERY, "run.1", "c1", List.of(ann.recipient()))
            .toJson();
    Path file = file("run.1.share", "rw-r--r--", sealed);

    Share share = new ShareFile(file).read(false, () -> Optional.of(ann)).getFirst();

    assertEquals(Share.Kind.RECOVERY, share.kind());
    assertTrue(share.sameAs(Share.parse(text.reveal(), "", Share.Kind.UNNAMED).orElseThrow()));
    assertTrue(refused(file).contains("hint: --identity FILE names the private key"));
    for (String damage : List.of("run.2", "lifeboat-share/2", "other", "{")) {
      String bytes =
          damage.equals("run.2")
              ? sealed.replace("run.1", damage)
              : damage.startsWith("life") ? sealed.replace("lifeboat-share/1", damage) : damage;
      Path bad = file("bad.share", "rw-------", bytes);
      assertThrows(
          RuntimeException.class, () -> new ShareFile(bad).read(false, () -> Optional.of(ann)));
    }
    String box = sealed.substring(0, sealed.lastIndexOf("\"box\":\"") + 7) + "AAAA\"}";
    Path cut = file("cut.share", "rw-------", box);
    var damaged =
        assertThrows(
            UnsealException.class, () -> new ShareFile(cut).read(false, () -> Optional.of(ann)));
    assertTrue(String.valueOf(damaged.getMessage()).contains("cut.share"));
  }
}
