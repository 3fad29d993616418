package dev.lifeboat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpConfigTest {
  private static final String REFERENCE =
      """
      http {
        host = "127.0.0.1", port = 9799, allow-plain = false
        tls { certificate-file = null, private-key-file = null, client-ca-file = null }
        users {}
      }
      """;
  private static final String HASH = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.";
  private static final String TLS =
      "tls { certificate-file = \"/c.pem\", private-key-file = \"/k.pem\" }\n";

  @TempDir Path folder;

  @Test
  void defaults_are_plain_http_on_loopback() {
    assertEquals(new HttpConfig("127.0.0.1", 9799, Optional.empty(), Map.of()), read(""));
  }

  @Test
  void everything_can_be_said() {
    HttpConfig config =
        read(
            """
            host = "0.0.0.0"
            port = 443
            tls {
              certificate-file = "/c.pem"
              private-key-file = "/k.pem"
              client-ca-file = "/ca.pem"
            }
            users { prometheus = "%s" }
            """
                .formatted(HASH));

    assertEquals(
        new HttpConfig(
            "0.0.0.0",
            443,
            Optional.of(
                new HttpConfig.Tls(
                    Path.of("/c.pem"), Path.of("/k.pem"), Optional.of(Path.of("/ca.pem")))),
            Map.of("prometheus", HASH)),
        config);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.8.0.1", "::1", "localhost"})
  void loopback_may_be_plain(String host) {
    assertEquals(host, read("host = \"" + host + "\"").host());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "10.0.0.1", "vault-a.example"})
  void other_hosts_need_tls_or_a_word_that_plain_is_meant(String host) {
    String line = "host = \"" + host + "\"\n";

    assertTrue(
        mistakes(line)
            .contains(
                "http.host: \"%s\" is reachable from elsewhere, and there is neither TLS nor a user"
                    .formatted(host)));
    assertEquals(host, read(line + "allow-plain = true").host());
    assertEquals(host, read(line + TLS).host());
  }

  @Test
  void passwords_do_not_travel_in_the_clear() {
    String lines =
        "host = \"10.0.0.1\"\nallow-plain = true\nusers { prometheus = \"" + HASH + "\" }\n";

    String text = mistakes(lines);

    assertTrue(text.contains("http.users: basic auth without TLS would send passwords"), text);
    assertTrue(text.contains("hint: set http.tls.certificate-file"), text);
  }

  @ParameterizedTest
  @CsvSource({
    "certificate-file, http.tls.private-key-file: missing",
    "private-key-file, http.tls.certificate-file: missing",
    "client-ca-file, http.tls.client-ca-file: /x.pem has no effect without TLS"
  })
  void half_of_tls_is_none(String key, String message) {
    String text = mistakes("host = \"10.0.0.1\"\ntls { " + key + " = \"/x.pem\" }\n");

    assertTrue(text.contains(message), text);
    assertTrue(text.contains("1 problem;"), text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prometheus|hunter2|expected a bcrypt hash",
        "prometheus|$2y$07$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.|found 7",
        "prometheus|$2y$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.|found 31",
        "prometheus|$2x$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.|a bcrypt hash",
        "a b|$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.|the name may hold"
      })
  void a_user_needs_a_good_hash_which_is_never_quoted(String name, String hash, String message) {
    String text = mistakes("users { \"" + name + "\" = \"" + hash + "\" }\n");

    assertTrue(text.contains(message), text);
    assertTrue(!text.contains(hash), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "65536", "many"})
  void a_port_is_from_0_to_65535(String port) {
    assertTrue(mistakes("port = " + port + "\n").contains("http.port: "));
  }

  private HttpConfig read(String http) {
    Path file = folder.resolve("lifeboat.conf");
    try {
      Files.writeString(file, "http {\n" + http + "\n}\n");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return ConfigFile.read(
        file, REFERENCE, Map.of(), root -> HttpConfig.from(root.section("http")));
  }

  private String mistakes(String http) {
    return ConfigFile.render(assertThrows(ConfigException.class, () -> read(http)));
  }
}
