package dev.lifeboat.store.sftp;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.store.SftpConfig;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;

/// A [Store] in one folder of another machine: an object is a file of its name. Nothing is asked of
/// the server before it is needed, and the folder must be there.
public final class SftpStore implements Store {
  /*
   * How an object comes to be. Written into an Upload under a hidden name, hashed on the way,
   * fsync'd, read back over the network and compared; then it is given its name without
   * overwriting: by hardlink@openssh.com, which fails when the name is taken, or else by the
   * plain rename of SFTP version 3, which the protocol says must fail then (and OpenSSH's does; a
   * server whose rename overwrites is found out before the first one and not used). Never by
   * posix-rename@openssh.com, which overwrites. Then fsync once more: SFTP cannot fsync a folder,
   * but ext4, xfs and btrfs commit a file's new name with the file. Last the hidden name goes.
   *
   * A death before the name is given leaves a hidden file, which cleanUp removes after a day, by
   * the server's times; what this process itself left behind it remembers and removes at once. An
   * answer that is lost just when the name is given leaves a whole object and a put that failed:
   * nothing in SFTP 3 tells our file from another one of the same content, and two writers must
   * not both win. The backup fails then, and its object goes like every orphan.
   */
  private static final Duration DEAD_AFTER = Duration.ofDays(1);
  private static final System.Logger logger = System.getLogger(SftpStore.class.getName());

  private final String name;
  private final String folder;
  private final Server server;
  private final InstantSource clock;
  private final Set<String> left = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean renameProven = new AtomicBoolean();

  private SftpStore(String name, SftpConfig config, InstantSource clock) {
    this.name = name;
    this.folder = config.folder();
    this.server = new Server(name, config);
    this.clock = clock;
  }

