package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultConfig;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command that is asked of each backup.
class CheckProgramTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private CheckProgram program(String... words) {
    return new CheckProgram(
        List.of(words), Map.of("PATH", "/usr/bin:/bin", "VAULT_TOKEN", "mine", "TEAM", "a"), said);
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void its_code_is_the_answer_and_what_it_prints_is_handed_on() throws Exception {
    int code = program("sh", "-c", "echo out; echo err >&2; exit 42").run(Map.of());

    assertEquals(42, code);
    assertEquals("out\nerr\n", said());
  }

  @Test
  void it_gets_what_it_is_told_and_nothing_that_was_said_of_another_cluster() throws Exception {
    int code =
        program("sh", "-c", "echo $BAO_ADDR, $VAULT_TOKEN, $TEAM").run(Map.of("BAO_ADDR", "here"));

    assertEquals(0, code);
    assertEquals("here, , a\n", said());
  }

  @Test
  void it_is_told_how_the_copy_is_asked(@TempDir Path folder) {
    VaultConfig plain = Rescue.vault();
    VaultConfig vault =
        new VaultConfig(
            plain.address(),
            plain.peers(),
            0,
            Optional.of("team-a/"),
            new VaultConfig.Tls(
                Optional.of(Path.of("/ca.pem")),
                Optional.empty(),
                Optional.empty(),
                Optional.of("vault.example.org")),
            plain.auth(),
            plain.connectTimeout(),
            plain.requestTimeout());
    try (FakeRaft raft = FakeRaft.of(folder, true, 1)) {
      NodeConfig scratch = raft.node(1).config();
      Manifest manifest = new Rescue(raft).manifest();
      Secret token = new Secret("s.copy");

      Map<String, String> told = CheckProgram.told(vault, scratch, manifest, token);

      assertEquals(manifest.id(), told.get("LIFEBOAT_BACKUP"));
      for (String product : List.of("VAULT", "BAO")) {
        assertEquals(scratch.address().toString(), told.get(product + "_ADDR"));
        assertEquals("s.copy", told.get(product + "_TOKEN"));
        assertEquals("/ca.pem", told.get(product + "_CACERT"));
        assertEquals("vault.example.org", told.get(product + "_TLS_SERVER_NAME"));
        assertEquals("team-a/", told.get(product + "_NAMESPACE"));
      }
      assertFalse(
          CheckProgram.told(plain, scratch, manifest, token).containsKey("BAO_TLS_SERVER_NAME"));
    }
  }

  @Test
  void it_reads_nothing() throws Exception {
    assertEquals(1, program("sh", "-c", "read line").run(Map.of()));
  }

  @Test
  void one_that_is_not_there_is_no_bad_backup() {
    RestoreException e =
        assertThrows(RestoreException.class, () -> program("/no/such/check").run(Map.of()));

    assertTrue(String.valueOf(e.getMessage()).contains("the check '/no/such/check' cannot be run"));
  }

  @Test
  void interrupted_it_is_killed() throws Exception {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () ->
                    assertThrows(
                        InterruptedException.class,
                        () -> program("sh", "-c", "echo begun; sleep 77").run(Map.of())));
    while (!said().contains("begun")) {
      Thread.sleep(10);
    }
    thread.interrupt();
    thread.join(5000);

    assertFalse(thread.isAlive());
  }

  @Test
  void other_words_are_another_check() {
    assertNotEquals(program("a", "b").sha256(), program("ab").sha256());
    assertEquals("a b", program("a", "b").text());
  }
}
