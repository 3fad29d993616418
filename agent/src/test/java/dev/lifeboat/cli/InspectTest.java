package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// Plain snapshots, made by the products themselves.
class InspectTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"openbao-2.7.2.snap", "vault-1.21.0.snap"})
  void a_snapshot_of_either_product_is_read_without_any_configuration(String name)
      throws Exception {
    Typed typed = Typed.run("inspect", snapshot(name).toString());

    assertEquals(Exit.OK, typed.exit(), typed.err());
    assertTrue(typed.out().contains("all sums match"), typed.out());
    assertTrue(typed.out().contains("sha256 "), typed.out());
  }

  @Test
  void as_json_it_has_the_figures() throws Exception {
    Typed typed = Typed.run("inspect", "--json", snapshot("openbao-2.7.2.snap").toString());

    var json = JsonMapper.shared().readTree(typed.out());
    assertTrue(json.path("raft_index").asLong() > 0);
    assertEquals(64, json.path("plain_sha256").asString().length());
  }

  @Test
  void one_that_was_cut_is_told_and_nothing_is_claimed_of_it() throws Exception {
    byte[] whole = Files.readAllBytes(snapshot("openbao-2.7.2.snap"));
    Path cut = Files.write(folder.resolve("cut.snap"), Arrays.copyOf(whole, whole.length / 2));

    Typed typed = Typed.run("inspect", cut.toString());

    assertEquals(Exit.VERIFICATION_FAILED, typed.exit());
    assertEquals("", typed.out());
    assertTrue(typed.err().startsWith("lifeboat: "), typed.err());
    assertFalse(typed.err().contains("Exception"), typed.err());
  }

  @Test
  void a_file_that_is_not_there_is_not_found() {
    assertEquals(Exit.NOT_FOUND, Typed.run("inspect", folder + "/none.snap").exit());
  }

  @Test
  void an_output_file_appears_whole_or_not_at_all() throws IOException {
    Path target = folder.resolve("out.snap");
    try (OutputFile file = OutputFile.create(target, false)) {
      file.stream().write(1);
    }
    try (var left = Files.list(folder)) {
      assertEquals(0, left.count());
    }

    try (OutputFile file = OutputFile.create(target, false)) {
      file.stream().write(1);
      assertTrue(Files.notExists(target));
      file.keep();
    }
    assertEquals(1, Files.size(target));
  }

  private static Path snapshot(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(InspectTest.class.getResource("/dev/lifeboat/archive/" + name))
            .toURI());
  }
}
