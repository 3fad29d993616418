package dev.lifeboat.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
  @TempDir Path folder;

  @Test
  void what_the_file_does_not_say_the_reference_says() throws IOException {
    SampleConfig config = read("backup.token.env = TOKEN");

    assertEquals("node", config.name());
    assertEquals(Optional.empty(), config.region());
    assertEquals(URI.create("https://127.0.0.1:8200"), config.address());
    assertEquals(7, config.backup().keepDaily());
    assertEquals(Duration.ofSeconds(5), config.backup().timeout());
    assertEquals(new ByteSize(65536), config.backup().chunk());
    assertEquals(SampleConfig.Retention.LATEST_ONLY, config.backup().retention());
    assertEquals(Path.of("/var/lib/spool"), config.backup().spool());
    assertEquals(Map.of(), config.stores());
  }

  @Test
  void every_key_of_the_file_is_applied() throws IOException {
    SampleConfig config =
        read(
            """
            name = "vault-1", region = eu, quiet = yes
            vault { address = "HTTPS://Vault-1.Example.org:8200/", peers = ["http://10.0.0.2"] }
            backup {
              keep-daily = 30, timeout = 1.5 m, chunk = 1 MiB, retention = every-day
              token { file = "/run/token" }, spare-token { env = TOKEN }
              spool = "/srv/../srv/spool", tags = [a, b]
            }
            users { "b.c" = hash2, alice = hash1 }
            stores { two.path = "/2" }
            stores { one { path = "/1" } }
            """);

    assertEquals("vault-1", config.name());
    assertEquals(Optional.of("eu"), config.region());
    assertTrue(config.quiet());
    assertEquals(URI.create("https://vault-1.example.org:8200"), config.address());
    assertEquals(List.of(URI.create("http://10.0.0.2")), config.peers());
    assertEquals(30, config.backup().keepDaily());
    assertEquals(Duration.ofSeconds(90), config.backup().timeout());
    assertEquals(ByteSize.mebibytes(1), config.backup().chunk());
    assertEquals(SampleConfig.Retention.EVERY_DAY, config.backup().retention());
    assertEquals(Path.of("/srv/spool"), config.backup().spool());
    assertEquals(List.of("a", "b"), config.backup().tags());
    assertEquals(new SecretSource.FromFile(Path.of("/run/token")), config.backup().token());
    assertEquals(Map.of("alice", "hash1", "b.c", "hash2"), config.users());
    assertEquals(List.of("two", "one"), List.copyOf(config.stores().keySet()));
  }

  @Test
  void null_takes_a_default_away() throws IOException {
    assertEquals(
        "backup.spool: is required",
        first("backup { token.env = TOKEN, spool = null }").replaceAll(".*conf:1: ", ""));
  }

  @Test
  void a_value_may_be_used_twice_within_the_file() throws IOException {
    SampleConfig config = read("name = n7, region = ${name}, backup.token.env = TOKEN");

    assertEquals(Optional.of("n7"), config.region());
  }

  @Test
  void a_secret_of_the_environment_is_the_one_given_when_parsing() throws IOException {
    assertEquals(
        new Secret("from-the-environment"),
        read("backup.token.env = TOKEN").backup().token().read());
  }

  @Test
  void a_credential_is_a_file_of_the_folder_that_systemd_names() throws IOException {
    Path file = Files.writeString(folder.resolve("vault-token"), "s.credential\n");
    Path conf =
        Files.writeString(folder.resolve("c.conf"), "backup.token.credential = vault-token");

    SampleConfig config =
        SampleConfig.read(conf, Map.of("CREDENTIALS_DIRECTORY", folder.toString()));

    assertEquals(new SecretSource.FromFile(file, true), config.backup().token());
    assertEquals(new Secret("s.credential"), config.backup().token().read());
  }

  @Test
  void a_bug_in_the_program_is_not_blamed_on_the_user() throws IOException {
    Path conf = Files.writeString(folder.resolve("c.conf"), "");

    assertThrows(
        IllegalStateException.class,
        () ->
            ConfigFile.read(
                conf,
                "",
                Map.of(),
                root -> {
                  throw new IllegalStateException("bug");
                }));
  }

  @Test
  void has_speaks_of_the_users_file_alone() throws IOException {
    Path conf = Files.writeString(folder.resolve("c.conf"), "a = 1, b = null");

    List<Boolean> has =
        ConfigFile.read(
            conf,
            "c = 1",
            Map.of(),
            root -> List.of(root.has("a"), root.has("b"), root.has("c"), root.path().isEmpty()));

    assertEquals(List.of(true, false, false, true), has);
  }

  @Test
  void a_rendered_problem_never_shows_a_secret() throws IOException {
    assertFalse(first("backup.token = hunter2").contains("hunter2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include \"other\"",
        "include file(\"other.conf\")",
        "include url(\"file:///other.conf\")",
        "include classpath(\"other.conf\")"
      })
  void no_second_file_decides_what_this_one_means(String include) {
    assertEquals(
        folder.resolve("c.conf") + ":2: include is not supported", first("name = a\n" + include));
  }

  @Test
  void the_names_below_a_key_are_those_of_the_users_file() throws IOException {
    Path conf = Files.writeString(folder.resolve("c.conf"), "stores { b.x = 1\n a.x = 1 }");

    List<String> names =
        ConfigFile.read(
            conf,
            "stores { default.x = 1 }",
            Map.of(),
            root -> {
              for (String name : root.names("stores")) {
                assertEquals(1, root.section("stores").section(name).number("x", 1, 1));
              }
              return root.names("stores");
            });

    assertEquals(List.of("b", "a"), names);
  }

  @Test
  void a_problem_of_a_whole_block_is_told_at_its_key() throws IOException {
    Path conf = Files.writeString(folder.resolve("c.conf"), "\nvault { a = 1 }");

    var refused =
        assertThrows(
            ConfigException.class,
            () ->
                ConfigFile.read(
                    conf,
                    "vault { a = 1 }",
                    Map.of(),
                    root -> {
                      root.section("vault").problem("", "is of no use", "remove it");
                      return root.section("vault").number("a", 1, 1);
                    }));

    assertEquals("vault", refused.problems().getFirst().key());
  }

  @Test
  void odd_values_of_secrets_are_refused_and_not_quoted() throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve("c.conf"), "backup { token.env = TWO, spare-token.env = \"a-b\" }");

    var refused =
        assertThrows(
            ConfigException.class, () -> SampleConfig.read(conf, Map.of("TWO", "hunter2 hunter3")));

    String text = ConfigFile.render(refused);
    assertTrue(text.contains("environment variable TWO holds more than one word"), text);
    assertTrue(text.contains("expected the name of an environment variable"), text);
    assertFalse(text.contains("hunter"), text);
  }

  @Test
  void a_file_among_the_credentials_needs_no_mode_of_its_own() throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve("c.conf"), "backup.token.file = \"%s/token\"".formatted(folder));

    SampleConfig config =
        SampleConfig.read(conf, Map.of("CREDENTIALS_DIRECTORY", folder.toString()));

    assertEquals(new SecretSource.FromFile(folder.resolve("token"), true), config.backup().token());
  }

  @Test
  void a_null_in_a_list_and_a_long_text_are_shown_for_what_they_are() throws IOException {
    assertTrue(
        first("backup { token.env = TOKEN, tags = [null] }").contains("null"),
        first("backup { token.env = TOKEN, tags = [null] }"));
    assertTrue(
        first("backup { token.env = TOKEN, keep-daily = \"%s\" }".formatted("x".repeat(80)))
            .endsWith("x…\""));
  }

  private SampleConfig read(String hocon) throws IOException {
    return SampleConfig.read(
        Files.writeString(folder.resolve("c.conf"), hocon), SampleConfig.ENVIRONMENT);
  }

  private String first(String hocon) {
    var refused = assertThrows(ConfigException.class, () -> read(hocon));
    return ConfigFile.render(refused).lines().findFirst().orElseThrow();
  }
}
