package dev.lifeboat.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.ProtectedIdentity;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.WrappedKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs `docs/recover.py` as a person would who has nothing of us but a backup's objects.
class RecoveryScriptTest {
  private static final Path ROOT = Path.of(System.getProperty("lifeboat.root", ".."));
  private static final String ID = "20261122T020000Z-1f2e3d4c";

  private final SigningKey signing = SigningKey.generate("node-1");
  private final RecipientIdentity identity = RecipientIdentity.generate("escrow, safe 2");

  @TempDir Path folder;
  private Path manifest;
  private Path data;
  private Path key;
  private Path identityFile;
  private Path signers;
  private Path out;
  private boolean namesDataAndKey = true;
  private List<String> more = List.of();

  @BeforeEach
  void a_backup() throws IOException {
    manifest = folder.resolve(ID + ".manifest");
    data = folder.resolve(ID + ".data");
    key = folder.resolve(ID + "." + identity.recipient().id() + ".key");
    identityFile = folder.resolve("identity");
    signers = folder.resolve("trusted-signers");
    out = folder.resolve("plain.snap");
    KeyFiles.writePrivate(identityFile, identity.line());
    SigningKey former = SigningKey.generate("node-0");
    Files.writeString(signers, "# pinned\n" + former.signer() + "\n" + signing.signer() + "\n");
    store(Snaps.openbao());
  }

  @Test
  void the_plain_snapshot_comes_out() throws Exception {
    assertEquals(
        "%s: snapshot of backup %s, %d bytes, as its manifest says\n"
            .formatted(out, ID, Snaps.openbao().length),
        recovered());
    assertArrayEquals(Snaps.openbao(), Files.readAllBytes(out));
  }

  @Test
  void of_a_scheduled_backup_the_manifest_says_which_data_and_key_are_meant() throws Exception {
    manifest = Files.move(manifest, folder.resolve("daily-20261122T020000Z.manifest"));
    namesDataAndKey = false;

    assertTrue(recovered().contains("snapshot of backup " + ID));
    assertArrayEquals(Snaps.openbao(), Files.readAllBytes(out));
  }

  @Test
  void an_identity_behind_a_passphrase_opens_it_and_another_passphrase_does_not() throws Exception {
    Secret passphrase = new Secret("six words of a dictionary here");
    Files.delete(identityFile);
    KeyFiles.writePrivate(identityFile, ProtectedIdentity.protect(identity, passphrase));
    Path file = Files.writeString(folder.resolve("passphrase"), "not this one, sorry\n");
    more = List.of("--passphrase-file", file.toString());

    assertEquals(
        "recover: %s: this passphrase does not open it, or the file is damaged\n"
            .formatted(identityFile),
        refused());

    Files.writeString(file, passphrase.reveal() + "\n");
    assertTrue(recovered().contains("as its manifest says"));
    assertArrayEquals(Snaps.openbao(), Files.readAllBytes(out));
  }

  @Test
  void a_container_of_many_segments_comes_out() throws Exception {
    byte[] state = new byte[300_000];
    new Random(3).nextBytes(state);
    byte[] snap = Snaps.of(Snaps.around(Snaps.meta(state.length), state));
    store(snap);

    assertTrue(recovered().contains("as its manifest says"));
    assertArrayEquals(snap, Files.readAllBytes(out));
  }

  @Test
  void another_identity_does_not_open_it() throws Exception {
    Files.delete(identityFile);
    KeyFiles.writePrivate(identityFile, RecipientIdentity.generate("other").line());

    assertEquals(
        "recover: %s: does not open %s, which is for recipient %s (escrow, safe 2)\n"
            .formatted(identityFile, key, identity.recipient().id()),
        refused());
  }

  @Test
  void a_cut_or_missing_identity_is_told_in_one_line() throws Exception {
    Files.writeString(identityFile, identity.line().reveal().substring(0, 50));
    assertEquals(
        "recover: %s: a 'lifeboat-identity-1' line is incomplete; copy it again\n"
            .formatted(identityFile),
        refused());

    Files.delete(identityFile);
    assertTrue(refused().contains("No such file or directory"));
  }

  @Test
  void a_flipped_byte_is_found() throws Exception {
    flip(data, 5000);

    assertTrue(refused().contains(": the container has"));
  }

  /// The manifest was signed over a container that was damaged before, so only the cipher tells.
  @Test
  void a_container_that_does_not_decrypt_is_found() throws Exception {
    flip(data, 5000);
    writeManifest(Snaps.openbao(), Files.readAllBytes(data));

    assertTrue(refused().contains("segment 0 does not decrypt: changed or cut"));
  }

