package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.Problem;
import dev.lifeboat.http.HttpConfig;
import dev.lifeboat.http.HttpEndpoint;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.metrics.Exposition;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.vault.VaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void each_failure_of_a_node_has_its_code() {
    assertEquals(
        "denied=5 not_found=5 not_json=4 no_credential=3 no_leader=4 redirect_refused=3 refused=5"
            + " sealed=4 server_error=4 stalled=4 timeout=4 tls=3 truncated=4 unreachable=4",
        codes(VaultException.Reason.values(), reason -> new VaultException(reason, "x")));
  }

  @Test
  void each_failure_of_a_store_has_its_code() {
    assertEquals(
        "corrupted=7 denied=8 exists=8 full=8 in_use=9 not_found=10 unavailable=8",
        codes(StoreException.Reason.values(), reason -> new StoreException(reason, "x")));
  }

  @Test
  void each_failure_of_a_key_has_its_code() {
    assertEquals(
        "bad_document=7 bad_key_file=3 bad_signature=7 kms=13 unknown_signer=7 wrong_key=11",
        codes(KeyException.Reason.values(), reason -> new KeyException(reason, "x")));
  }

  @Test
  void each_failure_of_an_archive_is_a_failed_verification() {
    for (ArchiveException.Reason reason : ArchiveException.Reason.values()) {
      assertEquals(Exit.VERIFICATION_FAILED, Failure.of(new ArchiveException(reason, "x")).exit());
    }
  }

  @Test
  void each_failure_of_a_backup_has_its_code() {
    Map<String, Integer> codes = new TreeMap<>();
    for (FailureReason reason : FailureReason.values()) {
      codes.put(reason.label(), Failure.exit(reason).code());
    }
    assertEquals(
        "{busy=9, canary=6, corrupt=6, database=6, denied=5, disk_full=8, internal=1,"
            + " interrupted=130, keys=3, kit=3, kms=13, late=6, no_leader=4, readback=6, sealed=4,"
            + " stale=6, stalled=6, store=8, truncated=6, unreachable=4}",
        codes.toString());
  }

  @Test
  void a_taken_port_is_another_lifeboat() {
    assertEquals(
        Exit.ALREADY_RUNNING,
        Failure.of(new UncheckedIOException("port 9799 is taken", new BindException())).exit());
    assertEquals(
        Exit.INTERNAL, Failure.of(new UncheckedIOException("x", new IOException("y"))).exit());
  }

  @Test
  void what_the_http_server_says_of_its_address_is_no_bug() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Failure inUse = notOpened("127.0.0.1", taken.getLocalPort());
      assertEquals(Exit.ALREADY_RUNNING, inUse.exit());
      assertEquals(
          "lifeboat: cannot listen on 127.0.0.1:%d: Address already in use\n"
                  .formatted(taken.getLocalPort())
              + "hint: find what listens there with 'ss -ltnp', or set http.port",
          inUse.text());
    }
    Failure unknown = notOpened("no-such-host.invalid", 0);
    assertEquals(Exit.CONFIGURATION, unknown.exit());
    assertTrue(unknown.text().contains("\nhint: see http.host"), unknown.text());
  }

  private static Failure notOpened(String host, int port) {
    var config = new HttpConfig(host, port, Optional.empty(), Map.of());
    var nothing = new Exposition(List.of(), () -> Typed.NOW);
    return Failure.of(
        assertThrows(
            RuntimeException.class,
            () ->
                HttpEndpoint.open(
                    config,
                    nothing,
                    () -> true,
                    () -> {
                      throw new IllegalStateException("nobody asks");
                    })));
  }

  @Test
  void a_bug_is_one_sentence_for_the_user() {
    Failure failure = Failure.of(new IllegalStateException("oops"));

    assertEquals(Exit.INTERNAL, failure.exit());
    assertEquals(2, failure.text().lines().count());
    assertTrue(failure.text().contains("oops"));
  }

  @Test
  void problems_of_a_configuration_are_printed_as_they_are() {
    Failure failure =
        Failure.of(new ConfigException(List.of(new Problem("a.conf:1", "x", "unknown key", ""))));

    assertEquals("a.conf:1: x: unknown key\n1 problem; nothing was started", failure.text());
  }

  @Test
  void the_page_and_the_unit_know_every_code() throws IOException {
    Path root = Path.of(System.getProperty("lifeboat.root", ".."));
    String page = Files.readString(root.resolve("docs/exit-codes.md"));
    String unit = Files.readString(root.resolve("systemd/lifeboat.service"));

    for (Exit exit : Exit.values()) {
      assertTrue(
          page.contains("| %d | `%s` | %s |\n".formatted(exit.code(), exit.name(), exit.meaning())),
          exit.name());
    }
    assertTrue(
        unit.contains(
            "\nRestartPreventExitStatus=%d %d\n"
                .formatted(Exit.USAGE.code(), Exit.CONFIGURATION.code())));
  }

  private interface Maker<R> {
    RuntimeException of(R reason);
  }

  private static <R extends Enum<R>> String codes(R[] reasons, Maker<R> maker) {
    return String.join(
        " ",
        Arrays.stream(reasons)
            .sorted(Comparator.comparing(Enum::name))
            .map(
                reason ->
                    reason.name().toLowerCase(Locale.ROOT)
                        + "="
                        + Failure.of(maker.of(reason)).exit().code())
            .toList());
  }
}
