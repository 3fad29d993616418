package dev.lifeboat.lab;

import static dev.lifeboat.store.StoreContract.assertRefused;
import static dev.lifeboat.store.StoreContract.assertSays;
import static dev.lifeboat.store.StoreContract.bytes;
import static dev.lifeboat.store.StoreContract.file;
import static dev.lifeboat.store.StoreContract.sha256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.ssh.HostKey;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreContract;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The suite of every store against OpenSSH's server, with and without its extensions, and what
/// only a login can do.
class SftpStoreTest {
  @TempDir static Path folder;
  private static Sshd sshd;
  private static Sshd plain;
  private static int places;

  @TempDir Path work;

  @BeforeAll
  static void start() {
    sshd = Sshd.start(folder.resolve("sshd"), "");
    plain = Sshd.start(folder.resolve("plain"), "-P hardlink,fsync,statvfs,posix-rename,fsetstat");
  }

  @AfterAll
  static void stop() {
    sshd.close();
    plain.close();
  }

  /// An empty place of its own.
  private static SftpSite site(Sshd server) {
    places++;
    return SftpSite.in(server, Folders.create(folder.resolve("place-" + places)));
  }

  abstract static class Contract implements StoreContract {
    private final SftpSite site;

    Contract(SftpSite site) {
      this.site = site;
    }

    @Override
    public Store open() {
      return site.open();
    }

    @Override
    public void leavePartial(String object, byte[] content) throws Exception {
      Path left = site.folder().resolve(".partial-0123456789abcdef-" + object);
      Files.write(left, content);
      Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
    }
  }

  @Nested
  class WithTheExtensionsOfOpenSsh extends Contract {
    WithTheExtensionsOfOpenSsh() {
      super(site(sshd));
    }
  }

  @Nested
  class WithNothingButVersion3 extends Contract {
    WithNothingButVersion3() {
      super(site(plain));
    }
  }