  @Test
  void a_plain_sum_that_differs_is_found() throws Exception {
    writeManifest(Snaps.vault(), Files.readAllBytes(data));

    assertTrue(refused().contains("the snapshot in it has"));
  }

  @Test
  void an_edited_manifest_is_found() throws Exception {
    Files.writeString(manifest, Files.readString(manifest).replace("node-1", "node-2"));

    assertEquals(
        "recover: %s: changed after %s signed it\n".formatted(manifest, signing.signer().id()),
        refused());
  }

  @Test
  void an_unknown_signer_is_found() throws Exception {
    Files.writeString(signers, SigningKey.generate("node-1").signer() + "\n");

    assertEquals(
        "recover: %s: signed by %s, which is not among the trusted signers\n"
            .formatted(manifest, signing.signer().id()),
        refused());
  }

  @Test
  void a_document_without_signature_or_of_another_type_is_found() throws Exception {
    Files.write(
        manifest, signing.sign("{\"type\":\"other/1\"}\n".getBytes(StandardCharsets.UTF_8)));
    assertTrue(refused().contains("its type is 'other/1', expected 'lifeboat-manifest/1'"));

    Files.writeString(manifest, "{}\n");
    assertTrue(refused().contains("the signature line at its end is missing or damaged"));
  }

  @Test
  void the_key_of_another_backup_is_found() throws Exception {
    try (var dataKey = DataKey.generate()) {
      WrappedKey other = WrappedKey.wrap(identity.recipient(), dataKey, "20200101T000000Z-0");
      Files.write(key, signing.sign(other.toJson()));
    }

    assertTrue(refused().contains("belongs to backup 20200101T000000Z-0, not to " + ID));
  }

  @Test
  void an_existing_file_is_not_overwritten() throws Exception {
    Files.writeString(out, "yesterday's");

    Run run = run();

    assertEquals("recover: " + out + ": exists already\n", run.errors());
    assertEquals("yesterday's", Files.readString(out));
  }

  private void store(byte[] snap) throws IOException {
    try (var dataKey = DataKey.generate();
        OutputStream file = Files.newOutputStream(data)) {
      var _ = Container.seal(new ByteArrayInputStream(snap), file, dataKey, ID, bytes -> {});
      Files.write(key, signing.sign(WrappedKey.wrap(identity.recipient(), dataKey, ID).toJson()));
    }
    writeManifest(snap, Files.readAllBytes(data));
  }

  private void writeManifest(byte[] plain, byte[] stored) throws IOException {
    String json =
        """
        {
          "type" : "lifeboat-manifest/1",
          "id" : "%s",
          "node" : "node-1",
          "plain" : { "bytes" : %d, "sha256" : "%s" },
          "stored" : { "bytes" : %d, "sha256" : "%s" }
        }
        """
            .formatted(ID, plain.length, Snaps.sha256(plain), stored.length, Snaps.sha256(stored));
    Files.write(manifest, signing.sign(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  private record Run(int exit, String output, String errors) {}

  private String recovered() throws Exception {
    Run run = run();
    assertEquals(0, run.exit(), run.errors());
    return run.output();
  }

  private String refused() throws Exception {
    Run run = run();
    assertEquals(1, run.exit(), run.errors());
    assertTrue(run.errors().startsWith("recover: "), run.errors());
    assertFalse(Files.exists(out));
    assertFalse(Files.exists(Path.of(out + ".partial")));
    return run.errors();
  }

  private Run run() throws Exception {
    Path libraries = ROOT.resolve(".tools/recover");
    if (!Files.isDirectory(libraries.resolve("cryptography"))) {
      fail(
          "the libraries of docs/recover.py are missing; run in "
              + ROOT
              + ": pip install --require-hashes --only-binary :all: --target .tools/recover -r"
              + " docs/recover-requirements.txt");
    }
    Path output = folder.resolve("stdout");
    Path errors = folder.resolve("stderr");
    var arguments =
        new ArrayList<>(
            List.of(
                "python3",
                ROOT.resolve("docs/recover.py").toString(),
                "--manifest",
                manifest.toString(),
                "--identity",
                identityFile.toString(),
                "--signers",
                signers.toString(),
                "--out",
                out.toString()));
    if (namesDataAndKey) {
      arguments.addAll(List.of("--data", data.toString(), "--key", key.toString()));
    }
    arguments.addAll(more);
    var command = new ProcessBuilder(arguments);
    command.environment().put("PYTHONPATH", libraries.toString());
    command.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process =
        command.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail("recover.py did not end");
    }
    return new Run(process.exitValue(), Files.readString(output), Files.readString(errors));
  }
}