  /// @param clock says how old a partial object is
  public static SftpStore open(String name, SftpConfig config, InstantSource clock) {
    return new SftpStore(name, config, clock);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void put(String object, Path source, String sha256) {
    Store.checkedName(object);
    try (InputStream bytes = Files.newInputStream(source)) {
      put(object, bytes, sha256);
    } catch (IOException e) {
      throw unreadable(source, e);
    } catch (Upload.SourceException e) {
      throw unreadable(source, e);
    }
  }

  private StoreException unreadable(Path source, Exception e) {
    return server.failures().said(Reason.UNAVAILABLE, "cannot read the source " + source, e);
  }

  @Override
  public void put(String object, byte[] content) {
    Store.checkedName(object);
    String sha256 = HexFormat.of().formatHex(Upload.sha256().digest(content));
    put(object, new ByteArrayInputStream(content), sha256);
  }

  private void put(String object, InputStream bytes, String sha256) {
    String doing = "cannot store " + place(object);
    server.ask(
        doing,
        connection -> {
          if (exists(connection, object)) {
            throw server.failures().taken(object);
          }
          try (Upload upload = Upload.create(connection, folder, object, left)) {
            try {
              prove("what was to be sent has", upload.write(bytes), sha256, object);
              prove("the server returns", upload.readBack(), sha256, object);
              publish(connection, upload, object);
            } catch (IOException e) {
              // Before the upload is removed: afterwards a full disk is full no more, and on a
              // connection that broke nobody is to wait once more.
              throw server.translated(doing, e, connection);
            }
          }
          return null;
        });
  }

  private void prove(String what, String found, String expected, String object) {
    if (!found.equals(expected)) {
      throw server
          .failures()
          .said(
              Reason.CORRUPTED,
              "%s was not stored: %s the SHA-256 %s, expected %s\nhint: %s"
                  .formatted(
                      place(object),
                      what,
                      found,
                      expected,
                      "look at disk and memory, here and over there"));
    }
  }

  private void publish(Connection connection, Upload upload, String object) throws IOException {
    HardLink hardLink = connection.hardLink();
    boolean linked = false;
    if (hardLink.isSupported()) {
      try {
        hardLink.link(upload.path(), path(object));
        linked = true;
      } catch (SftpException e) {
        // Taken, or a file system without hard links. OpenSSH answers the same to both.
        refuseTaken(connection, object);
      }
    }
    if (!linked) {
      rename(connection, upload, object);
    }
    upload.sync();
  }

  private void rename(Connection connection, Upload upload, String object) throws IOException {
    if (!renameProven.get()) {
      proveRename(connection);
    }
    refuseTaken(connection, object);
    try {
      connection.sftp().rename(upload.path(), path(object));
    } catch (SftpException e) {
      refuseTaken(connection, object);
      throw e;
    }
    upload.renamed();
  }

  /// Renames one file of ours onto another, which must fail.
  private void proveRename(Connection connection) throws IOException {
    try (Upload one = Upload.create(connection, folder, "one", left);
        Upload other = Upload.create(connection, folder, "other", left)) {
      connection.sftp().rename(one.path(), other.path());
      one.renamed();
    } catch (SftpException e) {
      renameProven.set(true);
      return;
    }
    throw server
        .failures()
        .said(
            Reason.UNAVAILABLE,
            "the server of %s overwrites when it renames, so nothing is safe there\nhint: %s"
                .formatted(
                    place(""), "use OpenSSH's server, or another one with hardlink@openssh.com"));
  }

  private void refuseTaken(Connection connection, String object) throws IOException {
    if (exists(connection, object)) {
      throw server.failures().taken(object);
    }
  }

  private boolean exists(Connection connection, String object) throws IOException {
    try {
      var ignored = connection.sftp().lstat(path(object));
      return true;
    } catch (SftpException e) {
      if (isMissing(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean isMissing(SftpException e) {
    return e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE
        || e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_PATH;
  }

  @Override
  public InputStream open(String object) {
    return ResumedInput.open(server, object, path(Store.checkedName(object)));
  }

  @Override
  public byte[] read(String object, int maxBytes) {
    try (ResumedInput stored = ResumedInput.open(server, object, path(Store.checkedName(object)))) {
      if (stored.length() > maxBytes) {
        throw server
            .failures()
            .said(
                Reason.CORRUPTED,
                "%s is larger than the %s that it may be"
                    .formatted(place(object), new ByteSize(maxBytes)));
      }
      return stored.readNBytes(maxBytes);
    } catch (IOException e) {
      throw new IllegalStateException("its reads throw no such thing", e);
    }
  }

  @Override
  public List<StoredObject> list() {
    return entries().stream()
        .filter(entry -> Store.isName(entry.getFilename()) && entry.getAttributes().isRegularFile())
        .map(SftpStore::stored)
        .sorted(Comparator.comparing(StoredObject::name))
        .toList();
  }

  private static StoredObject stored(DirEntry entry) {
    long bytes = entry.getAttributes().getSize();
    Instant modified = entry.getAttributes().getModifyTime().toInstant();
    return new StoredObject(entry.getFilename(), bytes, modified, modified + "/" + bytes);
  }

  private List<DirEntry> entries() {
    return server.ask(
        "cannot list " + place(""),
        connection -> {
          List<DirEntry> all = new ArrayList<>();
          try (SftpClient.CloseableHandle handle = connection.sftp().openDir(folder)) {
            List<DirEntry> some = connection.sftp().readDir(handle);
            while (some != null) {
              all.addAll(some);
              some = connection.sftp().readDir(handle);
            }
          }
          return all;
        });
  }

  @Override
  public void delete(String object) {
    remove(path(Store.checkedName(object)), "cannot delete " + place(object));
  }

  private void remove(String path, String doing) {
    try {
      server.ask(
          doing,
          connection -> {
            connection.sftp().remove(path);
            return null;
          });
    } catch (StoreException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  /// What the server gives a new file, in whole seconds.
  @Override
  public Instant now() {
    return server.ask(
        "cannot read the clock of " + place(""),
        connection -> {
          try (Upload upload = Upload.create(connection, folder, "now", left)) {
            return connection.sftp().stat(upload.path()).getModifyTime().toInstant();
          }
        });
  }

  @Override
  public void cleanUp() {
    Instant dead = clock.instant().minus(DEAD_AFTER);
    int removed = 0;
    for (DirEntry entry : entries()) {
      String path = path(entry.getFilename());
      if (entry.getFilename().startsWith(Upload.PREFIX)
          && (entry.getAttributes().getModifyTime().toInstant().isBefore(dead)
              || left.contains(path))) {
        remove(path, "cannot clean up " + path);
        left.remove(path);
        removed++;
      }
    }
    if (removed > 0) {
      logger.log(
          System.Logger.Level.INFO,
          "event=store_cleaned store={0} removed={1}",
          name,
          Integer.toString(removed));
    }
  }

  private String path(String object) {
    return folder + "/" + object;
  }

  private String place(String object) {
    return server.failures().place(object);
  }

  @Override
  public void close() {
    server.close();
  }
}