  @Test
  void nothing_but_the_object_stays_and_only_its_owner_reads_it() throws Exception {
    for (Sshd server : List.of(sshd, plain)) {
      SftpSite site = site(server);
      try (Store store = site.open()) {
        store.put("a", new byte[] {1});
        assertRefused(Reason.EXISTS, () -> store.put("a", new byte[] {2}));
        Path wrong = file(work, bytes(10, 1));
        assertRefused(Reason.CORRUPTED, () -> store.put("b", wrong, sha256(bytes(10, 2))));
      }
      try (var files = Files.list(site.folder())) {
        assertEquals(List.of(site.folder().resolve("a")), files.toList());
      }
      if (server == sshd) {
        assertEquals(
            "rw-------",
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(site.folder().resolve("a"))));
      }
    }
  }

  @Test
  void a_partial_of_today_stays_and_one_of_yesterday_goes() throws Exception {
    SftpSite site = site(sshd);
    Path young = Files.write(site.folder().resolve(".partial-0000000000000001-a"), new byte[1]);
    Path old = Files.write(site.folder().resolve(".partial-0000000000000002-a"), new byte[1]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
    try (Store store = site.open()) {
      store.cleanUp();
    }
    assertTrue(Files.exists(young));
    assertFalse(Files.exists(old));
  }

  @Test
  void links_folders_and_foreign_names_are_no_objects() throws Exception {
    SftpSite site = site(sshd);
    Files.createSymbolicLink(site.folder().resolve("link"), Path.of("/etc/hostname"));
    Files.createDirectory(site.folder().resolve("folder"));
    Files.write(site.folder().resolve("a b"), new byte[1]);
    try (Store store = site.open()) {
      assertEquals(List.of(), store.list());
      assertRefused(Reason.NOT_FOUND, () -> store.open("link").close());
      assertRefused(Reason.EXISTS, () -> store.put("link", new byte[1]));
    }
  }

  @Test
  void hashed_names_and_plain_ones_of_known_hosts_are_found() throws Exception {
    Path file = work.resolve("known_hosts");
    Files.writeString(
        file,
        """
        # a comment
        not a line at all
        other.example.net %s
        [127.0.0.1]:%d %s
        """
            .formatted(sshd.hostKey(), sshd.port(), sshd.hostKey()));
    SftpSite site = site(sshd).known(new HostKey.KnownHosts(file));
    try (Store store = site.open()) {
      assertEquals(List.of(), store.list());
    }
    // Hashes every name, and keeps the old file beside it.
    Files.writeString(file, "[127.0.0.1]:%d %s\n".formatted(sshd.port(), sshd.hostKey()));
    Sshd.keygen("-H", "-f", file.toString());
    assertTrue(Files.readString(file).startsWith("|1|"), Files.readString(file));
    try (Store store = site.open()) {
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  void an_unknown_host_is_refused_with_its_fingerprint() throws Exception {
    Path file = Files.createFile(work.resolve("known_hosts"));
    try (Store store = site(sshd).known(new HostKey.KnownHosts(file)).open()) {
      StoreException e = assertRefused(Reason.DENIED, store::list);
      assertSays("SHA256:", e);
      assertSays("is not in " + file, e);
      assertSays("hint: compare it with `ssh-keygen -lf`", e);
      assertEquals("", Files.readString(file));
    }
  }

  @Test
  void a_changed_or_revoked_host_key_is_refused() throws Exception {
    try (Store store = site(sshd).known(new HostKey.Pinned(plain.hostKey())).open()) {
      StoreException e = assertRefused(Reason.DENIED, () -> store.put("a", new byte[1]));
      assertSays("has changed: it shows ssh-ed25519 SHA256:", e);
      assertSays("host-key has ssh-ed25519 SHA256:", e);
    }
    Path file = work.resolve("known_hosts");
    String name = "[127.0.0.1]:" + sshd.port();
    Files.writeString(
        file, "%s %s\n@revoked * %s\n".formatted(name, sshd.hostKey(), sshd.hostKey()));
    try (Store store = site(sshd).known(new HostKey.KnownHosts(file)).open()) {
      assertSays("is revoked in", assertRefused(Reason.DENIED, store::list));
    }
  }

  @Test
  void a_key_of_another_type_that_the_server_has_too_is_asked_for() throws Exception {
    String[] ecdsa = Files.readString(sshd.folder().resolve("host-ecdsa.pub")).split(" ", -1);
    try (Store store =
        site(sshd).known(new HostKey.Pinned(ecdsa[0] + " " + ecdsa[1].strip())).open()) {
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  void a_login_with_a_wrong_key_is_refused() {
    Path key = work.resolve("wrong");
    Sshd.keygen("-q", "-t", "ed25519", "-N", "", "-f", key.toString());
    try (Store store = site(sshd).login(key).open()) {
      StoreException e = assertRefused(Reason.DENIED, store::list);
      assertSays("the server refused the login of " + Sshd.user(), e);
      assertSays("authorized_keys", e);
    }
  }

  @Test
  void a_private_key_may_have_a_passphrase_and_other_types() throws Exception {
    Path right = Folders.writeSecret(work.resolve("right"), "lab-only-passphrase");
    Path wrong = Folders.writeSecret(work.resolve("wrong"), "not-the-passphrase");
    for (List<String> type : List.of(List.of("ed25519"), List.of("rsa", "-b", "2048"))) {
      Path key = work.resolve("key-" + type.getFirst());
      var arguments = new java.util.ArrayList<>(List.of("-q", "-N", "lab-only-passphrase", "-t"));
      arguments.addAll(type);
      arguments.addAll(List.of("-f", key.toString()));
      Sshd.keygen(arguments.toArray(String[]::new));
      Files.writeString(
          sshd.folder().resolve("authorized_keys"),
          Files.readString(Path.of(key + ".pub")),
          java.nio.file.StandardOpenOption.APPEND);
      SftpSite site = site(sshd).login(key);
      try (Store store = site.passphrase(right).open()) {
        store.put("a", "hello".getBytes(UTF_8));
      }
      for (SftpSite failing : List.of(site, site.passphrase(wrong))) {
        try (Store store = failing.open()) {
          StoreException e = assertRefused(Reason.DENIED, store::list);
          assertSays("cannot be opened", e);
          assertFalse(
              String.valueOf(e.getMessage()).contains("not-the-passphrase"), e.getMessage());
        }
      }
    }
  }

  @Test
  void a_certificate_logs_in_without_authorized_keys() {
    Path key = work.resolve("certified");
    Sshd.keygen("-q", "-t", "ed25519", "-N", "", "-f", key.toString());
    Sshd.keygen(
        "-q",
        "-s",
        sshd.folder().resolve("ca").toString(),
        "-I",
        "lab",
        "-n",
        Sshd.user(),
        "-V",
        "+1h",
        key + ".pub");
    SftpSite site = site(sshd).login(key);
    try (Store store = site.open()) {
      assertRefused(Reason.DENIED, store::list);
    }
    try (Store store = site.certificate(Path.of(key + "-cert.pub")).open()) {
      assertEquals(List.of(), store.list());
    }
    try (Store store = site.certificate(Path.of(key + ".pub")).open()) {
      assertSays("holds no certificate", assertRefused(Reason.DENIED, store::list));
    }
  }

  @Test
  void a_private_key_that_is_open_to_others_or_none_is_refused() throws Exception {
    Path key = Files.copy(sshd.privateKey(), work.resolve("open"));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
    try (Store store = site(sshd).login(key).open()) {
      assertSays("hint: chmod 600", assertRefused(Reason.DENIED, store::list));
    }
    try (Store store = site(sshd).login(work.resolve("none")).open()) {
      assertSays("NoSuchFileException", assertRefused(Reason.DENIED, store::list));
    }
    Path empty = Folders.writeSecret(work.resolve("empty"), "nothing of the kind\n");
    try (Store store = site(sshd).login(empty).open()) {
      assertRefused(Reason.DENIED, store::list);
    }
  }

  @Test
  void a_folder_that_is_not_there_is_told_with_its_name() {
    try (Store store = site(sshd).within(Path.of("/nowhere/at/all")).open()) {
      assertSays(
          "hint: make the folder /nowhere/at/all", assertRefused(Reason.UNAVAILABLE, store::list));
      assertRefused(Reason.UNAVAILABLE, () -> store.put("a", new byte[1]));
      assertRefused(Reason.UNAVAILABLE, () -> store.read("a", 1));
    }
  }
}
