package dev.lifeboat.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.SecretSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshConnectionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir Path work;
  private TestSshd sshd;

  @BeforeEach
  void start() {
    sshd = TestSshd.start(work);
  }

  @AfterEach
  void stop() {
    sshd.close();
  }

  private static String refused(SshLogin login) {
    var refused = assertThrows(RefusedException.class, () -> SshConnection.open(login).close());
    return String.valueOf(refused.getMessage());
  }

  private static void assertSays(String said, String... words) {
    for (String word : words) {
      assertTrue(said.contains(word), said);
    }
  }

  private SshLogin known(String lines) throws IOException {
    Path file = Files.writeString(work.resolve("known_hosts"), lines);
    return sshd.login(new HostKey.KnownHosts(file), sshd.login().privateKeyFile());
  }

  private String line() {
    return "[127.0.0.1]:%d %s\n".formatted(sshd.port(), sshd.hostKey());
  }

  private static String other() {
    return PublicKeyEntry.toString(TestSshd.pair("Ed25519").getPublic());
  }

  private SshLogin with(Path key, Optional<SecretSource> passphrase, Optional<Path> certificate) {
    SshLogin login = sshd.login();
    return new SshLogin(
        login.host(),
        login.port(),
        login.user(),
        login.hostKey(),
        key,
        passphrase,
        certificate,
        login.connectTimeout(),
        login.stallTimeout());
  }

  @Test
  void a_server_whose_key_is_pinned_answers() throws Exception {
    try (var connection = SshConnection.openAsking(sshd.login())) {
      connection.ask(PATIENCE);

      assertTrue(connection.isOpen());
    }
  }

  @Test
  void a_server_that_ends_closes_the_connection() throws Exception {
    try (var connection = SshConnection.open(sshd.login())) {
      sshd.close();

      assertThrows(Exception.class, () -> connection.ask(PATIENCE));
      assertFalse(connection.isOpen());
    }
  }

  @Test
  void a_known_server_is_believed_among_lines_that_nobody_can_read() throws Exception {
    SshLogin login = known("# ours\n\n!!!\n[127.0.0.1]:1 %s\n%s".formatted(other(), line()));

    SshConnection.open(login).close();
  }

  @Test
  void an_unknown_a_changed_and_a_revoked_host_key_are_refused() throws Exception {
    assertSays(refused(known("example.net " + other())), "is not in", "ssh-keyscan -p");
    assertSays(
        refused(sshd.login(new HostKey.Pinned(other()), work.resolve("user"))),
        "has changed: it shows ssh-ed25519 SHA256:",
        "correct host-key");
    assertSays(refused(known("@revoked * %s\n%s".formatted(sshd.hostKey(), line()))), "is revoked");
  }

  @Test
  void host_keys_that_cannot_be_read_are_said() {
    assertSays(
        refused(sshd.login(new HostKey.KnownHosts(work.resolve("none")), work.resolve("user"))),
        "cannot read the known host keys (NoSuchFileException");
    assertSays(
        refused(sshd.login(new HostKey.Pinned("no key"), work.resolve("user"))),
        "cannot read the known host keys",
        "see known-hosts-file or host-key");
  }

  @Test
  void another_key_is_refused_by_the_server() throws Exception {
    Path key = TestSshd.privateKey(work.resolve("other"), TestSshd.pair("Ed25519"));

    assertSays(
        refused(sshd.login(sshd.login().hostKey(), key)),
        "the server refused the login of root",
        "authorized_keys");
  }

  @Test
  void a_private_key_that_is_open_missing_or_none_is_not_used() throws Exception {
    Path open = TestSshd.privateKey(work.resolve("open"), TestSshd.pair("Ed25519"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    Path none = Files.createFile(work.resolve("none"));
    Files.setPosixFilePermissions(none, PosixFilePermissions.fromString("rw-------"));
    HostKey known = sshd.login().hostKey();

    assertSays(refused(sshd.login(known, open)), "open to others", "chmod 600");
    assertSays(refused(sshd.login(known, work.resolve("missing"))), "cannot read the private key");
    assertSays(refused(sshd.login(known, none)), "no private key");
    Files.writeString(none, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assertSays(refused(sshd.login(known, none)), "cannot be opened");
  }

  @Test
  void a_missing_passphrase_and_what_is_no_certificate_are_said() throws Exception {
    Path user = sshd.login().privateKeyFile();
    Path publicKey =
        Files.writeString(
            work.resolve("user.pub"), PublicKeyEntry.toString(sshd.userKey().getPublic()));

    assertSays(
        refused(
            with(
                user,
                Optional.of(new SecretSource.FromFile(work.resolve("passphrase"))),
                Optional.empty())),
        "passphrase");
    assertSays(refused(with(user, Optional.empty(), Optional.of(publicKey))), "no certificate");
    assertSays(
        refused(with(user, Optional.empty(), Optional.of(work.resolve("none-cert.pub")))),
        "cannot read the certificate");
  }

  @Test
  void where_nobody_serves_there_is_no_connection() {
    sshd.close();
    SshLogin login = sshd.login();

    assertThrows(IOException.class, () -> SshConnection.open(login).close());
  }

  @Test
  void what_breaks_is_told_by_its_root_and_in_one_line() {
    var broken = new IOException(new IllegalStateException("the\nend" + "!".repeat(300)));

    assertTrue(SshTrouble.words(broken).startsWith("IllegalStateException: the end!!!"));
    assertTrue(SshTrouble.words(broken).endsWith("!…"));
    assertTrue(SshTrouble.interrupted(new IOException(new InterruptedException())));
    assertTrue(SshTrouble.interrupted(new java.io.InterruptedIOException()));
    assertFalse(SshTrouble.interrupted(new IOException(new java.net.SocketTimeoutException())));
    assertEquals("a b", SshTrouble.brief(" a\t\nb "));
  }
}
